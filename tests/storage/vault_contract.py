"""What every `Vault` has to keep to, whatever guards its key."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.connection import ConnectionRecord, TroubleKind
from tokendeck.core.errors import NameTaken, NoSuchConnection, VaultLocked
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut
from tokendeck.storage.records import read_listing

if TYPE_CHECKING:
    from tokendeck.engine.ports import Ledger, Vault

from tests.storage.samples import NOW, SOME_TROUBLE, Unlock, make_connection, make_tokens, must
from tests.storage.token_contract import TokenContract


class VaultContract(TokenContract):
    """Subclasses give the fixtures `ledger`, `vault` and `unlock` of one open storage."""

    async def test_an_open_vault_says_so(self, vault: Vault) -> None:
        assert isinstance(vault.state, VaultOpen)
        assert await vault.open() == vault.state

    async def test_secrets_read_back_as_they_were_put(self, vault: Vault) -> None:
        connection = make_connection()
        secrets = {"clientSecret": Secret("s%3cret:/+ &=~"), "pin": Secret("0000"), "odd": Secret("\ud800 lone")}

        await vault.put(connection, secrets)

        assert await vault.secrets_to_edit(connection.id) == secrets

    async def test_secrets_not_named_are_kept_and_empty_ones_erased(self, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1"), "b": Secret("2"), "c": Secret("3")})

        await vault.put(connection, {"a": Secret("new"), "b": Secret("")})

        assert await vault.secrets_to_edit(connection.id) == {"a": Secret("new"), "c": Secret("3")}

    async def test_a_connection_without_secrets_has_none(self, vault: Vault) -> None:
        assert await vault.secrets_to_edit("gone") == {}

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

    async def test_an_edit_can_forget_every_token_at_once(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})
        await vault.save_tokens(connection.id, make_tokens("a", "r"))
        await ledger.begin_refresh(connection.id, NOW)

        await vault.put(connection, {}, forget_tokens=True)

        assert await ledger.record(connection.id) == ConnectionRecord(connection, serial=2)
        assert await vault.tokens(connection.id) is None
        assert await vault.secrets_to_edit(connection.id) == {"a": Secret("1")}
        assert (await vault.save_tokens(connection.id, make_tokens("b", None))).facts.serial == 3

    @pytest.mark.promise(27)
    @pytest.mark.parametrize("kind", TroubleKind)
    async def test_an_edit_keeps_a_pause_that_the_provider_asked_for(
        self, ledger: Ledger, vault: Vault, kind: TroubleKind
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        hold_until = NOW + timedelta(seconds=3)
        await ledger.note_trouble(connection.id, replace(SOME_TROUBLE, kind=kind, hold_until=hold_until))

        await vault.put(connection, {}, edited_at=NOW)
        during = (await must(ledger.record(connection.id))).trouble
        await vault.put(connection, {}, edited_at=hold_until)

        assert during is not None
        assert (during.kind, during.hold_until, during.retry_at) == (TroubleKind.WAITING, hold_until, hold_until)
        assert (await must(ledger.record(connection.id))).trouble is None

    async def test_a_pause_goes_with_the_tokens(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await ledger.note_trouble(connection.id, SOME_TROUBLE)

        await vault.put(connection, {}, forget_tokens=True, edited_at=NOW)

        assert (await must(ledger.record(connection.id))).trouble is None

    async def test_what_is_gone_or_hidden_cannot_be_edited(self, ledger: Ledger, vault: Vault) -> None:
        hidden, gone = make_connection("Hidden"), make_connection("Gone")
        await vault.put(hidden, {})
        await ledger.hide(hidden.id)

        for connection in (hidden, gone):
            with pytest.raises(NoSuchConnection):
                await vault.put(replace(connection, name="Edited"), {"a": Secret("1")}, edited_at=NOW)

        assert await ledger.records() == ()
        assert await vault.secrets_to_edit(gone.id) == {}
        await ledger.unhide(hidden.id)
        assert (await must(ledger.record(hidden.id))).connection == hidden

    async def test_names_are_unique_without_regard_to_case(self, ledger: Ledger, vault: Vault) -> None:
        await vault.put(make_connection("Straße"), {})

        with pytest.raises(NameTaken) as caught:
            await vault.put(make_connection("STRASSE"), {"a": Secret("1")})

        assert caught.value.name == "STRASSE"
        assert len(await ledger.records()) == 1

    async def test_two_spellings_of_one_name_are_one_name(self, ledger: Ledger, vault: Vault) -> None:
        await vault.put(make_connection("Caf\u00e9"), {})

        with pytest.raises(NameTaken):
            await vault.put(make_connection("cafe\u0301"), {})

        assert len(await ledger.records()) == 1

    async def test_a_connection_may_keep_its_own_name(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection("Shop")
        await vault.put(connection, {})

        await vault.put(replace(connection, name="SHOP"), {})

        assert [record.connection.name for record in await ledger.records()] == ["SHOP"]

    @pytest.mark.promise(44)
    async def test_large_secrets_and_tokens_round_trip(self, vault: Vault) -> None:
        connection = make_connection()
        secret, token = Secret("ß" * 8192), Secret("t" * 65536)
        await vault.put(connection, {"key": secret})

        await vault.save_tokens(connection.id, make_tokens(token.reveal(), token.reveal()))

        kept = await vault.tokens(connection.id)
        assert await vault.secrets_to_edit(connection.id) == {"key": secret}
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
            lambda: vault.secrets_to_edit(connection.id),
            lambda: vault.tokens(connection.id),
            lambda: vault.holding(connection.id),
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
        assert await vault.secrets_to_edit(connection.id) == {"a": Secret("1")}

    async def test_what_is_set_aside_is_kept_whole_and_an_empty_vault_takes_its_place(
        self, ledger: Ledger, vault: Vault, unlock: Unlock
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})

        kept_as = await vault.set_aside()
        shut = vault.state
        listed = await ledger.records()
        await unlock()
        await vault.put(make_connection(), {"a": Secret("2")})

        assert isinstance(shut, VaultShut)
        assert listed == ()
        assert isinstance(vault.state, VaultOpen)
        assert list(read_listing(Path(kept_as))) == [connection.id]

    async def test_a_vault_that_is_asked_to_open_is_opening_at_once(self, vault: Vault, unlock: Unlock) -> None:
        vault.lock()

        opening = unlock()

        assert vault.state == VaultOpening()
        await opening

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
