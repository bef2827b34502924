from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tokendeck.core.connection import Connection, ConnectionRecord
from tokendeck.core.listing import Listing

ROWS = (("1", "Alpha", "facts"), ("2", "Beta", "facts"), ("3", "Gamma", "facts"))


class Reader:
    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, row: tuple[str, str, str]) -> ConnectionRecord:
        self.read.append(row[0])
        return record(*row[:2])


def record(connection_id: str, name: str) -> ConnectionRecord:
    made_at = datetime(2026, 11, 21, tzinfo=UTC)
    return ConnectionRecord(Connection(connection_id, name, "payos", "production", "client_credentials", made_at))


def test_names_and_order_are_there_without_reading_anything() -> None:
    reader = Reader()

    listing = Listing(ROWS, reader)

    assert list(listing) == ["1", "2", "3"]
    assert dict(listing.names()) == {"1": "Alpha", "2": "Beta", "3": "Gamma"}
    assert len(listing) == 3
    assert reader.read == []


def test_a_record_is_read_once() -> None:
    reader = Reader()
    listing = Listing(ROWS, reader)

    found = [listing["2"], listing.get("2"), listing["2"]]

    assert found == [record("2", "Beta")] * 3
    assert reader.read == ["2"]
    assert listing.get("4") is None


def test_records_can_be_replaced_and_taken_away() -> None:
    reader = Reader()
    listing = Listing(ROWS, reader)

    listing["2"] = record("2", "Better")
    listing["4"] = record("4", "Delta")
    del listing["1"]
    with pytest.raises(KeyError):
        del listing["1"]

    assert list(listing.names()) == [("2", "Better"), ("3", "Gamma"), ("4", "Delta")]
    assert reader.read == []
