"""A provider from an issuer, known before there is a file and written once it is wanted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.oauth.servers import serving
from tests.real_servers.desk import desk_at
from tokendeck.app.issuers import Issuers
from tokendeck.core.errors import FileTaken, NameTaken, UnknownProvider
from tokendeck.ui.adding.sketches import kept_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.oauth.servers import Exchange
    from tests.real_servers.desk import Desk
    from tokendeck.core.metadata import IssuerMetadata


@pytest.fixture
async def desk(home: Path) -> AsyncIterator[Desk]:
    async with desk_at(home / "deck") as desk:
        yield desk


@pytest.fixture
async def found(desk: Desk) -> IssuerMetadata:
    async with serving() as server:
        issuer = server.url("")
        published = {"issuer": issuer, "token_endpoint": f"{issuer}/token", "grant_types_supported": GRANTS}

        async def answer(exchange: Exchange) -> None:
            await exchange.answer(json.dumps(published).encode())

        server.script = answer
        return await Issuers(desk.parts).discover(issuer)


GRANTS = ["client_credentials"]


def files(desk: Desk) -> list[str]:
    return sorted(one.name for one in desk.parts.places.providers.iterdir())


async def test_a_provider_is_there_before_its_file_and_with_it(desk: Desk, found: IssuerMetadata) -> None:
    issuers = Issuers(desk.parts)

    sketch = issuers.sketch(found, "Mine")
    before = (desk.parts.catalog.provider(sketch.provider.id).name, issuers.known(found), files(desk))
    await sketch.keep()
    sketch.drop()
    after = (desk.parts.catalog.provider(sketch.provider.id).name, issuers.known(found), files(desk))

    assert before == ("Mine", None, [])
    assert after == ("Mine", sketch.provider, ["issuer-127-0-0-1.toml"])


async def test_what_is_taken_back_or_dropped_leaves_nothing(desk: Desk, found: IssuerMetadata) -> None:
    issuers = Issuers(desk.parts)

    taken_back, dropped = issuers.sketch(found), issuers.sketch(found)
    await taken_back.keep()
    await taken_back.take_back()
    dropped.drop()

    assert files(desk) == []
    with pytest.raises(UnknownProvider):
        desk.parts.catalog.provider(dropped.provider.id)


async def test_the_same_provider_that_another_process_wrote_does_as_well(desk: Desk, found: IssuerMetadata) -> None:
    issuers = Issuers(desk.parts)
    ours, theirs = issuers.sketch(found), issuers.sketch(found)

    await theirs.keep()
    await ours.keep()
    await ours.take_back()

    assert files(desk) == ["issuer-127-0-0-1.toml"], "it is not ours to take back"


async def test_keeping_twice_leaves_the_file_its_own_to_take_back(desk: Desk, found: IssuerMetadata) -> None:
    sketch = Issuers(desk.parts).sketch(found)

    await sketch.keep()
    await sketch.keep()
    await sketch.take_back()
    await sketch.take_back()

    assert files(desk) == []


async def test_a_file_that_cannot_be_taken_back_hides_no_error(
    desk: Desk, found: IssuerMetadata, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.app.issuers", "stays: a file that can be erased")
    sketch = Issuers(desk.parts).sketch(found)
    file = desk.parts.places.providers / "issuer-127-0-0-1.toml"

    async def save() -> None:
        async with kept_with(sketch):
            file.unlink()
            file.mkdir()  # which no program erases as a file, whoever runs it
            raise NameTaken("Mine")

    with pytest.raises(NameTaken):
        await save()

    assert file.is_dir()
    file.rmdir()
    desk.parts.catalog.reload()


@pytest.mark.parametrize("text", ["no TOML at all", ""])
async def test_a_file_of_somebody_elses_is_never_written_over(desk: Desk, found: IssuerMetadata, text: str) -> None:
    sketch = Issuers(desk.parts).sketch(found)
    file = desk.parts.places.providers / "issuer-127-0-0-1.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(FileTaken) as refusal:
        await sketch.keep()
    await sketch.take_back()

    assert refusal.value.file == str(file)
    assert file.read_text(encoding="utf-8") == text
    file.unlink()
    desk.parts.catalog.reload()
