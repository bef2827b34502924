"""The vault in words: what stands in its way, and what opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.errors import (
    Hindrance,
    KeyLost,
    KeyringChanged,
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    KeyringTrouble,
    StoreDamaged,
    StoreTooNew,
    StoreUnwritable,
    VaultDamaged,
    VaultLocked,
    VaultNotSetUp,
    VaultUnavailable,
    WrongPassphrase,
    WrongRecoveryKey,
)
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut, VaultState
from tokendeck.core.wording.explanation import system_says

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.provider import Provider

Page = tuple[str, str]
"""A title without a full stop, and a body of whole sentences."""


class Vaults:
    """Words for the vault's states, for a page of the window and for the command line."""

    def __init__(self, translate: Callable[[str, str], str]) -> None:
        """Take the translation."""
        self.translate = translate

    def page(self, state: VaultState) -> Page:
        """Give title and body."""
        match state:
            case VaultOpening():
                return (
                    self.translate("Wording", "Asking your keyring"),
                    self.translate(
                        "Wording", "It may show a prompt of its own. Names and times can be read meanwhile."
                    ),
                )
            case VaultOpen():
                return self._open(state)
            case VaultShut(why, has_recovery_key):
                title, body = self.shut(why)
                helps = has_recovery_key and isinstance(why, KeyringTrouble | VaultLocked)
                recovery = self.translate("Wording", "The recovery key opens this vault, too.")
                return title, f"{body} {recovery}" if helps else body
            case _:
                assert_never(state)

    def shut(self, why: VaultUnavailable, provider: Provider | None = None) -> Page:
        """Give what stands in the way, and what to do about it."""
        match why:
            case KeyringLocked() | KeyringMute() | KeyringMissing() | KeyringChanged() | KeyLost():
                return self._keyring(why)
            case VaultNotSetUp():
                return self._not_set_up(why.why)
            case StoreDamaged() | StoreTooNew() | StoreUnwritable():
                return self._store(why)
            case WrongPassphrase():
                return (
                    self.translate("Wording", "This passphrase does not open the vault"),
                    self.translate("Wording", "Type it again; mind the keyboard layout. Nothing was changed."),
                )
            case WrongRecoveryKey():
                return self._wrong_recovery_key(why)
            case VaultDamaged():
                return self._damaged(why, provider)
            case VaultLocked() | _:
                return (
                    self.translate("Wording", "The vault is locked"),
                    self.translate(
                        "Wording", "Unlock it to copy, test or renew. Names and times can be read meanwhile."
                    ),
                )

    def new_vault_question(self) -> str:
        """Ask whether to set a vault aside whose key is lost, and say what becomes of it."""
        return self.translate(
            "Wording",
            "Set this vault aside, with all its connections, and begin with an empty one? Nothing is deleted: it stays "
            "in a file beside the new one, and opens again once its key is back.",
        )

    def kept_as(self, path: str) -> str:
        """Say where a vault is that was set aside, and how to go back to it."""
        return self.translate(
            "Wording",
            "The old vault is kept as {path}. To go back to it, end Tokendeck and give that file the name store.db "
            "again.",
        ).format(path=path)

    def _open(self, state: VaultOpen) -> Page:
        match state.guard:
            case Guard.KEYRING:
                return (
                    self.translate("Wording", "Keyring: {keyring}").format(keyring=state.backend),
                    self.translate("Wording", "The key to your secrets is kept in {keyring}.").format(
                        keyring=state.backend
                    ),
                )
            case Guard.PASSPHRASE:
                return (
                    self.translate("Wording", "Vault: passphrase"),
                    self.translate("Wording", "The key to your secrets is protected by your passphrase."),
                )
            case Guard.RECOVERY_KEY:
                return (
                    self.translate("Wording", "Vault: recovery key"),
                    self.translate(
                        "Wording",
                        "Your recovery key opened it, and nothing else does yet. Choose a passphrase, or start your "
                        "keyring and give the recovery key once more.",
                    ),
                )
            case Guard.MEMORY:
                return (
                    self.translate("Wording", "Vault: in memory"),
                    self.translate("Wording", "Everything here is gone when Tokendeck ends."),
                )
            case _:
                assert_never(state.guard)

    def _keyring(self, why: KeyringLocked | KeyringMute | KeyringMissing | KeyringChanged | KeyLost) -> Page:
        keyring = why.backend or self.translate("Wording", "your keyring")
        match why:
            case KeyringLocked():
                title = self.translate("Wording", "Your keyring is locked")
                body = self.translate(
                    "Wording",
                    "Tokendeck asked {keyring}, which is locked or whose prompt was dismissed. Nothing was changed. "
                    "Unlock it and try again.",
                ).format(keyring=keyring)
            case KeyringMute():
                title = self.translate("Wording", "Your keyring did not answer")
                body = self.translate(
                    "Wording",
                    "Tokendeck asked {keyring} for the key to this vault and got no answer in time. Nothing was "
                    "changed. Unlock or restart the keyring, then try again.",
                ).format(keyring=keyring)
            case KeyringMissing():
                title = self.translate("Wording", "No keyring works here")
                body = self.translate(
                    "Wording",
                    "The key to this vault is kept in {keyring}, and none that Tokendeck can use answers. Nothing was "
                    "changed. Start the keyring and try again.",
                ).format(keyring=keyring)
            case KeyringChanged():
                title = self.translate("Wording", "Another keyring answers")
                body = self.translate(
                    "Wording",
                    "The key to this vault is kept in {expected}, and {found} answered. Nothing was changed. Bring "
                    "back {expected} and try again.",
                ).format(expected=why.expected, found=why.found)
            case KeyLost():
                title = self.translate("Wording", "The key to this vault is not in your keyring")
                body = self.translate(
                    "Wording",
                    "{keyring} answered and does not hold it, or holds another one. Nothing was changed. Restore the "
                    "keyring from a backup, or start a new vault and enter the secrets again.",
                ).format(keyring=_capitalized(keyring))
            case _:
                assert_never(why)
        return title, self._with_detail(body, why.detail)

    def _wrong_recovery_key(self, why: WrongRecoveryKey) -> Page:
        title = self.translate("Wording", "This recovery key does not open the vault")
        match why.what:
            case "mistyped":
                body = self.translate(
                    "Wording",
                    "It is not what a recovery key looks like: six groups of five letters and digits. Compare it with "
                    "the printed one. Nothing was changed.",
                )
            case "none":
                body = self.translate("Wording", "No recovery key was made for this vault. Nothing was changed.")
            case _:
                body = self.translate(
                    "Wording",
                    "It belongs to another vault, or one that was made later has taken its place. Nothing was changed.",
                )
        return title, body

    def _not_set_up(self, why: KeyringTrouble) -> Page:
        """Give what stands in the way of a first key, where a passphrase can take the keyring's place."""
        keyring = why.backend or self.translate("Wording", "your keyring")
        match why:
            case KeyringLocked():
                title = self.translate("Wording", "Your keyring is locked")
                body = self.translate(
                    "Wording",
                    "Tokendeck asked {keyring}, which is locked or whose prompt was dismissed. Unlock it and try "
                    "again, or choose a passphrase instead. Nothing is stored until then.",
                ).format(keyring=keyring)
            case KeyringMute():
                title = self.translate("Wording", "Your keyring did not answer")
                body = self.translate(
                    "Wording",
                    "Tokendeck asked {keyring} and got no answer in time. Unlock or restart it and try again, or "
                    "choose a passphrase instead. Nothing is stored until then.",
                ).format(keyring=keyring)
            case KeyLost():
                title = self.translate("Wording", "Your keyring did not keep the key")
                body = self.translate(
                    "Wording",
                    "{keyring} took a key and did not give the same one back. Try again, or choose a passphrase "
                    "instead. Nothing is stored until then.",
                ).format(keyring=_capitalized(keyring))
            case KeyringMissing() | _:
                title = self.translate("Wording", "Choose how your secrets are protected")
                body = self.translate(
                    "Wording",
                    "No keyring works here: Tokendeck looked for {keyring}. Choose a passphrase, or start a keyring "
                    "and try again. Nothing is stored until then.",
                ).format(keyring=why.backend or self.translate("Wording", "one"))
        return title, self._with_detail(body, why.detail)

    def _store(self, why: StoreDamaged | StoreTooNew | StoreUnwritable) -> Page:
        match why:
            case StoreDamaged():
                body = self.translate(
                    "Wording",
                    "Its file is not a sound database. It was set aside as {path}, nothing was overwritten. Restore it "
                    "from a backup, or start anew.",
                ).format(path=why.kept_as)
                return self.translate("Wording", "The store is damaged"), self._with_detail(body, why.detail)
            case StoreTooNew():
                body = self.translate(
                    "Wording",
                    "It has version {found}, and this Tokendeck knows version {known}. It was left untouched. Update "
                    "Tokendeck.",
                ).format(found=why.found, known=why.known)
                return self.translate("Wording", "A newer Tokendeck wrote this store"), body
            case StoreUnwritable():
                title, body = self._hindered(why)
                return title, self._with_detail(body.format(path=why.path), why.detail)
            case _:
                assert_never(why)

    def damaged_store(self, path: str) -> str:
        """Say that a damaged store was set aside, for as long as it is there."""
        text = self.translate(
            "Wording",
            "A damaged store was set aside as {path}. Restore it from a backup, or delete it once nothing in it is "
            "needed any more.",
        )
        return text.format(path=path)

    def _hindered(self, why: StoreUnwritable) -> Page:
        title = self.translate("Wording", "The store cannot be written")
        match why.hindrance:
            case Hindrance.FULL:
                return self.translate("Wording", "The disk is full"), self.translate(
                    "Wording",
                    "{path} takes no changes now. Nothing that was saved is lost. Free some space, then try again.",
                )
            case Hindrance.READ_ONLY:
                return title, self.translate(
                    "Wording",
                    "{path} takes no changes. Nothing that was saved is lost, and what is there can be listed. Give "
                    "yourself the right to write there, then try again.",
                )
            case Hindrance.IN_THE_WAY:
                return self.translate("Wording", "There is no place for the store"), self.translate(
                    "Wording",
                    "At {path}, a folder stands where a file should be, or a file where a folder should. It was left "
                    "as it is. Move it away, then try again.",
                )
            case Hindrance.BUSY:
                return self.translate("Wording", "The store is busy"), self.translate(
                    "Wording",
                    "Another program holds {path} and does not let go. Nothing that was saved is lost. Close the "
                    "other program, then try again.",
                )
            case Hindrance.OTHER:
                return title, self.translate(
                    "Wording",
                    "{path} takes no changes now. Nothing that was saved is lost. Free some space or make the folder "
                    "writable, then try again.",
                )
            case _:
                assert_never(why.hindrance)

    def _damaged(self, why: VaultDamaged, provider: Provider | None) -> Page:
        if not why.connection_id:
            return (
                self.translate("Wording", "The vault's own entry is damaged"),
                self.translate(
                    "Wording",
                    "What is stored about the key does not fit together. Nothing was overwritten. Restore the store "
                    "from a backup.",
                ),
            )
        kind, _, key = why.field.rpartition(":")
        if why.field == "settings":
            return (
                self.translate("Wording", "The settings of this connection are not what was saved"),
                self.translate(
                    "Wording",
                    "Something else than Tokendeck changed them in the store, so no secret is sent. Look at every one "
                    "of them in the edit form, then save them again there; or delete the connection and add it anew.",
                ),
            )
        if kind == "token":
            return (
                self.translate("Wording", "A stored token is damaged"),
                self.translate(
                    "Wording",
                    "It does not open with the right key: it was damaged, swapped or erased. Nothing was sent. Save "
                    "the connection again in the edit form; a new token is asked for then.",
                ),
            )
        labels = {field.key: field.label for field in provider.fields} if provider else {}
        return (
            self.translate("Wording", "A stored secret is damaged"),
            self.translate(
                "Wording",
                "“{field}” does not open with the right key: it was damaged, swapped or erased. Nothing was "
                "overwritten. Enter it again in the edit form, or restore the store from a backup.",
            ).format(field=labels.get(key, key)),
        )

    def _with_detail(self, body: str, detail: str) -> str:
        return f"{body} {system_says(self.translate, detail)}".rstrip()


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
