"""Whom the endpoint trusts, over real TLS."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.oauth.servers import Server, serving
from tokendeck.core.errors import FieldError, NetworkStep, Unreachable
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text
from tokendeck.oauth.tls import build_context, load_system_certificates

if TYPE_CHECKING:
    from pathlib import Path

    from tests.oauth.conftest import MakeEndpoint

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def secret_post(server: Server, host: str = "127.0.0.1") -> Request:
    return Request("POST", server.url(host=host), BodyKind.FORM, {"client_secret": Text(Secret("s3cret"))})


async def test_a_private_ca_file_is_trusted(authority: trustme.CA, ca_file: Path, make_endpoint: MakeEndpoint) -> None:
    async with serving(tls=context_of(authority.issue_cert("127.0.0.1"))) as server:
        answer = await make_endpoint(ca_file=ca_file).send(secret_post(server))

    assert answer.status == 200
    assert set(answer.timings_ms) == {"connect", "tls", "first_byte", "body"}


@pytest.mark.promise(8)
async def test_an_unknown_authority_is_refused(authority: trustme.CA, make_endpoint: MakeEndpoint) -> None:
    async with serving(tls=context_of(authority.issue_cert("127.0.0.1"))) as server:
        refusal = await _refusal(make_endpoint, server)

    assert "issuer" in refusal.detail or "self-signed" in refusal.detail


@pytest.mark.promise(8)
async def test_a_self_signed_certificate_is_refused(ca_file: Path, tmp_path: Path, make_endpoint: MakeEndpoint) -> None:
    own = trustme.CA()
    own.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    own.private_key_pem.write_to_path(str(tmp_path / "own.key"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "own.key")

    async with serving(tls=context) as server:
        refusal = await _refusal(make_endpoint, server, ca_file)

    assert "self-signed" in refusal.detail


@pytest.mark.promise(8)
async def test_a_certificate_for_another_host_is_refused(
    authority: trustme.CA, ca_file: Path, make_endpoint: MakeEndpoint
) -> None:
    async with serving(tls=context_of(authority.issue_cert("other.example"))) as server:
        refusal = await _refusal(make_endpoint, server, ca_file)

    assert "127.0.0.1" in refusal.detail


@pytest.mark.promise(8)
async def test_an_expired_certificate_is_refused(
    authority: trustme.CA, ca_file: Path, make_endpoint: MakeEndpoint
) -> None:
    certificate = authority.issue_cert("127.0.0.1", not_before=YESTERDAY - timedelta(days=1), not_after=YESTERDAY)

    async with serving(tls=context_of(certificate)) as server:
        refusal = await _refusal(make_endpoint, server, ca_file)

    assert refusal.detail == "certificate has expired"


@pytest.mark.promise(8)
async def test_tls_1_1_is_refused(authority: trustme.CA, ca_file: Path, make_endpoint: MakeEndpoint) -> None:
    lax = ssl.create_default_context(cafile=ca_file)

    async with serving(tls=_only_tls_1_1(context_of(authority.issue_cert("127.0.0.1")))) as server:
        await _refusal(make_endpoint, server, ca_file)
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=_only_tls_1_1(lax))
        spoken = writer.get_extra_info("ssl_object").version()
        writer.transport.abort()

    assert spoken == "TLSv1.1", "the server does speak to clients that let it"


def _only_tls_1_1(context: ssl.SSLContext) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the version is what the test is about
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def test_a_handshake_without_an_answer_times_out(ca_file: Path, make_endpoint: MakeEndpoint) -> None:
    async with serving() as server:
        server.scheme = "https"
        server.reads = False
        refusal = await _refusal(make_endpoint, server, ca_file, connect_s=0.2)

    assert refusal.timed_out


async def test_a_server_without_tls_is_refused(ca_file: Path, make_endpoint: MakeEndpoint) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with listener:
        server = Server(listener.sockets[0].getsockname()[1], "https")
        refusal = await _refusal(make_endpoint, server, ca_file)

    assert refusal.detail == "wrong version number"


async def test_a_server_that_hangs_up_in_the_handshake_failed_there(ca_file: Path, make_endpoint: MakeEndpoint) -> None:
    async with serving() as server:
        server.scheme = "https"
        server.hangs_up = True
        refusal = await _refusal(make_endpoint, server, ca_file)

    assert not refusal.timed_out


@pytest.mark.promise(11)
async def test_tls_keys_are_written_nowhere(
    authority: trustme.CA,
    ca_file: Path,
    tmp_path: Path,
    make_endpoint: MakeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key_log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(key_log))

    async with serving(tls=context_of(authority.issue_cert("127.0.0.1"))) as server:
        answer = await make_endpoint(ca_file=ca_file).send(secret_post(server))

    assert answer.status == 200
    assert not key_log.exists()


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
async def test_a_ca_file_without_certificates_is_told(
    tmp_path: Path, make_endpoint: MakeEndpoint, content: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(FieldError) as caught:
        await make_endpoint(ca_file=file).warm_up()

    assert caught.value.key == "ca_file"


@pytest.mark.promise(8)
def test_checks_are_on() -> None:
    context = build_context(None)

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.keylog_filename is None


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_simulated_other_systems_ask_their_own_trust_store(platform: str) -> None:
    context = build_context(None, platform=platform)

    assert type(context).__module__.startswith("truststore")
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_certificates_are_found_where_openssl_says(
    ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nowhere"))

    assert _loaded(()) == 1


def test_certificates_are_found_in_a_folder_of_hashes(
    ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hashed"
    folder.mkdir()
    (folder / "0a1b2c3d.0").write_bytes(ca_file.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))

    assert _loaded((str(ca_file),)) == 0, "OpenSSL looks into the folder when it meets a certificate"


def test_certificates_are_found_where_systems_keep_them(
    ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "empty"))

    assert _loaded((str(tmp_path / "nothing.pem"), str(ca_file))) == 1
    assert _loaded((str(tmp_path / "nothing.pem"),)) == 0


def _loaded(bundles: tuple[str, ...]) -> int:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    load_system_certificates(context, bundles)
    return context.cert_store_stats()["x509_ca"]


async def _refusal(
    make_endpoint: MakeEndpoint, server: Server, ca_file: Path | None = None, connect_s: float = 10
) -> Unreachable:
    """Send a secret, and make sure that no byte of it leaves."""
    with pytest.raises(Unreachable) as caught:
        await make_endpoint(ca_file=ca_file, connect_s=connect_s).send(secret_post(server))
    assert caught.value.step is NetworkStep.TLS
    assert server.received == []
    return caught.value
