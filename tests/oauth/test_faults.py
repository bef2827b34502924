"""httpcore's exceptions, all of them, and what each becomes."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

import httpcore
import pytest

from tokendeck.core.errors import NetworkStep, TlsFault, Unreachable
from tokendeck.oauth.exchange import _read
from tokendeck.oauth.faults import FOREIGN, unreachable
from tokendeck.oauth.progress import Progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANSWER, CONNECT, SEND, TLS = NetworkStep.ANSWER, NetworkStep.CONNECT, NetworkStep.SEND, NetworkStep.TLS

STEPS = {
    # Only how far the request had got can tell.
    "TimeoutException": None,
    "ConnectTimeout": None,
    "PoolTimeout": None,
    "NetworkError": None,
    "ConnectError": None,
    "ProxyError": None,
    "UnsupportedProtocol": None,
    "ProtocolError": None,
    # These say it themselves.
    "WriteTimeout": SEND,
    "WriteError": SEND,
    "LocalProtocolError": SEND,
    "ReadTimeout": ANSWER,
    "ReadError": ANSWER,
    "RemoteProtocolError": ANSWER,
}
INTERNAL = {"ConnectionNotAvailable"}
"""Tells httpcore's own pool to open another connection."""

KINDS = [getattr(httpcore, name) for name in STEPS]
URL = "https://api.example/token?client_secret=s3cret"


def test_every_exception_of_httpcore_is_known() -> None:
    exported = {name for name in httpcore.__all__ if isinstance(getattr(httpcore, name, None), type)}
    raised = {name for name in exported if issubclass(getattr(httpcore, name), Exception)}

    assert raised == STEPS.keys() | INTERNAL


@pytest.mark.parametrize("kind", KINDS)
def test_every_exception_becomes_unreachable_at_a_step_and_without_its_text(kind: type[Exception]) -> None:
    error = kind(URL)

    fault = unreachable(error, "api.example", CONNECT)

    assert isinstance(error, FOREIGN)
    assert type(fault) is Unreachable
    assert fault.step is (STEPS[kind.__name__] or CONNECT)
    assert fault.timed_out is kind.__name__.endswith(("Timeout", "TimeoutException"))
    assert "s3cret" not in f"{fault!r} {fault} {vars(fault)}"


@pytest.mark.parametrize("begun", [CONNECT, TLS, SEND, ANSWER])
def test_where_an_exception_says_nothing_the_step_begun_counts(begun: NetworkStep) -> None:
    assert unreachable(httpcore.ConnectTimeout(""), "api.example", begun).step is begun


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
    error = caused(httpcore.ConnectError(URL), ConnectionError(), cause)

    fault = unreachable(error, "api.example", begun)

    assert (fault.step, fault.detail) == (step, words)


def test_a_refused_certificate_is_tls_whatever_was_begun() -> None:
    refused = ssl.SSLCertVerificationError(1, "certificate verify failed")
    refused.verify_message = "certificate\nhas expired"

    fault = unreachable(caused(httpcore.ReadError(""), refused), "api.example", ANSWER)

    assert (fault.step, fault.detail) == (TLS, "certificate has expired")


@pytest.mark.parametrize("reason", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_CERTIFICATE_EXPIRED"])
def test_a_client_that_is_refused_behind_the_handshake_was_refused_in_it(reason: str) -> None:
    alert = ssl.SSLError(1, f"[SSL: {reason}]")
    alert.reason = reason

    error = unreachable(caused(httpcore.ReadError(""), alert), "api.example", ANSWER)

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

    error = unreachable(caused(httpcore.ConnectError(""), refused), "api.example", TLS)

    assert (error.step, error.fault, error.detail) == (TLS, fault, "in its words")


def test_of_several_addresses_the_first_failure_with_words_is_told() -> None:
    attempts = ExceptionGroup(
        "attempts", [OSError(), OSError(errno.ENETUNREACH, "x"), OSError(errno.ECONNREFUSED, "x")]
    )

    fault = unreachable(caused(httpcore.ConnectError(""), OSError("All failed"), attempts), "api.example", CONNECT)

    assert fault.detail == "Network is unreachable"


def test_the_total_timeout_is_a_timeout() -> None:
    assert unreachable(TimeoutError(), "api.example", SEND).timed_out


async def breaking(error: Exception) -> AsyncIterator[bytes]:
    """Half a body, then an error."""
    yield b'{"access'
    raise error


@pytest.mark.parametrize("error", [httpcore.ReadError(""), httpcore.RemoteProtocolError("")])
async def test_a_body_that_breaks_off_is_kept_and_called_cut_off(error: Exception) -> None:
    response = httpcore.Response(200, content=breaking(error))

    assert await _read(response, "", Progress(lambda: None)) == (b'{"access', False, True)


async def test_a_body_that_takes_too_long_is_no_answer() -> None:
    response = httpcore.Response(200, content=breaking(httpcore.ReadTimeout("")))

    with pytest.raises(httpcore.ReadTimeout):
        await _read(response, "", Progress(lambda: None))
