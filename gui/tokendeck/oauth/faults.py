"""The room's door: httpx's exceptions become leaves of `core.errors` here, and nowhere else."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from tokendeck.core.answers import plain_words
from tokendeck.core.errors import BadUrl, FieldError, NetworkStep, TokendeckError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokendeck.oauth.progress import Progress


@contextmanager
def translated(progress: Progress) -> Iterator[None]:
    """Raise httpx's errors as ours. Their texts are dropped: they may hold a URL."""
    try:
        yield
    except (httpx.RequestError, httpx.InvalidURL, httpx.StreamError) as error:
        raise translate(error, progress) from error


def translate(error: Exception, progress: Progress) -> TokendeckError:
    """
    Give the leaf that `error` stands for.

    Where the request had got to decides the step, unless a cause below names it: a name that does not resolve, a
    certificate.
    """
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return BadUrl("", "an absolute https URL")
        case httpx.LocalProtocolError():
            return FieldError("", "values that HTTP can carry")
        case _:
            step, detail = _cause(error)
            timed_out = isinstance(error, httpx.TimeoutException)
            return Unreachable(progress.host, step or progress.step, timed_out=timed_out, detail=detail)


def _cause(error: BaseException) -> tuple[NetworkStep | None, str]:
    """Find what lies below httpx's error: the step it names, and the system's own words."""
    below: BaseException | None = error
    while below is not None:
        match below:
            case ssl.SSLCertVerificationError():
                return NetworkStep.TLS, plain_words(below.verify_message)
            case ssl.SSLError():
                return NetworkStep.TLS, plain_words(below.reason or "")
            case socket.gaierror():
                return NetworkStep.NAME_LOOKUP, plain_words(below.strerror or "")
            case OSError(strerror=str() as words) if words:
                return None, plain_words(words)
        below = below.__cause__ or below.__context__
    return None, ""
