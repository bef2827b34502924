"""Where secrets are kept, in words: that depends on what guards the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.vault import Guard, VaultOpen
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.core.vault import VaultState


def kept_where(state: VaultState) -> str:
    """Give a phrase for a secret that is kept, or is about to be."""
    guard = state.guard if isinstance(state, VaultOpen) else None
    return {
        Guard.KEYRING: translate("Keeping", "kept encrypted, behind your keyring"),
        Guard.PASSPHRASE: translate("Keeping", "kept encrypted, behind your passphrase"),
        Guard.RECOVERY_KEY: translate("Keeping", "kept encrypted, behind your recovery key"),
        Guard.MEMORY: translate("Keeping", "kept in memory only"),
        None: translate("Keeping", "kept encrypted"),
    }[guard]
