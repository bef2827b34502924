"""What `doctor` looked at, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.diagnosis import Finding
from tokendeck.core.errors import VaultNotSetUp
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut, VaultState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.errors import CertificateFileError, DescriptorError, KeyringTrouble, TokendeckError
    from tokendeck.core.wording.errors import Errors

VAULT_EXIT_CODE = 4
KIBIBYTE = 1024


class Findings:
    """A finding for each thing that was looked at."""

    def __init__(self, translate: Callable[[str, str], str], errors: Errors) -> None:
        """Take the translation, and the words for errors."""
        self.translate = translate
        self._errors = errors

    def window(self, *, has_qt: bool) -> Finding:
        """Say whether there can be a window."""
        check = self.translate("Wording", "Window")
        if has_qt:
            return Finding(check, ok=True, detail=self.translate("Wording", "PySide6 is installed."))
        return Finding(
            check,
            ok=False,
            detail=self.translate("Wording", "PySide6 is not installed."),
            advice=self.translate(
                "Wording", "The command line works without it. For the window, install PySide6-Essentials."
            ),
        )

    def folder_to_come(self, folder: str) -> Finding:
        """Say that the data folder is not there yet, but can be made."""
        detail = self.translate("Wording", "{folder} is not there yet; the first connection makes it.")
        return Finding(self.translate("Wording", "Data folder"), ok=True, detail=detail.format(folder=folder))

    def folder(self, folder: str, *, is_writable: bool) -> Finding:
        """Say whether the data folder, or the one in which it is to be, can be written."""
        check = self.translate("Wording", "Data folder")
        if is_writable:
            detail = self.translate("Wording", "{folder} can be written.")
            return Finding(check, ok=True, detail=detail.format(folder=folder))
        return Finding(
            check,
            ok=False,
            detail=self.translate("Wording", "{folder} cannot be written.").format(folder=folder),
            advice=self.translate(
                "Wording", "Give yourself the right to write there, or choose another folder with --home."
            ),
            exit_code=VAULT_EXIT_CODE,
        )

    def modes_good(self) -> Finding:
        """Say that nobody else can read what is kept."""
        detail = self.translate("Wording", "Only you can read the data folder.")
        return Finding(self.translate("Wording", "File modes"), ok=True, detail=detail)

    def modes_open(self, path: str, mode: str, command: str) -> Finding:
        """Say that others can reach `path`, which has this octal `mode`, and by which `command` that ends."""
        return Finding(
            self.translate("Wording", "File modes"),
            ok=False,
            detail=self.translate("Wording", "Others can reach {path} (mode {mode}).").format(path=path, mode=mode),
            advice=self.translate("Wording", "Shut them out: {command}").format(command=command),
        )

    def store(self, *, connections: int, schema_version: int, size_bytes: int, sqlite_version: str) -> Finding:
        """Say what the store holds."""
        detail = self.translate(
            "Wording",
            "Connections that can be read: {connections}. Format {schema}, {size} KiB, SQLite {sqlite}.",
        ).format(
            connections=connections,
            schema=schema_version,
            size=round(size_bytes / KIBIBYTE),
            sqlite=sqlite_version,
        )
        return Finding(self.translate("Wording", "Store"), ok=True, detail=detail)

    def damaged_store(self, path: str) -> Finding:
        """Say that a damaged store was set aside and is still there."""
        return Finding(
            self.translate("Wording", "Damaged store"),
            ok=False,
            detail=self.translate("Wording", "It was set aside as {path}.").format(path=path),
            advice=self.translate(
                "Wording", "Restore it from a backup, or delete it once nothing in it is needed any more."
            ),
        )

    def kept_vault(self, path: str) -> Finding:
        """Say that a vault was set aside for an empty one and is still there."""
        detail = self.translate(
            "Wording",
            "It is kept as {path}. To go back to it, end Tokendeck and give that file the name store.db again.",
        )
        return Finding(self.translate("Wording", "Old vault"), ok=True, detail=detail.format(path=path))

    def store_shut(self, error: TokendeckError) -> Finding:
        """Say why the store does not serve."""
        return Finding(
            self.translate("Wording", "Store"),
            ok=False,
            detail=self._errors.sentences(error, None),
            exit_code=VAULT_EXIT_CODE,
        )

    def vault_to_come(self, hindrance: KeyringTrouble | None) -> Finding:
        """Say that there is no vault yet, and what keeps the first connection from setting one up."""
        check = self.translate("Wording", "Vault")
        if hindrance is None:
            detail = self.translate("Wording", "It is not set up yet; the first connection does that.")
            return Finding(check, ok=True, detail=detail)
        detail = self.translate("Wording", "It is not set up yet, and no connection can be added. {why}")
        return Finding(
            check,
            ok=False,
            detail=detail.format(why=self._errors.sentences(VaultNotSetUp(hindrance), None)),
            advice=self.translate(
                "Wording",
                "To choose a passphrase on the command line, write one into a file that only you can read, and give it "
                "with --passphrase-file FILE.",
            ),
            exit_code=VAULT_EXIT_CODE,
        )

    def vault(self, state: VaultState) -> Finding:
        """Say whether the vault opens."""
        check = self.translate("Wording", "Vault")
        match state:
            case VaultOpen(guard, backend):
                detail = self.translate("Wording", "It opens. Guard: {guard}.").format(guard=backend or guard.value)
                return Finding(check, ok=True, detail=detail)
            case VaultShut(why):
                return self.vault_shut(self._errors.sentences(why, None))
            case VaultOpening():
                return self.vault_shut(self.translate("Wording", "It is still being opened."))
            case _:
                assert_never(state)

    def vault_shut(self, *sentences: str) -> Finding:
        """Say that the vault does not open, in sentences made elsewhere."""
        check = self.translate("Wording", "Vault")
        return Finding(check, ok=False, detail=" ".join(sentences), exit_code=VAULT_EXIT_CODE)

    def providers(self, *, count: int, folder: str) -> Finding:
        """Say how many descriptors there are, and where the user's own go."""
        detail = self.translate("Wording", "{count} can be used; your own files go to {folder}.")
        check = self.translate("Wording", "Providers")
        return Finding(check, ok=True, detail=detail.format(count=count, folder=folder))

    def authorities(self, *, own: int, folder: str) -> Finding:
        """Say whom requests trust: how many of the user's own files count, and where these go."""
        detail = self.translate(
            "Wording", "The system's are trusted; files of your own (.pem, .crt, .cer) go to {folder}."
        )
        if own:
            detail = self.translate("Wording", "The system's are trusted, and your own files in {folder}: {count}.")
        check = self.translate("Wording", "Certificates")
        return Finding(check, ok=True, detail=detail.format(folder=folder, count=own))

    def certificate_file(self, problem: CertificateFileError) -> Finding:
        """Say what is wrong with a file of authorities."""
        said = self._errors.explain(problem, None)
        check = self.translate("Wording", "Certificate file")
        return Finding(check, ok=False, detail=said.happened, advice=said.advice)

    def provider_file(self, problem: DescriptorError) -> Finding:
        """Say what is wrong with a descriptor file."""
        return Finding(
            self.translate("Wording", "Provider file"), ok=False, detail=self._errors.sentences(problem, None)
        )

    def log(self, folder: str) -> Finding:
        """Say where the log is kept."""
        detail = self.translate("Wording", "It is kept in {folder}; its newest lines are below.")
        return Finding(self.translate("Wording", "Log"), ok=True, detail=detail.format(folder=folder))
