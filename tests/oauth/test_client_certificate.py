"""Clients that show a certificate, before servers that demand one."""

from __future__ import annotations

import asyncio
import socket
import ssl
import stat
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import PrivateFormat

from tests.oauth.authorities import HOST, add_authority, self_signed_certificate, serving_context
from tests.oauth.keys import pem, public_pem
from tests.oauth.servers import Server, serving
from tests.providers.bank import TLS, requests
from tokendeck.core.client_proof import ClientCertificate
from tokendeck.core.errors import FieldError, NetworkStep, TlsFault, Unreachable
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text
from tokendeck.oauth.certificates import present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.oauth.conftest import MakeEndpoint
    from tests.oauth.servers import Exchange

Pair = tuple[str, str]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def folder(authority: trustme.CA, tmp_path: Path) -> Path:
    folder = tmp_path / "certificates"
    add_authority(folder, "own.pem", authority)
    return folder


@pytest.fixture
def demanding(authority: trustme.CA) -> ssl.SSLContext:
    """A server's context that lets nobody in without a certificate of this authority."""
    context = serving_context(authority.issue_cert(HOST))
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    return context


def pair(authority: trustme.CA, name: str, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> Pair:
    leaf = authority.issue_cert(f"{name}@example.test", key_type=kind)
    return "".join(one.bytes().decode() for one in leaf.cert_chain_pems), leaf.private_key_pem.bytes().decode()


def own(certificates: str, key: str) -> ClientCertificate:
    return ClientCertificate(Text(certificates), "certificate", Text(Secret(key)), "private_key")


def post(server: Server, proof: ClientCertificate | None) -> Request:
    return Request("POST", server.url(), BodyKind.FORM, {"client_id": Text("shop")}, proof=proof)


def shown(exchange: Exchange) -> str:
    """Give the name in the certificate that came with a request; empty where none did."""
    certificate = exchange.writer.get_extra_info("peercert") or {"subjectAltName": (("", ""),)}
    ((_, name),) = certificate["subjectAltName"]
    return str(name)


@pytest.mark.parametrize("kind", list(trustme.KeyType))
async def test_a_server_that_demands_a_certificate_gets_it(
    authority: trustme.CA,
    folder: Path,
    demanding: ssl.SSLContext,
    make_endpoint: MakeEndpoint,
    kind: trustme.KeyType,
) -> None:
    async with serving(tls=demanding) as server:
        answer = await make_endpoint(ca_folder=folder).send(post(server, own(*pair(authority, "shop", kind))))
        came = [(shown(got), got.body) for got in server.received]

    assert answer.status == 200
    assert came == [("shop@example.test", b"client_id=shop")]


async def test_a_chain_of_authorities_is_shown_whole(
    authority: trustme.CA, folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint
) -> None:
    certificates, key = pair(authority.create_child_ca(), "shop")

    async with serving(tls=demanding) as server:
        answer = await make_endpoint(ca_folder=folder).send(post(server, own(certificates, key)))

    assert certificates.count("BEGIN CERTIFICATE") == 2
    assert answer.status == 200


async def test_no_connection_is_shared_by_two_certificates(
    authority: trustme.CA, folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint
) -> None:
    demanding.verify_mode = ssl.CERT_OPTIONAL
    endpoint = make_endpoint(ca_folder=folder)
    one, other = own(*pair(authority, "one")), own(*pair(authority, "other"))

    async with serving(tls=demanding) as server:
        for proof in (one, None, other, one, None, other):
            await endpoint.send(post(server, proof))
        came = [(got.connection, shown(got)) for got in server.received]

    assert came == 2 * [(1, "one@example.test"), (2, ""), (3, "other@example.test")]


async def test_every_request_of_a_grant_shows_the_certificate(
    authority: trustme.CA, folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint
) -> None:
    certificates, key = pair(authority, "shop")
    endpoint = make_endpoint(ca_folder=folder)

    async with serving(tls=demanding) as server:
        for request in requests(TLS, server.url(""), key, certificates).values():
            await endpoint.send(request)
        came = {shown(got) for got in server.received}

    assert came == {"shop@example.test"}
    assert len(server.received) == 6
    assert all(b"client_id" in got.body and b"PRIVATE" not in got.body for got in server.received)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("shows_one", [False, True])
async def test_a_server_that_does_not_accept_the_certificate_gets_no_request(
    folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint, version: ssl.TLSVersion, *, shows_one: bool
) -> None:
    demanding.maximum_version = version
    proof = own(*pair(trustme.CA(), "stranger")) if shows_one else None

    async with serving(tls=demanding) as server:
        with pytest.raises(Unreachable) as caught:
            await make_endpoint(ca_folder=folder).send(post(server, proof))

    assert server.received == []
    assert not caught.value.timed_out


@contextmanager
def refusing(context: ssl.SSLContext) -> Iterator[Server]:
    """Serve one handshake in a thread: asyncio's servers hang up without the alert that others send."""
    listener = socket.create_server((HOST, 0))
    listener.settimeout(10)

    def serve() -> None:
        plain, _ = listener.accept()
        plain.settimeout(10)
        with plain:
            try:
                context.wrap_socket(plain.dup(), server_side=True)
            except ssl.SSLError:
                plain.shutdown(socket.SHUT_WR)
                while plain.recv(4096):  # what is unread would cut the alert short
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    yield Server(listener.getsockname()[1], "https")
    thread.join()
    listener.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_certificate_that_is_not_accepted_is_told_as_that(
    folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint, version: ssl.TLSVersion
) -> None:
    demanding.maximum_version = version

    with refusing(demanding) as server, pytest.raises(Unreachable) as caught:
        await make_endpoint(ca_folder=folder).send(post(server, own(*pair(trustme.CA(), "stranger"))))

    assert (caught.value.step, caught.value.fault) == (NetworkStep.TLS, TlsFault.OWN_REFUSED)
    assert caught.value.detail == "tlsv1 alert unknown ca"


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        (lambda good, _: ("no certificate", good[1]), "certificate", "a certificate in PEM form"),
        (lambda good, _: (good[0].replace("MII", "MIJ", 1), good[1]), "certificate", "a certificate that is whole"),
        (lambda good, _: (good[0] + good[1], good[1]), "certificate", "certificates alone"),
        (lambda good, _: (good[0], "no key"), "private_key", "a private key in PEM form"),
        (lambda good, _: (good[0], good[0]), "private_key", "a private key in PEM form"),
        (lambda good, _: (good[0], public_pem("rsa")), "private_key", "the private key; this is the public one"),
        (lambda good, _: (good[0], pem("rsa", passphrase=b"x")), "private_key", "without a passphrase"),
        (lambda good, _: (good[0], pem("ed25519", PrivateFormat.OpenSSH)), "private_key", "PKCS #8"),
        (lambda good, other: (good[0], other[1]), "private_key", "the private key of the certificate"),
        (lambda good, _: (good[0], pem("ed25519")), "private_key", "the private key of the certificate"),
        (lambda good, _: (good[0], good[1].replace("MHc", "MHd")), "private_key", "the private key of the certificate"),
        (lambda _, __: self_signed_certificate("rsa_1024"), "certificate", "2048 bits"),
    ],
)
async def test_what_does_not_serve_is_told_before_anything_is_sent(
    authority: trustme.CA,
    folder: Path,
    demanding: ssl.SSLContext,
    make_endpoint: MakeEndpoint,
    change: Callable[[Pair, Pair], Pair],
    field: str,
    expected: str,
) -> None:
    certificates, key = change(pair(authority, "shop"), pair(authority, "other"))

    async with serving(tls=demanding) as server:
        with pytest.raises(FieldError) as caught:
            await make_endpoint(ca_folder=folder).send(post(server, own(certificates, key)))

    assert (caught.value.key, expected in caught.value.expected) == (field, True)
    assert server.connections == 0
    assert not any(line in repr(caught.value) for line in key.splitlines()[1:-1] if line)
    assert caught.value.__context__ is None


