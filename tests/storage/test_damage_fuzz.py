"""A real store with flipped bytes or cut short: what opens is right, everything else is reported, and nothing mixes."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import KEY, SOME_CALL, SOME_TROUBLE, make_connection, make_tokens, start
from tokendeck.core.credentials import Credentials
from tokendeck.core.errors import NameTaken, NoSuchConnection, VaultUnavailable
from tokendeck.core.secret import Secret
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.reading import set_aside_files
from tokendeck.storage.records import read_listing
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.core.token import TokenSet

pytestmark = [pytest.mark.promise(12), pytest.mark.promise(38)]

CONNECTIONS = 8
SEEDS = range(3)
FLIPS_PER_SEED = 40
CUTS = 30


@dataclass(frozen=True)
class Whole:
    """A store as it was before it was damaged."""

    files: dict[str, bytes]
    may_turn_back: bool
    """Whether what was last written may be missing: what a log has from a damaged frame on never happened."""

    credentials: dict[str, Credentials]
    tokens: dict[str, TokenSet]


@pytest.fixture(params=["all in the file", "much in the log"])
async def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Whole:
    home = tmp_path / "whole"
    storage = await start(home)
    await storage.vault.make_recovery_key()
    credentials: dict[str, Credentials] = {}
    tokens: dict[str, TokenSet] = {}
    for number in range(CONNECTIONS):
        connection = make_connection(f"Shop {number}", confirmed_origins=(f"https://shop{number}.example",))
        secrets = {"a": Secret(f"a of {number}"), "b": Secret(f"b of {number}" * 20)}
        await storage.vault.put(connection, secrets)
        credentials[connection.id] = Credentials(connection, secrets)
        tokens[connection.id] = await storage.vault.save_tokens(connection.id, make_tokens(f"token of {number}"))
        await storage.ledger.note_call(connection.id, SOME_CALL)
        if number % 2:
            await storage.ledger.note_trouble(connection.id, SOME_TROUBLE)
    if request.param == "all in the file":
        await storage.close()
        files = {"store.db": (home / "store.db").read_bytes()}
    else:
        files = {name: (home / name).read_bytes() for name in ("store.db", "store.db-wal")}
        await storage.close()
    return Whole(files, len(files) > 1, credentials, tokens)


@pytest.mark.parametrize("seed", SEEDS)
async def test_flipped_bytes_are_damage_or_do_no_harm(whole: Whole, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    came_to = Counter[str]()

    for number in range(FLIPS_PER_SEED):
        files = {name: bytearray(content) for name, content in whole.files.items()}
        for _ in range(chance.choice((1, 1, 2, 8, 64))):
            content = files[chance.choice(sorted(files))]
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        came_to += await used(whole, tmp_path / f"flipped-{number}", files)

    assert came_to["sound"] > FLIPS_PER_SEED
    assert came_to["damaged"] > FLIPS_PER_SEED


async def test_a_file_cut_short_is_damage_or_does_no_harm(whole: Whole, tmp_path: Path) -> None:
    chance = random.Random("cut")  # noqa: S311 - no secret depends on it
    came_to = Counter[str]()

    for number in range(CUTS):
        files = {name: bytearray(content) for name, content in whole.files.items()}
        content = files[chance.choice(sorted(files))]
        at = chance.randrange(len(content))
        del content[at - at % chance.choice((1, 512, 4096)) :]
        came_to += await used(whole, tmp_path / f"cut-{number}", files)

    assert came_to["damaged"] + came_to["gone"] > CUTS


async def used(whole: Whole, home: Path, files: dict[str, bytearray]) -> Counter[str]:
    """Use what is left of a store; count what is sound, damaged and gone, and let nothing be wrong."""
    home.mkdir(mode=0o700)
    for name, content in files.items():
        (home / name).write_bytes(content)
    tuple(read_listing(home / "store.db").values())
    storage = open_storage(home, guard=MemoryGuard(KEY))
    came_to = Counter[str]()
    try:
        await storage.vault.open()
        listed = {record.connection.id: record for record in await storage.ledger.records()}
        for connection_id in whole.credentials:
            found = [await looked_at(whole, storage, part, connection_id) for part in ("credentials", "tokens")]
            came_to.update(found)
            if found == ["sound", "sound"] and connection_id in listed:
                record = listed[connection_id]
                assert replace(record.connection, paused=False) == whole.credentials[connection_id].connection
                assert record.token == whole.tokens[connection_id].facts
            if "gone" in found:
                assert whole.may_turn_back or found[0] == "gone"
            await storage.ledger.history(connection_id, 10)
        await used_again(storage, next(iter(whole.credentials)))
    except VaultUnavailable as error:
        came_to["damaged"] += 2 * CONNECTIONS - came_to.total()
        kept_as = getattr(error, "kept_as", None)
        assert kept_as is None or kept_as in map(str, set_aside_files(home))
    finally:
        await storage.close()
        shutil.rmtree(home)
    return came_to


async def looked_at(whole: Whole, storage: Storage, part: str, connection_id: str) -> str:
    try:
        found = await getattr(storage.vault, part)(connection_id)
    except NoSuchConnection:
        return "gone"
    except VaultUnavailable:
        return "damaged"
    if found is None:
        return "gone"
    wanted = getattr(whole, part)[connection_id]
    if isinstance(found, Credentials):  # pausing is possible while the vault is locked, so nothing vouches for it
        wanted = replace(wanted, connection=replace(wanted.connection, paused=found.connection.paused))
    assert found == wanted, part
    return "sound"


async def used_again(storage: Storage, connection_id: str) -> None:
    """Go on with a store as if nothing were the matter: what is written now reads back."""
    with suppress(NoSuchConnection, NameTaken):
        saved = await storage.vault.save_tokens(connection_id, make_tokens("new"))
        await storage.ledger.note_call(connection_id, SOME_CALL)
        credentials = await storage.vault.credentials(connection_id)
        await storage.vault.put(credentials.connection, {"a": Secret("new")})
        assert await storage.vault.tokens(connection_id) == saved
        assert (await storage.vault.credentials(connection_id)).secrets == {**credentials.secrets, "a": Secret("new")}
        await storage.ledger.hide(connection_id)
        await storage.ledger.purge(connection_id)
        assert await storage.vault.tokens(connection_id) is None
