"""Which certificates and which TLS are refused, over real sockets: before a byte of the request leaves."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.oauth.authorities import DAY, HOST, NOW, add_authority, self_signed, serving_context, weak_authority
from tests.oauth.servers import Server, serving
from tokendeck.core.errors import NetworkStep, TlsFault, Unreachable
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.oauth.conftest import MakeEndpoint

TOO_OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def folder(authority: trustme.CA, tmp_path: Path) -> Path:
    """The user's own authorities, among them the one that vouches for this module's servers."""
    folder = tmp_path / "certificates"
    add_authority(folder, "own.pem", authority)
    return folder


def secret_post(server: Server, host: str = HOST) -> Request:
    return Request("POST", server.url(host=host), BodyKind.FORM, {"client_secret": Text(Secret("s3cret"))})


@pytest.mark.promise(8)
async def test_an_authority_of_the_users_own_is_trusted(
    authority: trustme.CA, folder: Path, make_endpoint: MakeEndpoint
) -> None:
    async with serving(tls=serving_context(authority.issue_cert(HOST))) as server:
        answer = await make_endpoint(ca_folder=folder).send(secret_post(server))

    assert answer.status == 200
    assert set(answer.timings_ms) == {"connect", "tls", "first_byte", "body"}


def of_nobody_known(_: trustme.CA, __: Path) -> ssl.SSLContext:
    return serving_context(trustme.CA().issue_cert(HOST))


def of_itself(_: trustme.CA, folder: Path) -> ssl.SSLContext:
    return self_signed(folder.parent)


def of_another_address(authority: trustme.CA, _: Path) -> ssl.SSLContext:
    return serving_context(authority.issue_cert("192.0.2.1"))


def of_another_name(authority: trustme.CA, _: Path) -> ssl.SSLContext:
    return serving_context(authority.issue_cert("127.0.0.1.example", "*.0.0.1", "localhost"))


def of_yesterday(authority: trustme.CA, _: Path) -> ssl.SSLContext:
    return serving_context(authority.issue_cert(HOST, not_before=NOW - 2 * DAY, not_after=NOW - DAY))


def of_tomorrow(authority: trustme.CA, _: Path) -> ssl.SSLContext:
    return serving_context(authority.issue_cert(HOST, not_before=NOW + DAY, not_after=NOW + 2 * DAY))


def of_a_weak_authority(_: trustme.CA, folder: Path) -> ssl.SSLContext:
    return weak_authority(folder, authority_bits=1024, server_bits=2048)


def of_a_weak_key(_: trustme.CA, folder: Path) -> ssl.SSLContext:
    return weak_authority(folder, authority_bits=2048, server_bits=1024)


@pytest.mark.promise(8)
@pytest.mark.parametrize(
    ("shows", "fault", "words"),
    [
        (of_nobody_known, TlsFault.UNTRUSTED, "unable to get local issuer certificate"),
        (of_itself, TlsFault.UNTRUSTED, "self-signed certificate"),
        (of_another_address, TlsFault.OTHER_HOST, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        (of_another_name, TlsFault.OTHER_HOST, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        (of_yesterday, TlsFault.EXPIRED, "certificate has expired"),
        (of_tomorrow, TlsFault.NOT_YET_VALID, "certificate is not yet valid"),
        (of_a_weak_authority, TlsFault.WEAK, "CA certificate key too weak"),
        (of_a_weak_key, TlsFault.WEAK, "EE certificate key too weak"),
    ],
)
async def test_a_wrong_certificate_is_refused_and_called_what_it_is(
    authority: trustme.CA,
    folder: Path,
    make_endpoint: MakeEndpoint,
    shows: Callable[[trustme.CA, Path], ssl.SSLContext],
    fault: TlsFault,
    words: str,
) -> None:
    async with serving(tls=shows(authority, folder)) as server:
        refusal = await _refusal(make_endpoint, server, folder)

    assert (refusal.fault, refusal.detail) == (fault, words)


@contextmanager
def speaking_only(version: ssl.TLSVersion, context: ssl.SSLContext) -> Iterator[tuple[Server, list[bytes | str]]]:
    """
    Serve handshakes of one version; gives what came of them, by the server's account.

    In a thread: asyncio's servers hang up on such clients without the alert that others send.
    """
    _set_version(context, version)
    heard: list[bytes | str] = []
    listener = socket.create_server((HOST, 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                with plain:
                    try:
                        with context.wrap_socket(plain, server_side=True) as talk:
                            heard.append(talk.recv(1024))
                    except OSError as error:
                        heard.append(getattr(error, "reason", ""))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Server(listener.getsockname()[1], "https"), heard
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _say(what: bytes, port: int, context: ssl.SSLContext) -> None:
    with (
        socket.create_connection((HOST, port)) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as talk,
    ):
        talk.sendall(what)


def _set_version(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the version is what the test is about
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")


@pytest.mark.promise(8)
@pytest.mark.parametrize("version", TOO_OLD, ids=lambda version: version.name)
async def test_old_tls_is_refused(
    authority: trustme.CA, folder: Path, make_endpoint: MakeEndpoint, version: ssl.TLSVersion
) -> None:
    lax = ssl.create_default_context(cafile=folder / "own.pem")
    _set_version(lax, version)

    with speaking_only(version, serving_context(authority.issue_cert(HOST))) as (server, heard):
        refusal = await _refusal(make_endpoint, server, folder)
        await asyncio.to_thread(_say, b"it does speak to clients that let it", server.port, lax)

    assert refusal.fault is TlsFault.OLD_TLS
    assert heard == ["UNSUPPORTED_PROTOCOL", b"it does speak to clients that let it"]


@pytest.mark.promise(8)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda version: version.name)
async def test_tls_from_1_2_on_is_spoken(
    authority: trustme.CA, folder: Path, make_endpoint: MakeEndpoint, version: ssl.TLSVersion
) -> None:
    context = serving_context(authority.issue_cert(HOST))
    context.minimum_version = context.maximum_version = version

    async with serving(tls=context) as server:
        answer = await make_endpoint(ca_folder=folder).send(secret_post(server))

    assert answer.status == 200


async def test_a_handshake_without_an_answer_times_out(folder: Path, make_endpoint: MakeEndpoint) -> None:
    async with serving() as server:
        server.scheme = "https"
        server.reads = False
        refusal = await _refusal(make_endpoint, server, folder, connect_s=0.2)

    assert refusal.timed_out


async def test_a_server_without_tls_is_refused(folder: Path, make_endpoint: MakeEndpoint) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(plain, HOST, 0)
    async with listener:
        server = Server(listener.sockets[0].getsockname()[1], "https")
        refusal = await _refusal(make_endpoint, server, folder)

    assert refusal.fault is TlsFault.NO_TLS


async def test_a_server_that_hangs_up_in_the_handshake_failed_there(folder: Path, make_endpoint: MakeEndpoint) -> None:
    async with serving() as server:
        server.scheme = "https"
        server.hangs_up = True
        refusal = await _refusal(make_endpoint, server, folder)

    assert (refusal.timed_out, refusal.fault) == (False, None)


@pytest.mark.promise(11)
async def test_tls_keys_are_written_nowhere(
    authority: trustme.CA,
    folder: Path,
    tmp_path: Path,
    make_endpoint: MakeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key_log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(key_log))

    async with serving(tls=serving_context(authority.issue_cert(HOST))) as server:
        answer = await make_endpoint(ca_folder=folder).send(secret_post(server))

    assert answer.status == 200
    assert not key_log.exists()


async def _refusal(make_endpoint: MakeEndpoint, server: Server, folder: Path, connect_s: float = 10) -> Unreachable:
    """Send a secret, and make sure that no byte of it leaves."""
    with pytest.raises(Unreachable) as caught:
        await make_endpoint(ca_folder=folder, connect_s=connect_s).send(secret_post(server))
    assert caught.value.step is NetworkStep.TLS
    assert (server.received, server.fragments) == ([], [])
    return caught.value
