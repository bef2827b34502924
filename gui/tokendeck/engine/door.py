"""Opening and shutting the vault, so that everybody hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokendeck.core.errors import VaultUnavailable, WrongPassphrase
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut
from tokendeck.engine.events import VaultChanged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

    from tokendeck.core.secret import Secret
    from tokendeck.core.vault import VaultState
    from tokendeck.engine.ports import Vault
    from tokendeck.engine.roster import Roster


class Door:
    """Moves the vault from one state to another, and announces each."""

    def __init__(self, vault: Vault, roster: Roster) -> None:
        """Take the vault, and the roster that is to be read anew once it is open."""
        self._vault = vault
        self._roster = roster

    def open(self) -> Coroutine[Any, Any, VaultState]:
        """Ask whatever guards the vault; it has been asked when this returns."""
        opening = self._vault.open()
        self._announce(VaultOpening())
        return self._opened(opening)

    def open_with_passphrase(self, passphrase: Secret) -> Coroutine[Any, Any, VaultState]:
        """Open, or set up, the vault with a passphrase. Raises `WrongPassphrase`."""
        return self._opened(self._vault.open_with_passphrase(passphrase))

    def lock(self) -> None:
        """Forget the data key."""
        self._vault.lock()
        self._announce(self._vault.state)

    async def start_anew(self) -> str | None:
        """Set a vault that does not open aside, and open an empty one; give the old one's path, None where it opens."""
        if isinstance(self._vault.state, VaultOpen):
            return None
        kept_as = await self._vault.set_aside()
        self._roster.clear()
        await self.open()
        return kept_as

    async def _opened(self, opening: Awaitable[VaultState]) -> VaultState:
        """Catch up with a ledger that could not be read before: whatever kept the vault shut kept it, too."""
        try:
            state = await opening
        except WrongPassphrase:
            self._announce(self._vault.state)
            raise
        if isinstance(state, VaultOpen):
            try:
                await self._roster.load()
            except VaultUnavailable as error:
                state = VaultShut(error)
        return self._announce(state)

    def _announce(self, state: VaultState) -> VaultState:
        self._roster.announce(VaultChanged(state))
        return state
