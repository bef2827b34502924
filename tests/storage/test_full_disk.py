"""Promise 38: a full disk is told as that, and whatever was saved stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.cramped import can_mount, cramped
from tests.storage.samples import NOW, SOME_CALL, make_connection, make_tokens
from tokendeck.core.errors import Hindrance, StoreUnwritable
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tokendeck.storage.storage import Storage

pytestmark = pytest.mark.promise(38)

BIG = "x" * 50_000


async def set_room(storage: Storage, pages: int) -> None:
    """Have SQLite itself refuse to grow the file beyond so many pages; those that are there, it never refuses."""
    await storage._store.read(lambda store: store.execute(f"PRAGMA max_page_count = {pages}").fetchall())


@pytest.mark.parametrize(
    "change",
    [
        lambda storage, _: storage.vault.put(make_connection("Other"), {"a": Secret(BIG)}),
        lambda storage, shop: storage.vault.put(shop, {"a": Secret(BIG)}),
        lambda storage, shop: storage.vault.save_tokens(shop.id, make_tokens(BIG)),
    ],
    ids=["add", "edit", "save"],
)
async def test_what_does_not_fit_is_refused_as_a_whole(
    storage: Storage, change: Callable[[Storage, object], Awaitable[object]]
) -> None:
    shop = make_connection()
    await storage.vault.put(shop, {"a": Secret("1")})
    saved = await storage.vault.save_tokens(shop.id, make_tokens())
    await set_room(storage, 1)

    with pytest.raises(StoreUnwritable) as caught:
        await change(storage, shop)
    kept = await storage.vault.credentials(shop.id), await storage.vault.tokens(shop.id)
    listed = [record.connection for record in await storage.ledger.records()]
    await storage.ledger.begin_refresh(shop.id, NOW)  # what needs no room goes on
    await storage.ledger.note_call(shop.id, SOME_CALL)
    await set_room(storage, 1 << 30)
    await change(storage, shop)

    assert caught.value.hindrance is Hindrance.FULL
    assert kept[0].secrets == {"a": Secret("1")}
    assert kept[1] == saved
    assert listed == [shop]


@pytest.mark.skipif(not can_mount(), reason="this system lets nobody but root mount a disk")
def test_a_real_disk_that_is_full_is_told_and_loses_nothing(tmp_path: Path) -> None:
    out = cramped(
        tmp_path / "disk",
        """
await storage.vault.open()
shop = make_connection("Shop")
await storage.vault.put(shop, {"a": Secret("1")})
await storage.vault.save_tokens(shop.id, make_tokens("old"))
ballast = open(home / "ballast", "wb", buffering=0)
for size in (4096, 1):
    try:
        while ballast.write(bytes(size)) == size:
            pass
    except OSError:
        pass
for change in (
    storage.vault.save_tokens(shop.id, make_tokens("n" * 50000)),
    storage.vault.put(make_connection("Other"), {"a": Secret("x" * 50000)}),
):
    try:
        await change
    except StoreUnwritable as error:
        print(error.hindrance.value)
kept = await storage.vault.tokens(shop.id)
print(kept.access_token.reveal(), kept.facts.serial)
await storage.close()

later = open_storage(home, guard=MemoryGuard(bytes(range(32))))
print(len(read_listing(home / "store.db")), len(await later.ledger.records()))
ballast.close()
(home / "ballast").unlink()
await later.vault.open()
print((await later.vault.save_tokens(shop.id, make_tokens("n" * 50000))).facts.serial)
await later.close()
""",
        disk_bytes=384 * 1024,
    )

    assert out.splitlines() == ["full", "full", "old 1", "1 1", "2"]


@pytest.mark.skipif(not can_mount(), reason="this system lets nobody but root mount a disk")
def test_a_disk_without_room_for_a_new_store_leaves_nothing_half_made(tmp_path: Path) -> None:
    out = cramped(
        tmp_path / "disk",
        """
state = await storage.vault.open()
print(state.why.hindrance.value, (home / "store.db").exists())
for file in home.glob("store.db*"):
    file.unlink()
os.system(f'mount -o remount,size=4m "{home}"')
print(type(await storage.vault.open()).__name__)
""",
        disk_bytes=40 * 1024,
    )

    assert out.splitlines() == ["full False", "VaultOpen"]
