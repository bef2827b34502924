"""Whom requests trust: the system's authorities, and files that a user adds."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.oauth.authorities import HOST, add_authority, serving_context
from tests.oauth.servers import serving
from tokendeck.core.errors import CertificateFileError, TlsFault, Unreachable
from tokendeck.core.request import Request
from tokendeck.oauth.tls import PEM, Trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.oauth.conftest import MakeEndpoint


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certificates"


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL finds no certificates where it looks."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "empty"))


def known(trust: Trust) -> int:
    plain: ssl.SSLContext = getattr(trust.context, "_ctx", trust.context)  # truststore's own counts nothing
    return plain.cert_store_stats()["x509_ca"]


@pytest.mark.promise(8)
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_checks_are_on_everywhere_partly_simulated(platform: str) -> None:
    context = Trust(None, platform=platform).context

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.promise(11)
def test_no_key_log_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))

    assert Trust(None).context.keylog_filename is None


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_simulated_other_systems_ask_their_own_trust_store(platform: str) -> None:
    assert type(Trust(None, platform=platform).context).__module__.startswith("truststore")


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_authorities_of_the_users_own_are_added_partly_simulated(
    authority: trustme.CA, folder: Path, platform: str
) -> None:
    pem = add_authority(folder, "corp.pem", authority)
    crt = add_authority(folder, "lab.CRT", trustme.CA())
    add_authority(folder, "corp.pem~", trustme.CA())
    (folder / "notes.txt").write_text("whose these are", encoding="utf-8")

    trust = Trust(folder, platform=platform, bundles=())

    assert trust.files == (pem, crt)
    assert known(trust) == 2


@pytest.mark.usefixtures("nobody")
def test_no_folder_and_no_files_are_nothing_to_complain_of(authority: trustme.CA, folder: Path) -> None:
    system = add_authority(folder.parent, "system.pem", authority)
    absent = Trust(folder, bundles=(str(system),))
    folder.mkdir()
    empty = Trust(folder, bundles=(str(system),))

    assert [(trust.files, trust.problems, known(trust)) for trust in (absent, empty)] == 2 * [((), (), 1)]


def nothing(file: Path) -> None:
    file.write_bytes(b"")


def no_pem(file: Path) -> None:
    file.write_bytes(b"no certificate \xff")


def only_a_key(file: Path) -> None:
    trustme.CA().private_key_pem.write_to_path(str(file))


def half_a_certificate(file: Path) -> None:
    file.write_bytes(trustme.CA().cert_pem.bytes()[:200])


def a_folder(file: Path) -> None:
    file.mkdir()


def a_link_to_nowhere(file: Path) -> None:
    file.symlink_to("nowhere.pem")


def a_pipe(file: Path) -> None:
    os.mkfifo(file)


@pytest.mark.promise(8)
@pytest.mark.parametrize("make", [nothing, no_pem, only_a_key, half_a_certificate, a_folder, a_link_to_nowhere, a_pipe])
@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are POSIX's")
def test_a_file_that_is_of_no_use_is_named_and_costs_only_itself(
    authority: trustme.CA, folder: Path, make: Callable[[Path], None]
) -> None:
    good = add_authority(folder, "good.pem", authority)
    make(folder / "bad.pem")

    trust = Trust(folder)

    assert trust.files == (good,)
    (problem,) = trust.problems
    assert type(problem) is CertificateFileError
    assert (problem.file, problem.expected) == (str(folder / "bad.pem"), PEM)


@pytest.mark.skipif(sys.platform != "linux", reason="root is bound by modes with Linux' own tools only")
def test_what_may_not_be_read_is_named_or_gives_way(authority: trustme.CA, folder: Path, tmp_path: Path) -> None:
    add_authority(folder, "closed.pem", authority).chmod(0)
    (tmp_path / "system").mkdir(mode=0)
    system = {"SSL_CERT_FILE": "nowhere", "SSL_CERT_DIR": str(tmp_path / "system")}
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    code = (
        "import pathlib, sys; from tokendeck.oauth.tls import Trust\n"
        "print([problem.file for problem in Trust(pathlib.Path(sys.argv[1]), bundles=()).problems])"
    )

    run = subprocess.run(
        [*bound, sys.executable, "-c", code, str(folder)],
        env={**os.environ, **system},
        capture_output=True,
        text=True,
        check=True,
    )

    expected = [ssl.get_default_verify_paths().openssl_cafile, str(folder / "closed.pem")]
    assert run.stdout == f"{expected}\n"


def test_a_file_where_the_folder_should_be_is_named(folder: Path) -> None:
    folder.write_bytes(b"")

    (problem,) = Trust(folder).problems

    assert (problem.file, problem.expected) == (str(folder), "a folder that you can read")


@pytest.mark.usefixtures("nobody")
def test_a_bundle_that_is_of_no_use_gives_way_to_the_next(authority: trustme.CA, tmp_path: Path) -> None:
    good = add_authority(tmp_path, "good.pem", authority)
    (tmp_path / "bad.pem").write_bytes(b"")

    trust = Trust(None, bundles=(str(tmp_path / "absent.pem"), str(tmp_path / "bad.pem"), str(good)))

    assert (known(trust), trust.problems) == (1, ())


@pytest.mark.usefixtures("nobody")
def test_a_system_without_authorities_is_told(tmp_path: Path) -> None:
    trust = Trust(None, bundles=(str(tmp_path / "absent.pem"),))

    assert [problem.file for problem in trust.problems] == [ssl.get_default_verify_paths().openssl_cafile]


@pytest.mark.usefixtures("nobody")
def test_certificates_are_found_where_openssl_says(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(add_authority(tmp_path, "named.pem", authority)))

    assert known(Trust(None, bundles=())) == 1


@pytest.mark.usefixtures("nobody")
def test_a_named_file_that_is_of_no_use_is_told_and_replaced_by_nothing(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.pem").write_bytes(b"no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "bad.pem"))

    trust = Trust(None, bundles=(str(add_authority(tmp_path, "good.pem", authority)),))

    assert known(trust) == 0
    assert [problem.file for problem in trust.problems] == [str(tmp_path / "bad.pem")]


@pytest.mark.usefixtures("nobody")
def test_certificates_are_found_in_a_folder_of_hashes(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_authority(tmp_path / "hashed", "0a1b2c3d.0", authority)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "hashed"))

    trust = Trust(None, bundles=(str(add_authority(tmp_path, "other.pem", authority)),))

    assert (known(trust), trust.problems) == (0, ()), "OpenSSL looks into the folder when it meets a certificate"


@pytest.mark.promise(8)
async def test_an_authority_that_is_added_later_counts_without_a_restart(
    authority: trustme.CA, folder: Path, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint(ca_folder=folder)
    async with serving(tls=serving_context(authority.issue_cert(HOST))) as server:
        request = Request("GET", server.url())
        with pytest.raises(Unreachable) as caught:
            await endpoint.send(request)
        add_authority(folder, "corp.pem", authority)

        answer = await endpoint.send(request)

    assert caught.value.fault is TlsFault.UNTRUSTED
    assert answer.status == 200


async def test_the_authority_right_above_a_server_is_enough(
    authority: trustme.CA, folder: Path, make_endpoint: MakeEndpoint
) -> None:
    below = authority.create_child_ca()
    add_authority(folder, "below.pem", below)

    async with serving(tls=serving_context(below.issue_cert(HOST))) as server:
        answer = await make_endpoint(ca_folder=folder).send(Request("GET", server.url()))

    assert answer.status == 200