async def test_a_key_is_let_go_when_nothing_is_sent_with_it(
    authority: trustme.CA, folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint(ca_folder=folder, certificate_kept_s=0)

    async with serving(tls=demanding) as server:
        await endpoint.send(post(server, own(*pair(authority, "shop"))))
        with pytest.raises(FieldError):
            await endpoint.send(post(server, own("none", "none")))
        await server.received[0].writer.wait_closed()

    assert endpoint.certificates == ()


async def test_closing_lets_keys_go_and_the_next_request_begins_anew(
    authority: trustme.CA, folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint(ca_folder=folder)
    request_proof = own(*pair(authority, "shop"))

    async with serving(tls=demanding) as server:
        await endpoint.send(post(server, request_proof))
        kept = endpoint.certificates
        await endpoint.aclose()
        left = endpoint.certificates
        await endpoint.send(post(server, request_proof))

    assert (kept, left) == ((request_proof,), ())
    assert [got.connection for got in server.received] == [1, 2]


async def test_what_is_closed_while_it_sends_leaves_the_next_one_alone(
    authority: trustme.CA, folder: Path, demanding: ssl.SSLContext, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint(ca_folder=folder, certificate_kept_s=0)
    proof = own(*pair(authority, "shop"))
    asked = asyncio.Event()

    async def hold(exchange: Exchange) -> None:
        asked.set()
        await server.held.wait()
        exchange.close()

    async with serving(hold, tls=demanding) as server:
        sending = asyncio.create_task(endpoint.send(post(server, proof)))
        await asked.wait()
        await endpoint.aclose()
        server.held.set()
        with pytest.raises(Unreachable):
            await sending
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert endpoint.certificates == ()


class Watching(ssl.SSLContext):
    """Notes what it is to read, and how."""

    seen: list[tuple[Path, int]]
    refuses = False

    def load_cert_chain(self, certfile: object, keyfile: object = None, password: object = None) -> None:
        self.seen = [(path, path.stat().st_mode) for path in (Path(str(certfile)), Path(str(keyfile)))]
        assert password == ""
        if self.refuses:
            raise ssl.SSLError
        super().load_cert_chain(str(certfile), str(keyfile), password="")


@pytest.mark.promise(5)
def test_a_key_passes_through_a_pipe(authority: trustme.CA) -> None:
    context = Watching(ssl.PROTOCOL_TLS_CLIENT)

    present(context, own(*pair(authority, "shop")))

    assert [stat.S_ISFIFO(mode) for _, mode in context.seen] == [True, True]


def test_a_system_without_such_paths_gets_files_for_its_user_alone_for_a_moment(
    authority: trustme.CA, tmp_path: Path
) -> None:
    context = Watching(ssl.PROTOCOL_TLS_CLIENT)

    present(context, own(*pair(authority, "shop")), descriptors=tmp_path / "none")

    assert [stat.filemode(mode) for _, mode in context.seen] == ["-rw-------", "-rw-------"]
    assert [path.exists() for path, _ in context.seen] == [False, False]


def test_a_chain_longer_than_a_pipe_holds_is_read(authority: trustme.CA) -> None:
    certificates, key = pair(authority, "shop")

    present(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), own(certificates * 200, key))


def test_what_nobody_reads_to_its_end_stops_nobody(authority: trustme.CA) -> None:
    certificates, key = pair(authority, "shop")
    context = Watching(ssl.PROTOCOL_TLS_CLIENT)
    context.refuses = True

    with pytest.raises(FieldError):
        present(context, own(certificates * 200, key))
