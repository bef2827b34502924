"""The vault's door as the test wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokendeck.core.errors import WrongRecoveryKey
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen

if TYPE_CHECKING:
    from tests.cli.fake_engine import FakeEngine
    from tokendeck.core.vault import VaultState

RECOVERY_KEY = "7K3QM-0000A-11111-ZZZZZ-22222-3HJKM"
KEPT_AS = "/home/ona/store.db.kept-20261121T030405.678901Z"
OPENS_TO = VaultOpen(Guard.KEYRING, "Secret Service")


@dataclass
class FakeDoor:
    """Opens by one recovery key, and remembers what guards the vault since."""

    engine: FakeEngine
    recovery_key: Secret | None = None
    passphrase: Secret | None = None
    """What guards the vault from now on."""

    opens_meanwhile: bool = False
    """Whether a vault that did not open opens before it is set aside."""

    async def open_with_recovery_key(self, recovery_key: Secret) -> VaultState:
        if recovery_key.reveal().strip() != RECOVERY_KEY:
            raise WrongRecoveryKey("another")
        self.engine.vault = OPENS_TO
        return await self.engine.unlock()

    async def protect_with_passphrase(self, passphrase: Secret) -> VaultState:
        assert self.engine.unlocked, "a vault that is shut cannot be protected otherwise"
        self.passphrase = passphrase
        return VaultOpen(Guard.PASSPHRASE, "")

    async def has_recovery_key(self) -> bool:
        return self.recovery_key is not None

    async def make_recovery_key(self) -> Secret:
        assert self.engine.unlocked, "no recovery key is made for a vault that is shut"
        if self.engine.answer is not None:
            await self.engine.answer("")
        self.recovery_key = Secret(RECOVERY_KEY)
        return self.recovery_key

    async def start_anew(self) -> str | None:
        self.engine.asked.append(("start_anew",))
        if self.opens_meanwhile or isinstance(self.engine.vault, VaultOpen):
            return None
        self.engine.kept.clear()
        self.engine.vault = OPENS_TO
        return KEPT_AS
