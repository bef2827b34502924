"""Promise 3, at every step: a process that is killed leaves a vault that opens."""

from __future__ import annotations

import signal
import sys
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.storage.key_maker import PASSPHRASE, open_home, recovery_key_of
from tests.storage.samples import make_connection
from tests.zygote import running_zygote
from tokendeck.core.errors import KeyLost, VaultLocked
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.key_maker import Way
    from tokendeck.storage.storage import Storage

FILLED = {"from keyring to passphrase", "by recovery key"}
"""Ways on which the vault has held something before anything is killed."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes fork on POSIX")


async def opened(home: Path, way: Way) -> tuple[Storage, Guard]:
    """Open the vault as its user would: by the keyring, or by whatever guards it or is to where that has no key."""
    storage = open_home(home)
    state = VaultShut(VaultLocked()) if way == "passphrase" else await storage.vault.open()
    if isinstance(state, VaultShut) and isinstance(state.why, VaultLocked):
        state = await storage.vault.open_with_passphrase(PASSPHRASE)
    if isinstance(state, VaultShut) and isinstance(state.why, KeyLost):
        state = await storage.vault.open_with_recovery_key(recovery_key_of(home))
    assert isinstance(state, VaultOpen), state
    return storage, state.guard


@pytest.mark.promise(3)
@pytest.mark.parametrize(
    ("way", "guards", "fewest_steps"),
    [
        ("keyring", {Guard.KEYRING}, 50),
        ("passphrase", {Guard.PASSPHRASE}, 40),
        ("from keyring to passphrase", {Guard.KEYRING, Guard.PASSPHRASE}, 20),
        ("by recovery key", {Guard.KEYRING}, 20),
    ],
)
async def test_sigkill_at_any_step_leaves_a_vault_that_opens(
    tmp_path: Path, way: Way, guards: set[Guard], fewest_steps: int
) -> None:
    seen = set()

    async with running_zygote("tests.storage.key_maker") as zygote:
        for step in count(1):
            home = tmp_path / str(step)
            child = await zygote.fork({"home": str(home), "way": way, "step": step})
            await child.read_to_the_end()

            second, guard = await opened(home, way)
            seen.add(guard)
            records = await second.ledger.records()
            secrets = [await second.vault.secrets_to_edit(one.connection.id) for one in records]
            assert secrets == ([{"secret": Secret("kept")}] if way in FILLED else [])
            later = make_connection("Later")
            await second.vault.put(later, {"secret": Secret("new")})
            await second.close()
            third, _ = await opened(home, way)
            assert await third.vault.secrets_to_edit(later.id) == {"secret": Secret("new")}
            await third.close()
            if child.code == 0:
                break
            assert child.code == -signal.SIGKILL

    assert step > fewest_steps
    assert seen == guards
