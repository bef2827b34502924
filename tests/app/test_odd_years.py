"""Machines that think it is 1970 or 2100: all works, the clock is called wrong, and setting it right loses nothing."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.manual_clock import ManualClock
from tokendeck.app.examination import Examination
from tokendeck.app.furnishing import LIFETIMES_S, SHOWN, furnish
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.cli.listing import list_text
from tokendeck.core.wording import Wording
from tokendeck.engine.events import ClockWarning
from tokendeck.providers.catalog import Catalog
from tokendeck.sandbox import Sandbox
from tokendeck.storage.guards import MemoryGuard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tokendeck.app.parts import Parts
    from tokendeck.engine.events import Event

KEY = bytes(range(32))
YEARS = pytest.mark.parametrize(
    "year",
    [
        pytest.param(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), id="1970"),
        pytest.param(datetime(2100, 1, 1, tzinfo=UTC), id="2100"),
    ],
)


@asynccontextmanager
async def parts_at(home: Path, clock: ManualClock) -> AsyncIterator[Parts]:
    catalog, guard = Catalog(resources() / "providers"), MemoryGuard(KEY)
    async with running_parts(find_places(home), catalog=catalog, clock=clock, guard=guard) as parts:
        await parts.engine.load()
        await parts.engine.unlock()
        yield parts


def words_of(parts: Parts) -> dict[str, str]:
    records = parts.engine.records()
    return {one.connection.name: parts.engine.status(one.connection.id).word for one in records}


@YEARS
async def test_connections_are_in_the_states_of_any_other_year(home: Path, year: datetime) -> None:
    events: list[Event] = []
    async with Sandbox(lifetimes=LIFETIMES_S) as sandbox, parts_at(home / "odd", ManualClock(year)) as parts:
        parts.engine.subscribe(events.append)

        await furnish(parts.engine, parts.catalog, sandbox)

        assert words_of(parts) == {
            "Web shop checkout": "live",
            "Merchant 20417": "live",
            "Partner pilot": "live",
            "Debtor sync": "live",
            "Refund desk": "on_demand",
            "Old shop": "needs_attention",
            "Subscriptions": "live",
            "Debtor sync, test company": "paused",
            "Debtor portal": "sign_in",
        }
        table = list_text(parts.engine, Wording(), parts.clock.now())
        assert all(shown.name in table for shown in SHOWN)
        examination = Examination(parts.places, catalog=parts.catalog, clock=parts.clock, wording=Wording())
        assert (await examination.of_window(parts)).findings
    assert any(isinstance(event, ClockWarning) for event in events)


@pytest.mark.promise(32)
@YEARS
async def test_a_clock_that_is_set_right_loses_nothing_and_starts_no_storm(home: Path, year: datetime) -> None:
    clock = ManualClock(year)
    async with Sandbox(lifetimes=LIFETIMES_S) as sandbox:
        async with parts_at(home / "odd", clock) as parts:
            await furnish(parts.engine, parts.catalog, sandbox)
            before = words_of(parts)
            asked = sandbox.count(endpoint="token")

        clock.wall = datetime.now(UTC)
        clock.elapsed_s += timedelta(minutes=10).total_seconds()
        async with parts_at(home / "odd", clock) as parts:
            ids = [one.connection.id for one in parts.engine.records() if before[one.connection.name] == "live"]
            tokens = [await parts.engine.token(connection_id) for connection_id in ids * 2]
            after = words_of(parts)

        assert before.keys() == after.keys() == {shown.name for shown in SHOWN}
        assert all(tokens)
        assert sandbox.count(endpoint="token") - asked <= len(ids)
