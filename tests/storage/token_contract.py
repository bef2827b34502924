"""What every `Vault` has to keep to where it keeps tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import NOW, SOME_TROUBLE, Unlock, make_connection, make_tokens, must
from tokendeck.core.errors import NoSuchConnection, VaultLocked
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tokendeck.engine.ports import Ledger, Vault


class TokenContract:
    """A part of `VaultContract`."""

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

    async def test_forgetting_leaves_no_tokens_and_no_trouble(
        self, ledger: Ledger, vault: Vault, unlock: Unlock
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {"a": Secret("1")})
        await vault.save_tokens(connection.id, make_tokens())
        await ledger.note_trouble(connection.id, SOME_TROUBLE)
        vault.lock()

        await vault.forget_tokens(connection.id, 1)

        record = await must(ledger.record(connection.id))
        await unlock()
        assert (record.token, record.can_refresh, record.trouble, record.serial) == (None, False, None, 2)
        assert await vault.tokens(connection.id) is None
        assert (await vault.credentials(connection.id)).secrets == {"a": Secret("1")}

    async def test_forgetting_an_older_serial_spares_the_newer_tokens(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        await vault.save_tokens(connection.id, make_tokens("a1"))
        newer = await vault.save_tokens(connection.id, make_tokens("a2"))
        await ledger.note_trouble(connection.id, SOME_TROUBLE)

        await vault.forget_tokens(connection.id, 1)

        assert await vault.tokens(connection.id) == newer
        assert (await must(ledger.record(connection.id))).trouble == SOME_TROUBLE

    async def test_an_issue_is_renewed_while_it_is_the_newest(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        first = await vault.renew_tokens(connection.id, make_tokens("a1", "r1"), 0)
        assert first is not None
        await ledger.note_trouble(connection.id, SOME_TROUBLE)

        second = await vault.renew_tokens(connection.id, make_tokens("a2", "r2"), first.facts.serial)

        assert await vault.tokens(connection.id) == second
        assert (await must(ledger.record(connection.id))).trouble is None

    @pytest.mark.parametrize("forgotten", [True, False])
    async def test_an_issue_is_not_renewed_once_it_is_forgotten_or_has_another_in_its_place(
        self, vault: Vault, *, forgotten: bool
    ) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        first = await vault.save_tokens(connection.id, make_tokens("a1", "r1"))
        if forgotten:
            await vault.put(connection, {}, forget_tokens=True)
        else:
            await vault.save_tokens(connection.id, make_tokens("a2", "r2"))
        before = await vault.tokens(connection.id)

        late = await vault.renew_tokens(connection.id, make_tokens("late", "late"), first.facts.serial)

        assert late is None
        assert await vault.tokens(connection.id) == before

    async def test_a_pen_saves_also_once_the_vault_is_locked(self, vault: Vault, unlock: Unlock) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        pen = vault.pen()

        vault.lock()
        saved = await pen.renew_tokens(connection.id, make_tokens("a1", "r1"), 0)

        with pytest.raises(VaultLocked):
            vault.pen()
        with pytest.raises(VaultLocked):
            await vault.tokens(connection.id)
        await unlock()
        assert await vault.tokens(connection.id) == saved

    async def test_a_refresh_token_that_outlives_its_access_token_is_known(self, ledger: Ledger, vault: Vault) -> None:
        connection = make_connection()
        await vault.put(connection, {})
        both = await vault.save_tokens(connection.id, make_tokens("a1", "r1"))
        with_both = await must(ledger.record(connection.id))
        await vault.discard_tokens(connection.id, both.facts.serial)
        with_one = await must(ledger.record(connection.id))
        alone = await vault.save_tokens(connection.id, make_tokens("a2", None))
        await vault.discard_tokens(connection.id, alone.facts.serial)
        with_none = await must(ledger.record(connection.id))

        assert (with_both.has_refresh_token_only, with_both.can_refresh) == (False, True)
        assert (with_one.has_refresh_token_only, with_one.can_refresh) == (True, True)
        assert (with_none.has_refresh_token_only, with_none.can_refresh) == (False, False)

    async def test_an_issue_of_a_connection_that_is_gone_is_not_renewed(self, vault: Vault) -> None:
        with pytest.raises(NoSuchConnection):
            await vault.renew_tokens("gone", make_tokens(), 1)
