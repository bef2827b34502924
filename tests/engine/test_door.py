"""What opens the vault is changed so that everybody hears of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import VaultLocked, WrongRecoveryKey
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut
from tokendeck.engine.events import VaultChanged

if TYPE_CHECKING:
    from tests.engine.rig import Rig


async def test_a_recovery_key_opens_the_vault_and_that_is_announced(rig: Rig) -> None:
    await rig.add("Shop")
    before = await rig.engine.door.has_recovery_key()
    recovery_key = await rig.engine.door.make_recovery_key()
    rig.engine.lock()
    rig.events.clear()

    state = await rig.engine.door.open_with_recovery_key(recovery_key)

    assert not before
    assert await rig.engine.door.has_recovery_key()
    assert isinstance(state, VaultOpen)
    assert rig.events == [VaultChanged(state)]


async def test_a_wrong_recovery_key_is_announced_as_a_vault_that_stays_shut(rig: Rig) -> None:
    await rig.engine.door.make_recovery_key()
    rig.engine.lock()
    rig.events.clear()

    with pytest.raises(WrongRecoveryKey):
        await rig.engine.door.open_with_recovery_key(Secret("no key"))

    assert isinstance(rig.engine.vault_state, VaultShut)
    assert rig.events == [VaultChanged(rig.engine.vault_state)]


@pytest.mark.parametrize("ask", ["token", "refresh", "test"])
async def test_who_asks_for_a_token_while_the_vault_is_being_opened_waits_for_it(rig: Rig, ask: str) -> None:
    connection_id = await rig.add("Shop")
    rig.engine.lock()

    opening = asyncio.ensure_future(rig.engine.unlock())
    asked = asyncio.ensure_future(getattr(rig.engine, ask)(connection_id))

    assert await asked
    assert isinstance(await opening, VaultOpen)
    assert rig.endpoint.mints == 1


async def test_who_waits_for_a_vault_that_is_locked_meanwhile_is_told(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.engine.lock()
    opening = asyncio.ensure_future(rig.engine.unlock())
    asked = asyncio.ensure_future(rig.engine.token(connection_id))
    await asyncio.sleep(0)

    rig.engine.lock()

    with pytest.raises(VaultLocked):
        await asked
    await opening
    assert rig.endpoint.mints == 0


async def test_a_passphrase_that_guards_from_now_on_is_announced(rig: Rig) -> None:
    state = await rig.engine.door.protect_with_passphrase(Secret("correct horse"))

    assert state == VaultOpen(Guard.PASSPHRASE, "")
    assert rig.events == [VaultChanged(state)]
