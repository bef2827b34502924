"""Secrets cannot be read or written now: exit code 4."""

from __future__ import annotations

from enum import Enum

from tokendeck.core.errors.root import TokendeckError


class VaultUnavailable(TokendeckError):
    """Secrets cannot be read or written now. Nothing was deleted or overwritten because of it."""

    exit_code = 4

    @property
    def may_be_for_good(self) -> bool:
        """Whether the key may never come back, so that a new vault is worth offering."""
        return False


class VaultLocked(VaultUnavailable):
    """The vault is protected by a passphrase that was not given, or the user locked it."""


class KeyringTrouble(VaultUnavailable):
    """Something about the operating system's keyring, which is to give the key of a vault that there is."""

    def __init__(self, backend: str = "", detail: str = "") -> None:
        """Hold the backend's name for people, for example `Secret Service`, and its own words without secrets."""
        super().__init__(backend)
        self.backend = backend
        self.detail = detail


class KeyringLocked(KeyringTrouble):
    """The keyring is there and locked, or its prompt was dismissed."""


class KeyringMute(KeyringTrouble):
    """The keyring did not answer within the deadline."""


class KeyringMissing(KeyringTrouble):
    """No real keyring backend works here."""

    may_be_for_good = True


class KeyringChanged(KeyringTrouble):
    """The backend that guards this vault is not the one found now."""

    may_be_for_good = True

    def __init__(self, expected: str, found: str) -> None:
        """Hold both backends' names."""
        super().__init__(found)
        self.expected = expected
        self.found = found


class KeyLost(KeyringTrouble):
    """The keyring answers but does not hold this vault's key, or holds another one."""

    may_be_for_good = True


class VaultNotSetUp(VaultUnavailable):
    """There is no vault yet: the keyring did not take its key, and nobody has chosen a passphrase instead."""

    def __init__(self, why: KeyringTrouble) -> None:
        """Hold what the keyring's trouble was."""
        super().__init__(why)
        self.why = why


class WrongKey(VaultUnavailable):
    """What was given to open this vault does not."""


class WrongPassphrase(WrongKey):
    """The passphrase does not open this vault."""


class WrongRecoveryKey(WrongKey):
    """The recovery key does not open this vault."""

    def __init__(self, what: str) -> None:
        """Hold what is wrong: `mistyped`, `another` or, where none was made for this vault, `none`."""
        super().__init__(what)
        self.what = what


class VaultDamaged(VaultUnavailable):
    """A sealed row does not open with the right key, or what stands beside it was changed: damaged or tampered with."""

    def __init__(self, connection_id: str, field: str) -> None:
        """
        Say which row it is.

        Args:
            connection_id: whose; empty for the vault's own entry.
            field: `settings`, `secret:` and a field's key, `token:access` or `token:refresh`; of the vault's own entry
                `vault`, `guard`, `passphrase` or `recovery`.

        """
        super().__init__(connection_id, field)
        self.connection_id = connection_id
        self.field = field

    @property
    def may_be_for_good(self) -> bool:
        """Whether the vault's own entry is damaged: a row of a connection keeps nothing else shut."""
        return not self.connection_id


class StoreDamaged(VaultUnavailable):
    """The store's file is no sound database; it was set aside, never overwritten."""

    def __init__(self, kept_as: str, detail: str) -> None:
        """Hold the path it was kept under and the database's own words."""
        super().__init__(kept_as, detail)
        self.kept_as = kept_as
        self.detail = detail


class StoreTooNew(VaultUnavailable):
    """A newer Tokendeck wrote this store; it was left untouched."""

    def __init__(self, found: int, known: int) -> None:
        """Hold the store's version and the newest one known here."""
        super().__init__(found, known)
        self.found = found
        self.known = known


class Hindrance(Enum):
    """Why a store cannot be written, as far as that decides what to do."""

    FULL = "full"
    READ_ONLY = "read_only"
    """A file mode, a folder's, or a file system that takes no changes at all."""

    IN_THE_WAY = "in_the_way"
    """A folder stands where a file should be, or a file where a folder should."""

    BUSY = "busy"
    """Another program holds it and does not let go."""

    OTHER = "other"


class StoreUnwritable(VaultUnavailable):
    """The store cannot be written: full disk, read-only folder, file mode."""

    def __init__(self, path: str, detail: str, hindrance: Hindrance = Hindrance.OTHER) -> None:
        """Hold the path, the system's own words, and what they mean."""
        super().__init__(path, detail)
        self.path = path
        self.detail = detail
        self.hindrance = hindrance
