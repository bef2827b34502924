"""What was erased is gone from the disk: overwritten in the file, and no longer in its log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import SOME_CALL, SOME_TROUBLE, make_connection, make_tokens, start
from tests.storage.tampering import look
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.storage.storage import Storage

pytestmark = pytest.mark.promise(5)

SHOP = make_connection(
    "Kaunas shop 58213",
    values={"merchantId": "merchant-90377"},
    overrides={"base_url": "https://override-44120.example"},
    tags=("tag-71935",),
    confirmed_origins=("https://origin-60248.example",),
)


async def fill(storage: Storage) -> None:
    """Keep a connection among others, so that its pages are shared."""
    for number in range(10):
        await storage.vault.put(make_connection(f"Other {number}"), {"a": Secret("x" * 50 * number)})
    await storage.vault.put(SHOP, {"a": Secret("1"), "b": Secret("2" * 6000)})
    await storage.vault.save_tokens(SHOP.id, make_tokens("t" * 3000))
    await storage.ledger.note_call(SHOP.id, replace(SOME_CALL, call="call-13579"))
    await storage.ledger.note_trouble(SHOP.id, replace(SOME_TROUBLE, words="words-24680"))


def traces(home: Path) -> dict[str, bytes]:
    """Give what the disk may not show any more, by what it is."""
    sealed = look(home, "SELECT field, nonce, ciphertext FROM sealed WHERE connection_id = ?", SHOP.id)
    return {
        **{f"nonce of {field}": nonce for field, nonce, _ in sealed},
        # A page holds the end of what is too long for it apart from the beginning.
        **{f"start of {field}": ciphertext[:12] for field, _, ciphertext in sealed},
        **{f"end of {field}": ciphertext[-12:] for field, _, ciphertext in sealed},
        **{text: text.encode() for text in (SHOP.id, "58213", "90377", "44120", "71935", "60248")},
        **{text: text.encode() for text in ("call-13579", "words-24680")},
    }


def found(home: Path, traces: dict[str, bytes]) -> set[str]:
    content = b"".join(file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file())
    return {what for what, trace in traces.items() if trace in content}


async def test_a_purged_connection_leaves_no_trace_even_while_the_program_runs(
    storage: Storage, store_home: Path
) -> None:
    await fill(storage)
    left = traces(store_home)
    before = found(store_home, left)

    await storage.ledger.hide(SHOP.id)
    await storage.ledger.purge(SHOP.id)

    assert before == set(left)
    assert found(store_home, left) == set()
    assert len(await storage.ledger.records()) == 10


async def test_what_a_dead_process_hid_leaves_no_trace_once_it_is_purged(storage: Storage, store_home: Path) -> None:
    await fill(storage)
    left = traces(store_home)
    await storage.ledger.hide(SHOP.id)
    await storage.close()

    later = await start(store_home)
    await later.ledger.purge_hidden()

    assert found(store_home, left) == set()
    await later.close()


async def test_another_program_that_looks_meanwhile_keeps_no_trace_longer_than_it_looks(
    storage: Storage, store_home: Path
) -> None:
    await fill(storage)
    left = traces(store_home)
    await storage._store.read(lambda store: store.execute("PRAGMA busy_timeout = 50").fetchall())
    with closing(sqlite3.connect(store_home / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM connections").fetchone()
        await storage.ledger.hide(SHOP.id)
        await storage.ledger.purge(SHOP.id)
        reader.execute("COMMIT")
    await storage.close()

    assert found(store_home, left) == set()


async def test_what_is_replaced_leaves_no_trace_after_the_end(storage: Storage, store_home: Path) -> None:
    await fill(storage)
    left = {what: trace for what, trace in traces(store_home).items() if " of " in what}

    await storage.vault.put(SHOP, {"a": Secret("longer than before"), "b": Secret("")})
    await storage.vault.save_tokens(SHOP.id, make_tokens("short", None))
    await storage.close()

    assert found(store_home, left) == set()


async def test_forgotten_tokens_leave_no_trace_after_the_end(storage: Storage, store_home: Path) -> None:
    await fill(storage)
    left = {what: trace for what, trace in traces(store_home).items() if "token:" in what}

    await storage.vault.forget_tokens(SHOP.id, 1)
    await storage.close()

    assert found(store_home, left) == set()


async def test_a_discarded_token_leaves_no_trace_after_the_end(storage: Storage, store_home: Path) -> None:
    await fill(storage)
    left = {what: trace for what, trace in traces(store_home).items() if "token:access" in what}

    await storage.vault.discard_tokens(SHOP.id, 1)
    await storage.close()

    assert found(store_home, left) == set()
