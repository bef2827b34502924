"""What opens the vault is changed so that everybody hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import WrongRecoveryKey
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


async def test_a_passphrase_that_guards_from_now_on_is_announced(rig: Rig) -> None:
    state = await rig.engine.door.protect_with_passphrase(Secret("correct horse"))

    assert state == VaultOpen(Guard.PASSPHRASE, "")
    assert rig.events == [VaultChanged(state)]
