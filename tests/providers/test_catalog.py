"""Folders of descriptor files: a wrong file costs only itself."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.providers.samples import ACME, MINIMAL, SHIPPED, connection
from tokendeck.core.errors import DescriptorError, UnknownProvider
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "providers"
    folder.mkdir()
    return folder


def problems(catalog: Catalog) -> list[tuple[str, str, str]]:
    """Give file name, key and expectation of each."""
    return [(error.file.rpartition(os.sep)[2], error.key, error.expected) for error in catalog.problems]


def test_providers_come_in_order_of_their_names() -> None:
    catalog = Catalog(SHIPPED)

    assert [one.name for one in catalog.providers()] == [
        "PayOS",
        "PaySecurez",
        "Paysera Checkout",
        "Payt",
        "PYNG Checkout",
    ]


def test_own_files_stand_beside_the_shipped_ones(own: Path) -> None:
    (own / "acme.toml").write_text(ACME, encoding="utf-8")

    catalog = Catalog(SHIPPED, own)

    assert catalog.problems == ()
    assert not catalog.provider("acme").shipped
    assert catalog.provider("payos").shipped


def test_a_folder_of_ones_own_need_not_exist(tmp_path: Path) -> None:
    catalog = Catalog(SHIPPED, tmp_path / "providers")

    assert catalog.problems == ()


def test_a_shipped_provider_is_read_without_the_others(tmp_path: Path) -> None:
    for name in ("payos.toml", "payt.toml"):
        shutil.copy(SHIPPED / name, tmp_path)
    catalog = Catalog(tmp_path)

    first = catalog.provider("payos")
    (tmp_path / "payt.toml").write_text("no longer right", encoding="utf-8")

    assert [file for file, _, _ in problems(catalog)] == ["payt.toml"]
    assert catalog.provider("payos") == first


@pytest.mark.parametrize("content", ["broken", None, MINIMAL])
def test_a_shipped_file_that_does_not_serve_is_told_as_ever(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "payos.toml").write_text(content, encoding="utf-8")
    catalog = Catalog(tmp_path)

    with pytest.raises((DescriptorError, UnknownProvider)) as raised:
        catalog.provider("payos")

    assert isinstance(raised.value, DescriptorError) == (content == "broken")


@pytest.mark.parametrize("odd", ["../payos", "PayOS", "payos.toml", ""])
def test_an_id_is_no_path(odd: str) -> None:
    with pytest.raises(UnknownProvider):
        Catalog(SHIPPED).provider(odd)


def test_an_unknown_id_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownProvider) as caught:
        Catalog(SHIPPED).provider("acme")

    assert (caught.value.provider, caught.value.known) == (
        "acme",
        ("payos", "paysecurez", "paysera", "payt", "pyng"),
    )


@pytest.mark.parametrize(
    ("content", "key"),
    [(ACME.replace('id = "acme"', 'id = "acme"\nodd = 1'), "odd"), ("no TOML", "")],
    ids=["by the id that it gives", "by the file's name"],
)
def test_whoever_asks_for_the_provider_of_a_wrong_file_is_told_what_is_wrong(own: Path, content: str, key: str) -> None:
    (own / "acme.toml").write_text(content, encoding="utf-8")
    catalog = Catalog(SHIPPED, own)

    with pytest.raises(DescriptorError) as caught:
        catalog.provider("acme")

    assert (caught.value.file, caught.value.key) == (str(own / "acme.toml"), key)


def test_an_id_that_ships_cannot_be_taken(own: Path) -> None:
    (own / "mine.toml").write_text(MINIMAL.replace('"mini"', '"payos"'), encoding="utf-8")

    catalog = Catalog(SHIPPED, own)

    assert problems(catalog) == [("mine.toml", "id", "an id of its own: payos comes with Tokendeck")]
    assert catalog.provider("payos").name == "PayOS"


def test_an_id_of_another_own_file_cannot_be_taken(own: Path) -> None:
    (own / "a.toml").write_text(MINIMAL, encoding="utf-8")
    (own / "b.toml").write_text(MINIMAL.replace('"Mini"', '"Other"'), encoding="utf-8")

    catalog = Catalog(SHIPPED, own)

    assert problems(catalog) == [("b.toml", "id", "an id of its own: mini is in another file of yours")]
    assert catalog.provider("mini").name == "Mini"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"id = \n", "TOML (Invalid value (at line 1, column 6))", id="syntax"),
        pytest.param(b'id = "a"\nid = "b"\n', "TOML (Cannot overwrite a value (at line 2, column 9))", id="twice"),
        pytest.param(b'# ok\nname = "\xff"\n', "text in UTF-8 (it is something else at line 2)", id="encoding"),
        pytest.param('id = "ä"'.encode("utf-16"), "text in UTF-8 (it is something else at line 1)", id="UTF-16"),
        pytest.param(b"# " + b"x" * 65536, "at most 64 KiB", id="huge"),
        pytest.param(b"a = " + b"[" * 5000, "TOML whose values make sense", id="nested without end"),
        pytest.param(b"a = " + b"1" * 5000, "TOML whose values make sense", id="a number without end"),
        pytest.param(b"", "an id: ", id="empty"),
    ],
)
def test_a_file_that_cannot_be_read_costs_only_itself(own: Path, content: bytes, expected: str) -> None:
    (own / "bad.toml").write_bytes(content)
    (own / "good.toml").write_text(MINIMAL, encoding="utf-8")

    catalog = Catalog(SHIPPED, own)

    ((file, _, told),) = problems(catalog)
    assert file == "bad.toml"
    assert told.startswith(expected) or not content
    assert catalog.provider("mini").name == "Mini"


def test_a_byte_order_mark_and_windows_lines_are_fine(own: Path) -> None:
    (own / "mini.toml").write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())

    assert Catalog(SHIPPED, own).provider("mini").name == "Mini"


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_strange_files_are_told_and_never_waited_for(own: Path, tmp_path: Path) -> None:
    (own / "folder.toml").mkdir()
    os.mkfifo(own / "pipe.toml")
    (own / "dangling.toml").symlink_to(tmp_path / "nowhere")
    (own / "loop.toml").symlink_to(own / "loop.toml")
    (own / ".#mini.toml").symlink_to("somebody@host.1234")
    (tmp_path / "linked").write_text(MINIMAL, encoding="utf-8")
    (own / "link.toml").symlink_to(tmp_path / "linked")

    catalog = Catalog(SHIPPED, own)

    assert problems(catalog) == [
        ("dangling.toml", "", "a file that can be read (No such file or directory)"),
        ("folder.toml", "", "a regular file"),
        ("loop.toml", "", "a file that can be read (Too many levels of symbolic links)"),
        ("pipe.toml", "", "a regular file"),
    ]
    assert catalog.provider("mini").name == "Mini"


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "providers").write_text("", encoding="utf-8")

    catalog = Catalog(SHIPPED, tmp_path / "providers")

    assert problems(catalog) == [("providers", "", "a folder that can be read (Not a directory)")]
    assert catalog.providers()


def test_missing_shipped_files_are_told(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "resources")

    assert problems(catalog) == [("resources", "", "a folder of provider files")]
    assert catalog.providers() == ()


def test_files_are_read_anew_only_when_asked_or_for_an_id_that_was_not_there(own: Path) -> None:
    catalog = Catalog(SHIPPED, own)
    assert catalog.problems == ()
    before = catalog.provider("payos")
    (own / "mini.toml").write_text(MINIMAL, encoding="utf-8")

    assert catalog.provider("payos") is before
    assert "mini" not in {one.id for one in catalog.providers()}
    assert catalog.provider("mini").name == "Mini"

    (own / "mini.toml").write_text(MINIMAL.replace("Mini", "Maxi"), encoding="utf-8")
    assert catalog.provider("mini").name == "Mini"
    catalog.reload()

    assert catalog.provider("mini").name == "Maxi"


def test_an_unknown_id_alone_reads_nothing_anew(own: Path) -> None:
    catalog = Catalog(SHIPPED, own)
    assert catalog.problems == ()
    before = catalog.provider("payos")

    with pytest.raises(UnknownProvider):
        catalog.provider("mini")

    assert catalog.provider("payos") is before


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "mini.toml").write_text(MINIMAL, encoding="utf-8")

    assert [one.id for one in catalog.providers()] == ["mini"]


def test_five_files_are_read_in_a_moment() -> None:
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        Catalog(SHIPPED).providers()
        seconds.append(time.perf_counter() - started)

    assert min(seconds) < 0.05  # measured: 4 ms


def test_without_overrides_everybody_shares_the_files_own_provider() -> None:
    catalog = Catalog(SHIPPED)
    made = connection("payos", "client_credentials", {"base_url": "http://127.0.0.1:1", "body": ""})

    assert catalog.provider_for(made) is catalog.provider("payos")
