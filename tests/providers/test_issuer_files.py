"""The files that descriptions of issuers are kept in, and what is known of them before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.providers.issuers import FULL, TODAY
from tests.providers.samples import connection
from tokendeck.core.errors import DescriptorError, UnknownProvider
from tokendeck.core.provider import BodyKind
from tokendeck.providers.catalog import Catalog
from tokendeck.providers.issuer_files import own_descriptor, sketch_of
from tokendeck.providers.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.provider import Provider


def test_a_file_is_written_once_for_each_issuer_and_never_over_another(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    (own / "auth-example-test.toml").write_text("mine", encoding="utf-8")
    catalog = Catalog(shipped, own)
    other = replace(FULL, issuer="https://auth.example.test/two", url="https://auth.example.test/two/x")

    first, file = own_descriptor(FULL, catalog, own, TODAY)
    again, unwritten = own_descriptor(FULL, catalog, own, TODAY)
    second, _ = own_descriptor(other, catalog, own, TODAY)

    assert (first.id, file) == ("auth-example-test-2", own / "auth-example-test-2.toml")
    assert (again, unwritten) == (first, None)
    assert second.id == "auth-example-test-3"
    assert (own / "auth-example-test.toml").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    own = tmp_path / "own"
    own.write_text("a file", encoding="utf-8")

    with pytest.raises(DescriptorError, match="a file that can be written"):
        own_descriptor(FULL, Catalog(tmp_path / "shipped"), own, TODAY)


def test_of_two_processes_that_describe_an_issuer_at_once_neither_writes_over_the_other(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    own = tmp_path / "own"
    one, other = (Catalog(tmp_path / "shipped", own) for _ in range(2))
    sketches = [sketch_of(FULL, catalog, own, TODAY) for catalog in (one, other)]

    written = [sketch.write() for sketch in sketches]

    assert written == [True, False]


class Overtaken(Catalog):
    """Sees another process write the file that is about to be written."""

    def lend(self, values: Mapping[str, object], file: str) -> Provider:
        if Path(file).name == "auth-example-test.toml":
            Path(file).parent.mkdir(parents=True)
            Path(file).write_text("theirs", encoding="utf-8")
        return super().lend(values, file)


def test_another_sketch_of_the_same_id_is_another_provider(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    catalog = Catalog(tmp_path / "shipped", tmp_path / "own")
    first = sketch_of(FULL, catalog, tmp_path / "own", TODAY, "One")
    changed = connection(first.provider.id, "client_credentials", {"body": "json"})
    one = catalog.provider_for(changed).name
    first.drop()

    sketch_of(FULL, catalog, tmp_path / "own", TODAY, "Another")

    assert (one, catalog.provider_for(changed).name) == ("One", "Another")


def test_a_sketch_that_takes_the_place_of_another_stays_when_that_one_goes(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    catalog = Catalog(tmp_path / "shipped", tmp_path / "own")
    first = sketch_of(FULL, catalog, tmp_path / "own", TODAY, "One")

    second = sketch_of(FULL, catalog, tmp_path / "own", TODAY, "Another")
    first.drop()
    first.drop()

    assert catalog.provider(second.provider.id).name == "Another"


@pytest.mark.parametrize("name", ["two\nlines", "a\x7fb", "\u202eback", "zero\u200bwidth", "\x00", "\ud800", "\t"])
def test_a_name_that_no_file_can_hold_is_refused_and_the_sketch_before_it_stays(tmp_path: Path, name: str) -> None:
    tmp_path.joinpath("shipped").mkdir()
    catalog = Catalog(tmp_path / "shipped", tmp_path / "own")
    before = sketch_of(FULL, catalog, tmp_path / "own", TODAY, "One")

    with pytest.raises(DescriptorError) as refusal:
        sketch_of(FULL, catalog, tmp_path / "own", TODAY, name)

    assert refusal.value.key == "name"
    assert catalog.provider(before.provider.id) is before.provider


@pytest.mark.parametrize("text", ["no TOML at all", "x = 2026-02-30"])
def test_a_sketch_that_is_no_toml_is_told_as_that(tmp_path: Path, text: str) -> None:
    tmp_path.joinpath("shipped").mkdir()

    with pytest.raises(DescriptorError, match="TOML"):
        Sketch(text, tmp_path / "one.toml", Catalog(tmp_path / "shipped"))


def test_a_file_that_cannot_be_erased_is_told(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    own = tmp_path / "own"
    sketch = sketch_of(FULL, Catalog(tmp_path / "shipped", own), own, TODAY)
    sketch.file.mkdir(parents=True)

    with pytest.raises(DescriptorError, match="a file that can be erased"):
        sketch.erase()


def test_whoever_is_overtaken_takes_the_next_id(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    own = tmp_path / "own"

    provider, file = own_descriptor(FULL, Overtaken(tmp_path / "shipped", own), own, TODAY)

    assert (provider.id, file) == ("auth-example-test-2", own / "auth-example-test-2.toml")
    assert (own / "auth-example-test.toml").read_text(encoding="utf-8") == "theirs"


def test_a_sketch_is_known_by_its_id_and_in_no_list_until_it_is_written(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    own = tmp_path / "own"
    catalog = Catalog(tmp_path / "shipped", own)

    sketch = sketch_of(FULL, catalog, own, TODAY, "Mine")
    lent, listed = catalog.provider(sketch.provider.id), catalog.providers()
    moved = connection(sketch.provider.id, "client_credentials", {"body": "json"})
    changed = catalog.provider_for(moved)
    sketch.write()
    sketch.erase()
    sketch.drop()

    assert lent == sketch.provider
    assert lent.name == "Mine"
    assert listed == ()
    assert changed.grant("client_credentials").mint.body is BodyKind.JSON
    assert list(own.iterdir()) == []
    with pytest.raises(UnknownProvider):
        catalog.provider(lent.id)
    with pytest.raises(UnknownProvider):
        catalog.provider_for(moved)


def test_an_address_begins_its_id_with_a_word(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    catalog = Catalog(tmp_path / "shipped", tmp_path / "own")

    provider, _ = own_descriptor(replace(FULL, issuer="http://127.0.0.1:80"), catalog, tmp_path / "own", TODAY)

    assert provider.id == "issuer-127-0-0-1"


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    own = tmp_path / "own"
    own.write_text("a file", encoding="utf-8")

    with pytest.raises(DescriptorError) as refusal:
        own_descriptor(FULL, Catalog(tmp_path / "shipped"), own / "below", TODAY)

    assert "written" in refusal.value.expected


def test_a_file_that_another_process_wrote_is_found_by_its_id(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    running = Catalog(shipped, own)
    assert running.providers() == ()

    written, _ = own_descriptor(FULL, Catalog(shipped, own), own, TODAY)

    assert running.provider(written.id) == written
