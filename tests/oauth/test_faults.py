"""httpx's exceptions, all of them, and what each becomes."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from tokendeck.core.errors import NetworkStep, TlsFault, Unreachable
from tokendeck.oauth.exchange import _read
from tokendeck.oauth.faults import FOREIGN, unreachable
from tokendeck.oauth.progress import Progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ANSWER, CONNECT, SEND, TLS = NetworkStep.ANSWER, NetworkStep.CONNECT, NetworkStep.SEND, NetworkStep.TLS

STEPS = {
    # Only how far the request had got can tell.
    "HTTPError": None,
    "RequestError": None,
    "TransportError": None,
    "TimeoutException": None,
    "ConnectTimeout": None,
    "PoolTimeout": None,
    "NetworkError": None,
    "ConnectError": None,
    "ProxyError": None,
    "UnsupportedProtocol": None,
    "ProtocolError": None,
    "HTTPStatusError": None,
    # These say it themselves.
    "WriteTimeout": SEND,
    "WriteError": SEND,
    "LocalProtocolError": SEND,
    "ReadTimeout": ANSWER,
    "ReadError": ANSWER,
    "CloseError": ANSWER,
    "RemoteProtocolError": ANSWER,
    "DecodingError": ANSWER,
    "TooManyRedirects": ANSWER,
    "StreamError": ANSWER,
    "StreamConsumed": ANSWER,
    "StreamClosed": ANSWER,
    "ResponseNotRead": ANSWER,
    "RequestNotRead": ANSWER,
}
NOT_RAISED_BY_TRANSPORTS = {"InvalidURL", "CookieConflict"}
"""The first is met while the request is made, and becomes BadUrl; there are no cookies."""

URL = "https://api.example/token?client_secret=s3cret"


def kinds(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def made(kind: type[BaseException]) -> BaseException:
    """Make one that holds a secret URL in its text."""
    request = httpx.Request("POST", URL)
    match kind.__name__:
        case "HTTPStatusError":
            return httpx.HTTPStatusError(URL, request=request, response=httpx.Response(500, request=request))
        case "StreamConsumed" | "StreamClosed" | "ResponseNotRead" | "RequestNotRead":
            return kind()
        case _:
            return kind(URL)


def test_every_exception_of_httpx_is_known() -> None:
    exported = {name for name in httpx.__all__ if isinstance(getattr(httpx, name), type)}
    raised = {name for name in exported if issubclass(getattr(httpx, name), Exception)}
    below = {one.__name__ for root in (httpx.HTTPError, httpx.StreamError) for one in kinds(root)}

    assert raised | below == STEPS.keys() | NOT_RAISED_BY_TRANSPORTS


@pytest.mark.parametrize("kind", [*kinds(httpx.HTTPError), *kinds(httpx.StreamError)])
def test_every_exception_becomes_unreachable_at_a_step_and_without_its_text(kind: type[BaseException]) -> None:
    error = made(kind)

    fault = unreachable(error, "api.example", CONNECT)

    assert isinstance(error, FOREIGN)
    assert type(fault) is Unreachable
    assert fault.step is (STEPS[kind.__name__] or CONNECT)
    assert fault.timed_out is kind.__name__.endswith(("Timeout", "TimeoutException"))
    assert "s3cret" not in f"{fault!r} {fault} {vars(fault)}"


@pytest.mark.parametrize("begun", [CONNECT, TLS, SEND, ANSWER])
def test_where_an_exception_says_nothing_the_step_begun_counts(begun: NetworkStep) -> None:
    assert unreachable(httpx.ConnectTimeout(""), "api.example", begun).step is begun


def caused(error: BaseException, *causes: BaseException) -> BaseException:
    """Chain as httpcore does: the causes are contexts, and suppressed."""
    for cause, effect in zip(causes, (error, *causes), strict=False):
        effect.__context__ = cause
        effect.__suppress_context__ = True
    return error


WORDS = [
    (
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        CONNECT,
        NetworkStep.NAME_LOOKUP,
        "Name or service not known",
    ),
    (socket.gaierror(), CONNECT, NetworkStep.NAME_LOOKUP, ""),
    (ConnectionRefusedError(errno.ECONNREFUSED, "x"), CONNECT, CONNECT, "Connection refused"),
    (OSError("All connection attempts failed"), CONNECT, CONNECT, ""),
    (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"), TLS, TLS, ""),
    (ssl.SSLEOFError(8, "EOF occurred"), TLS, TLS, ""),
    (ValueError("odd"), TLS, TLS, ""),
]


@pytest.mark.parametrize(("cause", "begun", "step", "words"), WORDS, ids=[repr(one[0]) for one in WORDS])
def test_the_cause_tells_the_step_and_the_words(
    cause: BaseException, begun: NetworkStep, step: NetworkStep, words: str
) -> None:
    error = caused(httpx.ConnectError(URL), ConnectionError(), cause)

    fault = unreachable(error, "api.example", begun)

    assert (fault.step, fault.detail) == (step, words)


def test_a_refused_certificate_is_tls_whatever_was_begun() -> None:
    refused = ssl.SSLCertVerificationError(1, "certificate verify failed")
    refused.verify_message = "certificate\nhas expired"

    fault = unreachable(caused(httpx.ReadError(""), refused), "api.example", ANSWER)

    assert (fault.step, fault.detail) == (TLS, "certificate has expired")


@pytest.mark.parametrize("reason", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_CERTIFICATE_EXPIRED"])
def test_a_client_that_is_refused_behind_the_handshake_was_refused_in_it(reason: str) -> None:
    alert = ssl.SSLError(1, f"[SSL: {reason}]")
    alert.reason = reason

    error = unreachable(caused(httpx.ReadError(""), alert), "api.example", ANSWER)

    assert (error.step, error.fault) == (TLS, TlsFault.OWN_REFUSED)
    assert error.detail == reason.replace("_", " ").lower()


@pytest.mark.promise(8)
@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (-67818, TlsFault.EXPIRED),
        (-67602, TlsFault.OTHER_HOST),
        (-67843, TlsFault.UNTRUSTED),
        (0x800B0101, TlsFault.EXPIRED),
        (0x800B010F, TlsFault.OTHER_HOST),
        (0x800B0109, TlsFault.UNTRUSTED),
        (1, None),
    ],
)
def test_what_macos_and_windows_object_to_is_known_by_number_simulated(code: int, fault: TlsFault | None) -> None:
    refused = ssl.SSLCertVerificationError("in its words")
    refused.verify_code, refused.verify_message = code, "in its words"

    error = unreachable(caused(httpx.ConnectError(""), refused), "api.example", TLS)

    assert (error.step, error.fault, error.detail) == (TLS, fault, "in its words")


def test_of_several_addresses_the_first_failure_with_words_is_told() -> None:
    attempts = ExceptionGroup(
        "attempts", [OSError(), OSError(errno.ENETUNREACH, "x"), OSError(errno.ECONNREFUSED, "x")]
    )

    fault = unreachable(caused(httpx.ConnectError(""), OSError("All failed"), attempts), "api.example", CONNECT)

    assert fault.detail == "Network is unreachable"


def test_the_total_timeout_is_a_timeout() -> None:
    assert unreachable(TimeoutError(), "api.example", SEND).timed_out


class Breaking(httpx.AsyncByteStream):
    """Half a body, then an error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"access'
        raise self._error


@pytest.mark.parametrize("error", [httpx.ReadError(""), httpx.RemoteProtocolError("")])
async def test_a_body_that_breaks_off_is_kept_and_called_cut_off(error: Exception) -> None:
    assert await _read(httpx.Response(200, stream=Breaking(error)), Progress(lambda: None)) == (
        b'{"access',
        False,
        True,
    )


async def test_a_body_that_takes_too_long_is_no_answer() -> None:
    with pytest.raises(httpx.ReadTimeout):
        await _read(httpx.Response(200, stream=Breaking(httpx.ReadTimeout(""))), Progress(lambda: None))
