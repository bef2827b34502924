"""Whom to trust: the operating system's authorities, and those of the user's own. Nothing switches the checks off."""

from __future__ import annotations

import re
import ssl
import sys
from pathlib import Path

from tokendeck.core.errors import CertificateFileError

SYSTEM_BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where systems keep their bundle, for an OpenSSL that was built elsewhere and looks in the wrong place."""

HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")
OWN_SUFFIXES = frozenset({".pem", ".crt", ".cer"})
PEM = "certificates in PEM form, in a file that you can read"


class Trust:
    """
    A TLS context that checks certificate and host name, TLS 1.2 at least; building it takes some tens of milliseconds.

    A file that is of no use adds nobody, so that it leads to a refusal and never to a request: it is named in
    `problems`, and nothing is raised because of it.
    """

    def __init__(
        self, folder: Path | None, *, platform: str = sys.platform, bundles: tuple[str, ...] = SYSTEM_BUNDLES
    ) -> None:
        """
        Load whom the system trusts, and whom its user does.

        Args:
            folder: of the user's own files; None, or one that is not there, holds none.
            platform: as `sys.platform` spells it.
            bundles: where systems keep their certificates, for an OpenSSL that finds none.

        """
        self.files: tuple[Path, ...] = ()
        """The user's own that count."""

        self._folder = folder
        self._unusable_bundle: CertificateFileError | None = None
        self._unusable_files: tuple[CertificateFileError, ...] = ()
        if platform in {"darwin", "win32"}:
            import truststore

            self.context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        else:
            # truststore does the same on Linux, but reads the bundle anew for each handshake: 26 ms of the event loop.
            # Built from the class, since `ssl.create_default_context` would obey SSLKEYLOGFILE.
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            # Whoever adds an authority below the root means that one, and not a root that nobody gave them.
            self.context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            self._unusable_bundle = _load_system_certificates(self.context, bundles)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.look_again()

    @property
    def problems(self) -> tuple[CertificateFileError, ...]:
        """Everything that adds nobody although it should."""
        return (*([self._unusable_bundle] if self._unusable_bundle else []), *self._unusable_files)

    def look_again(self) -> None:
        """Add what has come into the user's folder; who was trusted before stays so until the program ends."""
        files, problems = [], []
        try:
            found = sorted(self._folder.iterdir()) if self._folder else []
        except FileNotFoundError:
            found = []
        except OSError:
            found, problems = [], [CertificateFileError(str(self._folder), "a folder that you can read")]
        for file in found:
            if file.suffix.lower() not in OWN_SUFFIXES:
                continue
            if _load(self.context, file):
                files.append(file)
            else:
                problems.append(CertificateFileError(str(file), PEM))
        self.files, self._unusable_files = tuple(files), tuple(problems)


def _load_system_certificates(context: ssl.SSLContext, bundles: tuple[str, ...]) -> CertificateFileError | None:
    """
    Load what OpenSSL's settings name (SSL_CERT_FILE, SSL_CERT_DIR count), else the first of `bundles` that serves.

    Gives the file to correct where there is none.
    """
    paths = ssl.get_default_verify_paths()
    if paths.capath and _holds_certificates(Path(paths.capath)):
        context.set_default_verify_paths()  # which looks into the folder when it meets a certificate
        return None
    if paths.cafile:
        return None if _load(context, Path(paths.cafile)) else CertificateFileError(paths.cafile, PEM)
    if any(_load(context, Path(bundle)) for bundle in bundles):
        return None
    return CertificateFileError(paths.openssl_cafile, PEM)


def _load(context: ssl.SSLContext, file: Path) -> bool:
    """Add the certificates of a file; tell whether there were any. What is no plain file is not opened: it may hang."""
    try:
        if not file.is_file():
            return False
        context.load_verify_locations(cafile=file)
    except OSError:  # an ssl.SSLError is one
        return False
    return True


def _holds_certificates(folder: Path) -> bool:
    try:
        return any(HASHED_NAME.fullmatch(file.name) for file in folder.iterdir())
    except OSError:
        return False
