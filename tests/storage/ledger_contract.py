"""What every `Ledger` has to keep to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.changes import Changes
from tokendeck.core.connection import ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.errors import NameTaken, NoSuchConnection
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tokendeck.core.connection import Connection
    from tokendeck.engine.ports import Ledger, Vault

from tests.storage.samples import NOW, SOME_CALL, SOME_TROUBLE, make_connection, make_tokens, must


class LedgerContract:
    """Subclasses give the fixtures `ledger` and `vault` of one open storage."""

    async def test_an_empty_store_lists_nothing(self, ledger: Ledger) -> None:
        assert await ledger.records() == ()

    async def test_a_connection_reads_back_as_it_was_put(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection(paused=True)

        await vault.put(connection, {})

        assert await ledger.records() == (ConnectionRecord(connection),)
        assert await ledger.record(connection.id) == ConnectionRecord(connection)

    async def test_records_come_in_order_of_their_names_without_regard_to_case(
        self, ledger: Ledger, vault: Vault
    ) -> None:
        for name in ("beta", "Alpha", "Gamma", "ärger", "ZETA"):
            await vault.put(make_connection(name), {})

        names = [record.connection.name for record in await ledger.records()]

        assert names == ["Alpha", "beta", "Gamma", "ZETA", "ärger"]

    async def test_an_unknown_connection_is_none(self, ledger: Ledger) -> None:
        assert await ledger.record("0" * 32) is None

    async def test_pausing_and_resuming_is_kept(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})

        await ledger.set_paused(connection.id, paused=True)
        paused = await must(ledger.record(connection.id))
        await ledger.set_paused(connection.id, paused=False)
        resumed = await must(ledger.record(connection.id))

        assert (paused.connection.paused, resumed.connection.paused) == (True, False)

    @pytest.mark.parametrize(
        "trouble",
        [SOME_TROUBLE, Trouble(TroubleKind.SIGN_IN, NOW), Trouble(TroubleKind.NEEDS_ATTENTION, NOW, code="x"), None],
    )
    async def test_trouble_is_kept_in_full(self, ledger: Ledger, vault: Vault, trouble: Trouble | None) -> None:
        connection = make_connection()
        await vault.put(connection, {})

        await ledger.note_trouble(connection.id, SOME_TROUBLE)
        await ledger.note_trouble(connection.id, trouble)

        assert (await must(ledger.record(connection.id))).trouble == trouble

    async def test_a_refusal_is_kept_while_what_was_refused_is_there(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})
        saved = await vault.save_tokens(connection.id, make_tokens())
        version = (await vault.credentials(connection.id)).version

        kept = await ledger.note_refusal(connection.id, SOME_TROUBLE, version=version, serial=saved.facts.serial)

        assert kept
        assert (await must(ledger.record(connection.id))).trouble == SOME_TROUBLE

    async def test_a_refusal_of_the_tokens_alone_outlives_an_edit(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})
        await vault.put(connection, {"a": Secret("2")}, edited_at=NOW)

        kept = await ledger.note_refusal(connection.id, SOME_TROUBLE, version=None, serial=0)

        assert kept
        assert (await must(ledger.record(connection.id))).trouble == SOME_TROUBLE

    @pytest.mark.parametrize(
        "happen",
        [
            lambda vault, one: vault.put(one, {"a": Secret("2")}),
            lambda vault, one: vault.put(replace(one, name="Renamed"), {}),
            lambda vault, one: vault.save_tokens(one.id, make_tokens()),
        ],
        ids=["secret", "settings", "tokens"],
    )
    async def test_a_refusal_is_not_held_against_what_has_come_since(
        self, ledger: Ledger, vault: Vault, happen: Callable[[Vault, Connection], Awaitable[object]]
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})
        version = (await vault.credentials(connection.id)).version

        await happen(vault, connection)
        kept = await ledger.note_refusal(connection.id, SOME_TROUBLE, version=version, serial=0)

        assert not kept
        assert (await must(ledger.record(connection.id))).trouble is None

    async def test_a_refresh_whose_end_nobody_saw_is_known(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})

        await ledger.begin_refresh(connection.id, NOW)
        begun = await must(ledger.record(connection.id))
        await ledger.end_refresh(connection.id)
        ended = await must(ledger.record(connection.id))

        assert (begun.cut_off_at, ended.cut_off_at) == (NOW, None)

    async def test_a_test_goes_into_history_and_moves_last_good_at_only_if_it_works(
        self, ledger: Ledger, vault: Vault
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        later = replace(SOME_CALL, at=NOW + timedelta(hours=1), outcome="refused", status=None, latency_ms=None)

        await ledger.note_call(connection.id, SOME_CALL)
        await ledger.note_call(connection.id, later)

        record = await must(ledger.record(connection.id))
        assert record.last_call == later
        assert record.last_good_at == NOW
        assert await ledger.history(connection.id, 10) == (SOME_CALL, later)
        assert await ledger.history(connection.id, 1) == (later,)

    async def test_history_keeps_the_newest_two_hundred(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        calls = [replace(SOME_CALL, latency_ms=float(number)) for number in range(203)]

        for call in calls:
            await ledger.note_call(connection.id, call)

        assert await ledger.history(connection.id, 1000) == tuple(calls[3:])

    async def test_notes_about_a_connection_that_is_gone_are_dropped(self, ledger: Ledger) -> None:
        await ledger.note_call("gone", SOME_CALL)
        await ledger.note_trouble("gone", SOME_TROUBLE)
        assert not await ledger.note_refusal("gone", SOME_TROUBLE, version=1, serial=0)
        await ledger.begin_refresh("gone", NOW)
        await ledger.end_refresh("gone")
        await ledger.set_paused("gone", paused=True)
        await ledger.hide("gone")
        await ledger.purge("gone")

        assert await ledger.records() == ()
        assert await ledger.history("gone", 10) == ()

    async def test_a_hidden_connection_is_in_no_list_and_its_name_is_free(self, ledger: Ledger, vault: Vault) -> None:
        first, second = make_connection("Shop"), make_connection("SHOP")
        await vault.put(first, {})

        await ledger.hide(first.id)
        await vault.put(second, {})

        assert await ledger.record(first.id) is None
        assert [record.connection for record in await ledger.records()] == [second]

    async def test_several_connections_can_be_hidden_at_once(self, ledger: Ledger, vault: Vault) -> None:
        connections = [make_connection("one"), make_connection("two")]
        for connection in connections:
            await vault.put(connection, {})

        for connection in connections:
            await ledger.hide(connection.id)
        await ledger.unhide(connections[0].id)

        assert [record.connection for record in await ledger.records()] == connections[:1]

    async def test_undoing_a_deletion_brings_everything_back(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"clientSecret": Secret("s")})
        await vault.save_tokens(connection.id, make_tokens())
        await ledger.note_call(connection.id, SOME_CALL)
        before = await ledger.record(connection.id)

        await ledger.hide(connection.id)
        await ledger.unhide(connection.id)

        assert await ledger.record(connection.id) == before
        assert await vault.secrets_to_edit(connection.id) == {"clientSecret": Secret("s")}

    async def test_tokens_that_arrive_for_a_hidden_connection_are_saved(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await ledger.hide(connection.id)

        await vault.save_tokens(connection.id, make_tokens())
        await ledger.unhide(connection.id)

        kept = await vault.tokens(connection.id)
        assert kept is not None
        assert kept.refresh_token == Secret("refresh-1")

    async def test_undo_is_refused_where_the_name_was_used_meanwhile(self, ledger: Ledger, vault: Vault) -> None:
        first, second = make_connection("Straße"), make_connection("STRASSE")
        await vault.put(first, {})
        await ledger.hide(first.id)
        await vault.put(second, {})

        with pytest.raises(NameTaken) as caught:
            await ledger.unhide(first.id)

        assert caught.value.name == "Straße"

    async def test_undo_after_the_purge_finds_nothing(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await ledger.hide(connection.id)
        await ledger.purge(connection.id)

        with pytest.raises(NoSuchConnection):
            await ledger.unhide(connection.id)

    async def test_a_purge_leaves_nothing_and_can_be_repeated(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"clientSecret": Secret("s")})
        await vault.save_tokens(connection.id, make_tokens())
        await ledger.note_call(connection.id, SOME_CALL)
        await ledger.hide(connection.id)

        await ledger.purge(connection.id)
        await ledger.purge(connection.id)

        assert await ledger.records() == ()
        assert await ledger.history(connection.id, 10) == ()
        assert await vault.secrets_to_edit(connection.id) == {}
        assert await vault.tokens(connection.id) is None

    async def test_a_purge_spares_what_was_brought_back(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"clientSecret": Secret("s")})
        await ledger.hide(connection.id)
        await ledger.unhide(connection.id)

        await ledger.purge(connection.id)

        assert len(await ledger.records()) == 1
        assert await vault.secrets_to_edit(connection.id) == {"clientSecret": Secret("s")}

    async def test_purging_the_hidden_spares_what_this_process_may_still_bring_back(
        self, ledger: Ledger, vault: Vault
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await ledger.hide(connection.id)

        await ledger.purge_hidden()
        await ledger.unhide(connection.id)

        assert len(await ledger.records()) == 1

    async def test_everything_has_changed_since_the_beginning(self, ledger: Ledger, vault: Vault) -> None:
        for name in ("Shop", "Desk"):
            await vault.put(make_connection(name), {})

        changes = await ledger.changes(0)

        assert sorted(record.connection.name for record in changes.records) == ["Desk", "Shop"]
        assert changes.remaining is None

    async def test_nothing_has_changed_since_the_last_look(self, ledger: Ledger, vault: Vault) -> None:
        await vault.put(make_connection(), {})
        mark = (await ledger.changes(0)).mark

        assert await ledger.changes(mark) == Changes(mark)

    @pytest.mark.parametrize(
        "change",
        [
            lambda _, vault, one: vault.put(one, {"clientSecret": Secret("s")}),
            lambda _, vault, one: vault.save_tokens(one.id, make_tokens()),
            lambda _, vault, one: vault.discard_tokens(one.id, 1),
            lambda _, vault, one: vault.forget_tokens(one.id, 1),
            lambda ledger, _, one: ledger.set_paused(one.id, paused=True),
            lambda ledger, _, one: ledger.note_trouble(one.id, SOME_TROUBLE),
            lambda ledger, _, one: ledger.begin_refresh(one.id, NOW),
            lambda ledger, _, one: ledger.end_refresh(one.id),
            lambda ledger, _, one: ledger.note_call(one.id, SOME_CALL),
        ],
        ids=["put", "save", "discard", "forget", "pause", "trouble", "begin", "end", "call"],
    )
    async def test_a_change_is_one_of_that_connection_alone(
        self, ledger: Ledger, vault: Vault, change: Callable[[Ledger, Vault, Connection], Awaitable[object]]
    ) -> None:
        changed, other = make_connection("Shop"), make_connection("Desk")
        await vault.put(other, {})
        await vault.put(changed, {})
        await vault.save_tokens(changed.id, make_tokens())
        mark = (await ledger.changes(0)).mark

        await change(ledger, vault, changed)

        changes = await ledger.changes(mark)
        assert changes.mark > mark
        assert changes.records == (await ledger.record(changed.id),)
        assert changes.remaining is None

    @pytest.mark.parametrize("purged", [False, True])
    async def test_what_left_the_list_is_told_by_what_remains(
        self, ledger: Ledger, vault: Vault, *, purged: bool
    ) -> None:
        gone, left = make_connection("Shop"), make_connection("Desk")
        await vault.put(gone, {})
        await vault.put(left, {})
        mark = (await ledger.changes(0)).mark

        await ledger.hide(gone.id)
        if purged:
            await ledger.purge(gone.id)

        changes = await ledger.changes(mark)
        assert changes == Changes(changes.mark, (), frozenset({left.id}))
        assert await ledger.changes(changes.mark) == Changes(changes.mark)

    async def test_what_comes_back_has_changed(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await ledger.hide(connection.id)
        mark = (await ledger.changes(0)).mark

        await ledger.unhide(connection.id)

        assert [record.connection for record in (await ledger.changes(mark)).records] == [connection]

    async def test_closing_twice_is_no_error(self, ledger: Ledger) -> None:
        await ledger.close()
        await ledger.close()
