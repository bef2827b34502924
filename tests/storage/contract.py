"""What every `Ledger` and every `Vault` has to keep to, whatever guards it."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.errors import NameTaken, NoSuchConnection, VaultLocked
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.moment import Moment
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.core.vault import VaultOpen, VaultShut

if TYPE_CHECKING:
    from tokendeck.engine.ports import Ledger, Vault

NOW = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)
MOMENT = Moment(NOW, 12345.678, "boot-1")
SOME_TROUBLE = Trouble(
    TroubleKind.WAITING,
    NOW,
    code="connect",
    words="Zeit überschritten",
    status=503,
    attempts=3,
    retry_at=NOW + timedelta(seconds=4),
    hold_until=NOW + timedelta(seconds=3),
)
SOME_CALL = CallFacts(NOW, "payments", "works", 200, 12.5, retried=True)

Unlock = Callable[[], Awaitable[object]]


def make_connection(name: str = "Shop", **changes: object) -> Connection:
    connection = Connection(
        id=uuid.uuid4().hex,
        name=name,
        provider="payos",
        environment="production",
        grant="client_credentials",
        created_at=NOW,
        values={"merchantId": "4711 ü"},
        overrides={"base_url": "http://127.0.0.1:1"},
        tags=("a", "b"),
        confirmed_origins=("https://api.example",),
    )
    return replace(connection, **changes)  # type: ignore[arg-type]  # the tests name real fields


def make_tokens(
    access_token: str = "access-1",
    refresh_token: str | None = "refresh-1",
    *,
    expiry: Expiry | None = None,
    scope: tuple[str, ...] | None = ("read", "write"),
    token_type: str = "Bearer",
) -> TokenSet:
    facts = TokenFacts(
        asked_at=MOMENT,
        expiry=expiry or At(NOW + timedelta(seconds=300), ExpirySource.EXPIRES_IN),
        scope=scope,
        has_refresh_token=refresh_token is not None,
    )
    return TokenSet(Secret(access_token), None if refresh_token is None else Secret(refresh_token), facts, token_type)


async def must(record: Awaitable[ConnectionRecord | None]) -> ConnectionRecord:
    found = await record
    assert found is not None
    return found


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
        assert await vault.secrets(connection.id) == {"clientSecret": Secret("s")}

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

        await ledger.purge(connection.id)
        await ledger.purge(connection.id)

        assert await ledger.records() == ()
        assert await ledger.history(connection.id, 10) == ()
        assert await vault.secrets(connection.id) == {}
        assert await vault.tokens(connection.id) is None

    async def test_purging_the_hidden_spares_what_this_process_may_still_bring_back(
        self, ledger: Ledger, vault: Vault
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await ledger.hide(connection.id)

        await ledger.purge_hidden()
        await ledger.unhide(connection.id)

        assert len(await ledger.records()) == 1

    async def test_own_changes_do_not_count_as_changes_elsewhere(self, ledger: Ledger, vault: Vault) -> None:
        before = await ledger.changed_elsewhere()
        await vault.put(make_connection(), {})

        assert (before, await ledger.changed_elsewhere()) == (False, False)

    async def test_closing_twice_is_no_error(self, ledger: Ledger) -> None:
        await ledger.close()
        await ledger.close()


class VaultContract:
    """Subclasses give the fixtures `ledger`, `vault` and `unlock` of one open storage."""

    async def test_an_open_vault_says_so(self, vault: Vault) -> None:
        assert isinstance(vault.state, VaultOpen)
        assert await vault.open() == vault.state

    async def test_secrets_read_back_as_they_were_put(self, vault: Vault) -> None:
        connection = make_connection()
        secrets = {"clientSecret": Secret("s%3cret:/+ &=~"), "pin": Secret("0000"), "odd": Secret("\ud800 lone")}

        await vault.put(connection, secrets)

        assert await vault.secrets(connection.id) == secrets

    async def test_secrets_not_named_are_kept_and_empty_ones_erased(self, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1"), "b": Secret("2"), "c": Secret("3")})

        await vault.put(connection, {"a": Secret("new"), "b": Secret("")})

        assert await vault.secrets(connection.id) == {"a": Secret("new"), "c": Secret("3")}

    async def test_a_connection_without_secrets_has_none(self, vault: Vault) -> None:
        assert await vault.secrets("gone") == {}

    async def test_an_edit_replaces_settings_clears_trouble_and_keeps_tokens(
        self, ledger: Ledger, vault: Vault
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        saved = await vault.save_tokens(connection.id, make_tokens())
        await ledger.note_trouble(connection.id, SOME_TROUBLE)
        edited = replace(connection, name="Other", values={}, overrides={}, tags=(), confirmed_origins=(), paused=True)

        await vault.put(edited, {})

        assert await ledger.record(connection.id) == ConnectionRecord(edited, token=saved.facts, serial=1)
        assert await vault.tokens(connection.id) == saved

    async def test_names_are_unique_without_regard_to_case(self, ledger: Ledger, vault: Vault) -> None:
        await vault.put(make_connection("Straße"), {})

        with pytest.raises(NameTaken) as caught:
            await vault.put(make_connection("STRASSE"), {"a": Secret("1")})

        assert caught.value.name == "STRASSE"
        assert len(await ledger.records()) == 1

    async def test_a_connection_may_keep_its_own_name(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection("Shop")
        await vault.put(connection, {})

        await vault.put(replace(connection, name="SHOP"), {})

        assert [record.connection.name for record in await ledger.records()] == ["SHOP"]

    async def test_no_tokens_were_saved_yet(self, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})

        assert await vault.tokens(connection.id) is None
        assert await vault.tokens("gone") is None

    @pytest.mark.parametrize(
        "expiry",
        [
            At(NOW, ExpirySource.EXPIRES_IN),
            At(NOW + timedelta(microseconds=1), ExpirySource.JWT),
            At(NOW + timedelta(days=36500), ExpirySource.DECLARED),
            Never("payt"),
            NotStated(),
        ],
    )
    @pytest.mark.parametrize(("scope", "refresh_token"), [(None, None), ((), "r"), (("read",), "r")])
    async def test_tokens_and_their_facts_read_back_as_they_were_saved(
        self, ledger: Ledger, vault: Vault, expiry: Expiry, scope: tuple[str, ...] | None, refresh_token: str | None
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        tokens = make_tokens("access", refresh_token, expiry=expiry, scope=scope, token_type="DPoP")

        saved = await vault.save_tokens(connection.id, tokens)

        assert saved == replace(tokens, facts=replace(tokens.facts, serial=1))
        assert await vault.tokens(connection.id) == saved
        assert (await must(ledger.record(connection.id))).token == saved.facts

    async def test_saving_clears_trouble_and_the_mark_of_a_begun_refresh(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await ledger.note_trouble(connection.id, SOME_TROUBLE)
        await ledger.begin_refresh(connection.id, NOW)

        await vault.save_tokens(connection.id, make_tokens())

        record = await must(ledger.record(connection.id))
        assert (record.trouble, record.cut_off_at) == (None, None)

    async def test_the_serial_only_grows(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})

        serials = [(await vault.save_tokens(connection.id, make_tokens(f"t{n}", None))).facts.serial for n in range(3)]
        await vault.discard_tokens(connection.id, 3)
        after = await vault.save_tokens(connection.id, make_tokens())

        assert [*serials, after.facts.serial] == [1, 2, 3, 4]
        assert (await must(ledger.record(connection.id))).serial == 4

    async def test_a_newer_issue_without_refresh_token_erases_the_old_one(self, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await vault.save_tokens(connection.id, make_tokens())

        await vault.save_tokens(connection.id, make_tokens("a2", None))

        kept = await vault.tokens(connection.id)
        assert kept is not None
        assert kept.refresh_token is None

    async def test_tokens_of_a_connection_that_is_gone_are_refused(self, vault: Vault) -> None:
        with pytest.raises(NoSuchConnection):
            await vault.save_tokens("gone", make_tokens())

    async def test_discarding_erases_the_access_token_and_keeps_the_refresh_token(
        self, ledger: Ledger, vault: Vault
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        saved = await vault.save_tokens(connection.id, make_tokens())

        await vault.discard_tokens(connection.id, saved.facts.serial)

        record = await must(ledger.record(connection.id))
        assert (record.token, record.serial) == (None, 1)
        assert await vault.tokens(connection.id) == replace(saved, access_token=Secret(""))

    async def test_discarding_without_a_refresh_token_leaves_no_tokens(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await vault.save_tokens(connection.id, make_tokens("a", None))

        await vault.discard_tokens(connection.id, 1)

        record = await must(ledger.record(connection.id))
        assert (record.token, record.serial) == (None, 1)
        assert await vault.tokens(connection.id) is None

    async def test_discarding_an_older_serial_spares_the_newer_token(self, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await vault.save_tokens(connection.id, make_tokens("a1"))
        newer = await vault.save_tokens(connection.id, make_tokens("a2"))

        await vault.discard_tokens(connection.id, 1)

        assert await vault.tokens(connection.id) == newer

    @pytest.mark.promise(44)
    async def test_large_secrets_and_tokens_round_trip(self, vault: Vault) -> None:
        connection = make_connection()
        secret, token = Secret("ß" * 8192), Secret("t" * 65536)
        await vault.put(connection, {"key": secret})

        await vault.save_tokens(connection.id, make_tokens(token.reveal(), token.reveal()))

        kept = await vault.tokens(connection.id)
        assert await vault.secrets(connection.id) == {"key": secret}
        assert kept is not None
        assert (kept.access_token, kept.refresh_token) == (token, token)

    async def test_a_locked_vault_gives_and_takes_nothing(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})

        vault.lock()

        assert isinstance(vault.state, VaultShut)
        assert isinstance(vault.state.why, VaultLocked)
        for attempt in (
            lambda: vault.put(connection, {}),
            lambda: vault.secrets(connection.id),
            lambda: vault.tokens(connection.id),
            lambda: vault.save_tokens(connection.id, make_tokens()),
            lambda: vault.discard_tokens(connection.id, 1),
            lambda: vault.protect_with_passphrase(Secret("p")),
        ):
            with pytest.raises(VaultLocked):
                await attempt()
        assert (await must(ledger.record(connection.id))).connection == connection

    async def test_a_locked_vault_opens_again_with_everything_in_it(self, vault: Vault, unlock: Unlock) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})

        vault.lock()
        await unlock()

        assert isinstance(vault.state, VaultOpen)
        assert await vault.secrets(connection.id) == {"a": Secret("1")}

    @pytest.mark.promise(7)
    async def test_cancelling_who_saves_loses_nothing(self, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        chance = random.Random(7)  # noqa: S311 - no secret depends on it

        for number in range(1000):
            task = asyncio.ensure_future(vault.save_tokens(connection.id, make_tokens(f"a{number}", f"r{number}")))
            for _ in range(chance.randrange(1, 4)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        kept = await vault.tokens(connection.id)
        assert kept is not None
        assert (kept.access_token, kept.refresh_token, kept.facts.serial) == (Secret("a999"), Secret("r999"), 1000)
