"""Whom to trust: the operating system's certificates, and those of a CA file. Nothing switches the checks off."""

from __future__ import annotations

import re
import ssl
import sys
from pathlib import Path

from tokendeck.core.errors import FieldError

SYSTEM_BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where systems keep their bundle, for an OpenSSL that was built elsewhere and looks in the wrong place."""

HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")


def build_context(ca_file: Path | None, *, platform: str = sys.platform) -> ssl.SSLContext:
    """
    Give a context that checks certificate and host name, TLS 1.2 at least. Takes some tens of milliseconds.

    Built from the class, since `ssl.create_default_context` would obey SSLKEYLOGFILE.

    Raises:
        FieldError: `ca_file` holds no certificates.

    """
    context = _system_context(platform)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError:  # an ssl.SSLError is one
            raise FieldError("ca_file", "a file of certificates in PEM form") from None
    return context


def _system_context(platform: str) -> ssl.SSLContext:
    if platform in {"darwin", "win32"}:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # truststore does the same on Linux, but reads the bundle anew for each handshake: 26 ms of the event loop.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    load_system_certificates(context, SYSTEM_BUNDLES)
    return context


def load_system_certificates(context: ssl.SSLContext, bundles: tuple[str, ...]) -> None:
    """Load what OpenSSL's settings name (SSL_CERT_FILE, SSL_CERT_DIR count), else the first of `bundles` there is."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and _holds_certificates(Path(paths.capath))):
        context.set_default_verify_paths()
        return
    for bundle in bundles:
        if Path(bundle).is_file():
            context.load_verify_locations(cafile=bundle)
            return


def _holds_certificates(folder: Path) -> bool:
    return any(HASHED_NAME.fullmatch(file.name) for file in folder.iterdir())
