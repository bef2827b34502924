"""Opening and shutting the vault, and changing what opens it, so that everybody hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokendeck.core.errors import VaultUnavailable, WrongKey
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

    def open_with_recovery_key(self, recovery_key: Secret) -> Coroutine[Any, Any, VaultState]:
        """Open the vault with its recovery key. Raises `WrongRecoveryKey`."""
        return self._opened(self._vault.open_with_recovery_key(recovery_key))

    async def protect_with_passphrase(self, passphrase: Secret) -> VaultState:
        """Have a passphrase guard an open vault from now on."""
        await self._vault.protect_with_passphrase(passphrase)
        return self._announce(self._vault.state)

    async def settled(self) -> None:
        """Return once nobody is asking for the key any more, whatever came of it."""
        if isinstance(self._vault.state, VaultOpening):
            await self._vault.open()

    def lock(self) -> None:
        """Forget the data key."""
        self._vault.lock()
        self._announce(self._vault.state)

    async def has_recovery_key(self) -> bool:
        """Tell whether a recovery key was made; needs no unlocking. Raises what the store raises."""
        return await self._vault.has_recovery_key()

    async def make_recovery_key(self) -> Secret:
        """Make a recovery key for an open vault, as it is printed; one made before opens nothing from then on."""
        return await self._vault.make_recovery_key()

    async def start_anew(self) -> str | None:
        """
        Set a vault that does not open aside, with all connections, and begin with an empty one.

        Gives the path that the old one is kept at; None where the vault is open, and nothing was done. Raises what the
        store raises.
        """
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
        except WrongKey:
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
