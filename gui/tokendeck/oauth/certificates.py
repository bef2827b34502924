"""A client's own certificate into a TLS context. `ssl` reads it from files only, so its key passes through a pipe."""

from __future__ import annotations

import os
import ssl
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.core.errors import FieldError
from tokendeck.core.pem import certificate_complaint, certificates_in, private_key_complaint, private_key_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokendeck.core.client_proof import ClientCertificate

DESCRIPTORS = Path("/dev/fd")
"""Where a system shows a process its own open files; Windows has no such place."""

TOO_WEAK = frozenset({"EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"})
"""OpenSSL's names for certificates that it does not show."""


def present(context: ssl.SSLContext, own: ClientCertificate, *, descriptors: Path = DESCRIPTORS) -> None:
    """
    Have `context` show a client's certificate to servers that ask for one.

    Raises:
        FieldError: certificate or key are none that serve, or do not belong together.

    """
    certificates, key = own.certificates.reveal(), own.key.reveal()
    complaint = certificate_complaint(certificates)
    if complaint or not _is_readable(certificates_in(certificates)):
        raise FieldError(own.certificates_field, complaint or "a certificate that is whole")
    complaint = private_key_complaint(key)
    if complaint:
        raise FieldError(own.key_field, complaint)
    fault = _load(context, certificates_in(certificates), private_key_in(key), descriptors)
    if fault in TOO_WEAK:
        raise FieldError(own.certificates_field, "a certificate whose keys are of 2048 bits (RSA) or 256 (EC) or more")
    if fault is not None:
        raise FieldError(own.key_field, "the private key of the certificate, and the whole of it")


def _is_readable(certificates: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificates)
    except ssl.SSLError:
        return False
    return True


def _load(context: ssl.SSLContext, certificates: str, key: str, descriptors: Path) -> str | None:
    """Give what is wrong, by OpenSSL's name if it has one; None where nothing is."""
    as_file = _through_pipe if descriptors.is_dir() else _in_passing
    with as_file(certificates, descriptors) as certificates_file, as_file(key, descriptors) as key_file:
        try:
            # With a passphrase that is of no use: without one, OpenSSL may ask whoever sits at the terminal.
            context.load_cert_chain(certificates_file, key_file, password="")
        except OSError as error:  # an ssl.SSLError is one; of a pipe it is said that nobody can go back in it
            return getattr(error, "reason", None) or ""
    return None


@contextmanager
def _through_pipe(text: str, descriptors: Path) -> Iterator[str]:
    """Give a path that can be read once; nothing is written to any disk or to memory that could get there."""
    reading, writing = os.pipe()
    feeder = threading.Thread(target=_feed, args=(writing, text.encode()), daemon=True)
    feeder.start()
    try:
        yield str(descriptors / str(reading))
    finally:
        os.close(reading)
        feeder.join()


def _feed(writing: int, content: bytes) -> None:
    """Write for as long as somebody reads: a pipe holds less than a long chain of certificates."""
    with suppress(BrokenPipeError), os.fdopen(writing, "wb", buffering=0) as pipe:
        rest = memoryview(content)
        while rest:
            rest = rest[pipe.write(rest) :]


@contextmanager
def _in_passing(text: str, _: Path) -> Iterator[str]:
    """Give the path of a file that only its owner can read, and that is gone a moment later."""
    descriptor, path = tempfile.mkstemp()  # of mode 0600; in Windows, in a folder of the user's own
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        yield path
    finally:
        Path(path).unlink()
