"""The background: when it renews, how fast, and what stops it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.errors import NetworkStep, NoSuchConnection, ProviderBusy, StoreUnwritable, Unreachable, VaultLocked
from tokendeck.core.provider import GrantKind, RateBudget, RenewalPolicy
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut
from tokendeck.engine.events import RecordAdded, RecordRemoved, VaultChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rig import Rig
    from tokendeck.core.provider import Provider


@pytest.mark.promise(28)
async def test_a_long_token_is_renewed_its_lead_before_it_ends(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.engine.start()

    await rig.advance(3600 - 316)
    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "live"
    await rig.advance(2)

    assert rig.endpoint.mints == 2


@pytest.mark.promise(28)
async def test_a_minute_token_is_renewed_once_per_lifetime(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = 60
    await rig.engine.token(connection_id)
    rig.engine.start()

    for _ in range(10):
        await rig.advance(60, step=2)

    assert 11 <= rig.endpoint.mints <= 14


@pytest.mark.promise(29)
async def test_the_background_asks_a_server_of_one_second_tokens_six_times_a_minute_at_most(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = 1
    await rig.engine.token(connection_id)
    rig.engine.start()

    await rig.advance(60, step=1)

    assert rig.endpoint.mints <= 7


@pytest.mark.promise(31)
async def test_after_a_night_asleep_renewal_starts_within_five_seconds(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.engine.start()
    await rig.settle()

    rig.clock.suspend(8 * 3600)
    assert rig.engine.status(connection_id).word == "expired"
    await rig.advance(4)

    assert rig.endpoint.mints == 2


@pytest.mark.promise(32)
@pytest.mark.parametrize("step_s", [86400, -86400, -3600])
async def test_a_stepped_wall_clock_causes_no_storm_and_no_dead_token(rig: Rig, step_s: float) -> None:
    ids = [await rig.add(f"Shop {number}") for number in range(5)]
    for connection_id in ids:
        await rig.engine.token(connection_id)
    rig.engine.start()
    await rig.settle()

    rig.clock.step_wall(step_s)
    await rig.advance(12)

    assert rig.endpoint.mints in {5, 10}
    await rig.advance(3700, step=50)
    for connection_id in ids:
        left = rig.engine.record(connection_id).token.remaining(rig.clock.now())  # type: ignore[union-attr]  # all have one
        assert left is not None
        assert left > timedelta(0)


@pytest.mark.promise(33)
async def test_one_connection_that_crashes_stops_no_other(rig: Rig, expect_log: Callable[[str, str], None]) -> None:
    expect_log("tokendeck.engine.engine", "renewal of .* crashed")
    crashing = await rig.add("Crash")
    others = [await rig.add(f"Shop {number}") for number in range(9)]
    for connection_id in [crashing, *others]:
        await rig.engine.token(connection_id)
    rig.locks.crash_for = crashing
    rig.engine.start()

    await rig.advance(3400, step=100)

    assert all(rig.engine.record(one).serial == 2 for one in others)
    assert rig.engine.record(crashing).serial == 1


@pytest.mark.promise(30)
async def test_at_most_eight_are_in_flight_and_two_to_one_origin(rig: Rig) -> None:
    ids = [await rig.add(f"Shop {number}", base_url=f"https://api{number % 6}.example.test") for number in range(30)]
    rig.endpoint.gate = asyncio.Event()
    callers = [asyncio.create_task(rig.engine.token(one)) for one in ids]
    await rig.endpoint.arrived.wait()
    await rig.settle()
    held = rig.endpoint.in_flight
    rig.endpoint.gate.set()
    await asyncio.gather(*callers)

    assert held == 8
    assert rig.endpoint.most_in_flight == 8
    assert rig.endpoint.mints == 30


@pytest.mark.promise(30)
async def test_an_origin_gets_two_requests_at_a_time(rig: Rig) -> None:
    ids = [await rig.add(f"Shop {number}") for number in range(6)]
    rig.endpoint.gate = asyncio.Event()

    callers = [asyncio.create_task(rig.engine.token(one)) for one in ids]
    await rig.endpoint.arrived.wait()
    await rig.settle()
    held = rig.endpoint.in_flight
    rig.endpoint.gate.set()
    await asyncio.gather(*callers)

    assert held == 2


async def test_more_due_at_once_than_may_run_are_all_renewed(rig: Rig) -> None:
    ids = [await rig.add(f"Shop {number}", base_url=f"https://h{number % 9}.example.test") for number in range(50)]
    for connection_id in ids:
        await rig.engine.token(connection_id)
    rig.engine.start()
    await rig.settle()

    rig.clock.suspend(7200)
    for _ in range(6):
        await rig.advance(4)

    assert rig.endpoint.mints == 100


@pytest.mark.promise(27)
async def test_an_hour_of_outage_costs_twenty_requests_at_most(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.endpoint.script = [Unreachable("h", NetworkStep.CONNECT)] * 500
    rig.chance = 0.0
    rig.clock.advance(3601)
    rig.engine.start()

    await rig.advance(3599, step=4)

    assert 15 <= rig.endpoint.mints - 1 <= 20
    assert await rig.engine.kept_token(connection_id) is not None


async def test_after_an_outage_the_background_catches_up_by_itself(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.clock.advance(3601)
    rig.endpoint.script = [Unreachable("h", NetworkStep.CONNECT)] * 2
    rig.engine.start()

    await rig.advance(60, step=1)

    assert rig.engine.status(connection_id).word == "live"
    assert rig.endpoint.mints == 4


@pytest.mark.promise(25)
async def test_the_background_never_asks_again_after_a_refusal(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    rig.engine.start()

    await rig.advance(7200, step=60)

    assert rig.endpoint.mints == 2
    assert rig.engine.status(connection_id).word == "needs_attention"


async def test_a_spent_budget_is_waited_for(rig: Rig) -> None:
    rig.use(provider(rate=RateBudget(2, timedelta(seconds=60))))
    ids = [await rig.add(f"Shop {number}") for number in range(4)]
    for connection_id in ids:
        await rig.engine.token(connection_id)
        rig.clock.advance(61)
    rig.engine.start()
    await rig.settle()

    rig.clock.suspend(7200)
    await rig.advance(4)
    assert rig.endpoint.mints == 6
    await rig.advance(120, step=4)

    assert rig.endpoint.mints == 8


async def test_a_lock_kept_by_another_process_is_tried_again_later(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.locks.taken.add(connection_id)
    rig.clock.advance(3601)
    rig.engine.start()
    await rig.advance(4)
    assert rig.endpoint.mints == 1

    rig.locks.taken.clear()
    await rig.advance(20, step=4)

    assert rig.endpoint.mints == 2


@pytest.mark.parametrize(
    "of",
    [
        provider(policy=RenewalPolicy.MANUAL),
        provider(policy=RenewalPolicy.ON_USE),
        provider(never_expires=True),
        provider(kind=GrantKind.AUTHORIZATION_CODE),
    ],
    ids=["manual", "on_use", "never", "signed_in"],
)
async def test_what_needs_no_renewal_gets_none(rig: Rig, of: Provider) -> None:
    rig.use(of)
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = None
    await rig.give(connection_id, "kept", lifetime=None if of == provider(never_expires=True) else timedelta(hours=1))
    rig.engine.start()

    await rig.advance(8000, step=100)

    assert rig.endpoint.sent == []


async def test_a_token_of_unknown_lifetime_is_renewed_at_the_period_that_the_user_sets(rig: Rig) -> None:
    rig.use(provider(every=timedelta(minutes=30)))
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = None
    await rig.engine.token(connection_id)
    rig.engine.start()

    await rig.advance(3601, step=10)

    assert rig.endpoint.mints == 3


async def test_pausing_stops_renewal_and_resuming_starts_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    await rig.engine.set_paused(connection_id, paused=True)
    rig.engine.start()
    await rig.advance(3601, step=100)
    assert rig.endpoint.mints == 1

    await rig.engine.set_paused(connection_id, paused=False)
    await rig.advance(4)

    assert rig.endpoint.mints == 2


async def test_what_another_process_changed_is_noticed(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    other = await rig.another_process()
    rig.engine.start()
    await rig.settle()

    tokens = await other.refresh(connection_id)
    added = replace(rig.engine.record(connection_id).connection, id="f" * 32, name="New")
    await other.add(added, {})
    await rig.advance(4)

    record = rig.engine.record(connection_id)
    assert record.token == tokens.facts
    assert rig.engine.find("new").connection == added


async def test_a_store_that_does_not_answer_does_not_stop_the_schedule(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.ledger.error = StoreUnwritable("store", "gone")
    rig.engine.start()

    await rig.advance(3400, step=100)

    assert rig.endpoint.mints == 2


async def test_locking_stops_renewal_and_unlocking_starts_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.engine.lock()
    rig.engine.start()
    await rig.advance(3601, step=100)
    assert rig.endpoint.mints == 1

    state = await rig.engine.unlock()
    await rig.advance(4)

    assert isinstance(state, VaultOpen)
    assert rig.endpoint.mints == 2
    states = [event.state for event in rig.events if isinstance(event, VaultChanged)]
    assert [type(one) for one in states[-3:]] == [VaultShut, VaultOpening, VaultOpen]


async def test_the_next_renewal_is_known(rig: Rig) -> None:
    assert rig.engine.next_renewal() is None
    connection_id = await rig.add("Shop")

    await rig.engine.token(connection_id)

    next_one = rig.engine.next_renewal()
    assert next_one is not None
    assert next_one[0] == connection_id
    assert next_one[1] == pytest.approx(3600 - 315)


async def test_deleting_can_be_undone_for_ten_seconds(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    kept = await rig.engine.token(connection_id)
    await rig.engine.delete(connection_id)
    assert rig.engine.records() == ()
    await rig.advance(9)

    await rig.engine.undo_delete(connection_id)
    await rig.advance(9)

    assert await rig.engine.token(connection_id) == kept
    kinds = [type(event) for event in rig.events]
    assert RecordRemoved in kinds
    assert kinds.index(RecordAdded) < kinds.index(RecordRemoved)


async def test_a_deletion_is_carried_out_after_ten_seconds(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.delete(connection_id)

    await rig.advance(11)

    with pytest.raises(NoSuchConnection):
        await rig.engine.undo_delete(connection_id)


async def test_quitting_carries_deletions_out_at_once(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.delete(connection_id)

    await rig.engine.drain()

    with pytest.raises(NoSuchConnection):
        await rig.ledger.unhide(connection_id)


async def test_quitting_waits_for_an_answer_on_the_wire_and_saves_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    rig.engine.start()

    draining = asyncio.create_task(rig.engine.drain())
    await rig.settle()
    assert not draining.done()
    rig.endpoint.gate.set()
    await draining

    saved = await rig.vault.tokens(connection_id)
    assert saved is not None
    assert (await caller) == saved


async def test_the_status_of_a_waiting_connection_counts_down_to_its_retry(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(503, {}, {"retry-after": "40"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)

    trouble = rig.engine.record(connection_id).trouble

    assert trouble is not None
    assert trouble.retry_at is not None
    assert trouble.retry_at - rig.clock.wall >= timedelta(seconds=40)


async def test_a_vault_that_shuts_in_the_middle_is_tried_again_later(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.clock.advance(3400)
    rig.vault.error = VaultLocked()
    rig.engine.start()
    await rig.advance(4)
    rig.vault.error = None

    await rig.advance(20, step=4)

    assert rig.endpoint.mints == 2
    assert rig.engine.record(connection_id).serial == 2


async def test_a_connection_of_an_unknown_provider_is_never_due(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.use(provider(provider_id="other"))
    rig.engine.start()

    await rig.advance(4000, step=100)

    assert rig.endpoint.mints == 1


async def test_undoing_in_another_process_brings_a_connection_back_too(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.ledger.hide(connection_id)
    await rig.engine.load()

    await rig.engine.undo_delete(connection_id)
    await rig.ledger.purge("unknown")

    assert rig.engine.record(connection_id).connection.name == "Shop"
