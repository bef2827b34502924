"""httpcore's exceptions into `Unreachable`: which step failed, told by evidence, and in whose words."""

from __future__ import annotations

import os
import re
import socket
import ssl
from typing import TYPE_CHECKING

import httpcore

from tokendeck.core.answers import plain_words
from tokendeck.core.errors import NetworkStep, TlsFault, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREIGN = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    OSError,
)
"""What an exchange raises; a few OSErrors slip through httpcore's own mapping."""

NUMBER = re.compile(r"\[Errno (\d+)\]")
"""In the text of an OSError that stands for those of several addresses: asyncio gives it no number of its own."""

LATER_STEPS: tuple[tuple[type[Exception], NetworkStep], ...] = (
    (httpcore.WriteError, NetworkStep.SEND),
    (httpcore.WriteTimeout, NetworkStep.SEND),
    (httpcore.LocalProtocolError, NetworkStep.SEND),
    (httpcore.ReadError, NetworkStep.ANSWER),
    (httpcore.ReadTimeout, NetworkStep.ANSWER),
    (httpcore.RemoteProtocolError, NetworkStep.ANSWER),
)
"""Exceptions that say of themselves that there was a connection."""

CERTIFICATE_FAULTS: dict[int, TlsFault] = {
    # OpenSSL's X509_V_ERR_…: x509_vfy.h
    9: TlsFault.NOT_YET_VALID,
    10: TlsFault.EXPIRED,
    **dict.fromkeys((2, 18, 19, 20, 21, 27), TlsFault.UNTRUSTED),
    **dict.fromkeys((62, 64), TlsFault.OTHER_HOST),
    **dict.fromkeys((66, 67, 68), TlsFault.WEAK),
    # macOS's errSec…, as truststore hands them on: SecBase.h
    -67819: TlsFault.NOT_YET_VALID,
    -67818: TlsFault.EXPIRED,
    -67843: TlsFault.UNTRUSTED,
    -67602: TlsFault.OTHER_HOST,
    # Windows' CERT_E_…, likewise: winerror.h. Its "expired" is said of certificates that are not yet valid as well.
    0x800B0101: TlsFault.EXPIRED,
    **dict.fromkeys((0x800B0109, 0x800B010A), TlsFault.UNTRUSTED),
    0x800B010F: TlsFault.OTHER_HOST,
}

PROTOCOL_FAULTS: dict[str, TlsFault] = {
    **dict.fromkeys(("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"), TlsFault.OLD_TLS),
    **dict.fromkeys(("WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"), TlsFault.NO_TLS),
    # What a server says of a client's certificate; in TLS 1.3 only after the client took the handshake for done.
    **dict.fromkeys(
        (
            "TLSV13_ALERT_CERTIFICATE_REQUIRED",
            "TLSV1_ALERT_UNKNOWN_CA",
            "TLSV1_ALERT_ACCESS_DENIED",
            "SSLV3_ALERT_BAD_CERTIFICATE",
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_REVOKED",
            "SSLV3_ALERT_CERTIFICATE_EXPIRED",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        ),
        TlsFault.OWN_REFUSED,
    ),
}
"""By OpenSSL's name of the reason; what is no TLS at all is called differently from version to version."""


def unreachable(error: BaseException, host: str, begun: NetworkStep) -> Unreachable:
    """
    Say how far a request got.

    Args:
        error: one of `FOREIGN`, or the TimeoutError of the total.
        host: where it was going.
        begun: the step that was begun last.

    The words are the system's or the certificate check's own; an exception's text may hold a URL and is not used.
    """
    causes = list(_causes(error))
    step = _step(error, causes, begun)
    return Unreachable(
        host,
        step,
        timed_out=isinstance(error, httpcore.TimeoutException | TimeoutError),
        fault=next(filter(None, map(_tls_fault, causes)), None) if step is NetworkStep.TLS else None,
        detail=next(filter(None, map(_words, causes)), ""),
    )


def _step(error: BaseException, causes: list[BaseException], begun: NetworkStep) -> NetworkStep:
    if any(isinstance(one, socket.gaierror) for one in causes):
        return NetworkStep.NAME_LOOKUP
    if begun is NetworkStep.TLS or any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return NetworkStep.TLS
    if TlsFault.OWN_REFUSED in map(_tls_fault, causes):
        return NetworkStep.TLS
    return next((step for kind, step in LATER_STEPS if isinstance(error, kind)), begun)


def _tls_fault(error: BaseException) -> TlsFault | None:
    match error:
        case ssl.SSLCertVerificationError():
            return CERTIFICATE_FAULTS.get(getattr(error, "verify_code", 0))
        case ssl.SSLError():
            return PROTOCOL_FAULTS.get(getattr(error, "reason", "") or "")
        case _:
            return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give the error and all that led to it. httpcore raises `from None`, so contexts count like causes."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _causes(one)
    before = error.__cause__ or error.__context__
    if before is not None:
        yield from _causes(before)


def _words(error: BaseException) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return plain_words(getattr(error, "verify_message", ""))
        case ssl.SSLError():
            # Absent from an error that Python raised, not OpenSSL.
            return plain_words((getattr(error, "reason", "") or "").replace("_", " ").lower())
        case socket.gaierror():
            return plain_words(error.strerror or "")
        case OSError():
            found = NUMBER.search(str(error))
            number = error.errno or (int(found[1]) if found else 0)
            return plain_words(os.strerror(number)) if number else ""
        case _:
            return ""
