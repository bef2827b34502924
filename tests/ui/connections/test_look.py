from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from tests.ui.mockup import START, MockupCatalog, call, mockup_records
from tokendeck.core import status as states
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import DescriptorError
from tokendeck.ui.connections.look import Look, RingKind, look_at, sign_of
from tokendeck.ui.connections.model import ConnectionsModel

if TYPE_CHECKING:
    from tests.ui.conftest import Stage
    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider

WHY = Trouble(TroubleKind.WAITING, START, retry_at=START)


def look(stage: Stage, connection_id: str, seconds: float = 0) -> Look:
    model = ConnectionsModel(stage.context, mockup_records())
    record = model.record(connection_id)
    assert record is not None
    stage.clock.forward(seconds)
    return look_at(stage.context, model, record)


def test_no_two_states_share_a_shape() -> None:
    kinds = get_args(states.Status)
    with_reason = {states.Waiting, states.SignIn, states.NeedsAttention}

    signs = [sign_of(kind(WHY) if kind in with_reason else kind()) for kind in kinds]

    assert len({sign.icon for sign in signs}) == len(kinds)


def test_ring_shows_the_share_that_is_left(stage: Stage) -> None:
    web = look(stage, "web")

    assert web.ring.kind is RingKind.ARC
    assert web.ring.share == pytest.approx(48.2 / 60)
    assert web.ring.tone == "good"


@pytest.mark.parametrize(
    ("connection_id", "kind"),
    [
        ("merchant", RingKind.DOTTED),
        ("refund", RingKind.DOTTED),
        ("debtor", RingKind.INFINITY),
        ("test-debtor", RingKind.EMPTY),
        ("old", RingKind.EMPTY),
    ],
)
def test_ring_is_honest_about_what_nobody_knows(stage: Stage, connection_id: str, kind: RingKind) -> None:
    assert look(stage, connection_id).ring.kind is kind


def test_ring_warns_inside_the_lead(stage: Stage) -> None:
    assert look(stage, "pilot").ring.tone == "caution"


def test_ring_is_bad_in_the_last_minute_of_what_nothing_renews(stage: Stage) -> None:
    assert look(stage, "internal", seconds=24 * 60).ring.tone == "bad"


def test_row_of_a_live_token_counts_and_one_without_does_not(stage: Stage) -> None:
    assert look(stage, "web").counts
    assert not look(stage, "old").counts


def test_waiting_counts_down_in_words(stage: Stage) -> None:
    internal = look(stage, "internal", seconds=8)

    assert internal.state == "Waiting 0:30"


def test_last_verdict_is_shown_and_a_refusal_stands_out(stage: Stage) -> None:
    assert (look(stage, "web").verdict, look(stage, "web").verdict_tone) == ("200 in 182 ms", "neutral")
    assert (look(stage, "old").verdict, look(stage, "old").verdict_tone) == ("401 in 182 ms", "bad")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("works", "test worked"), ("minted", "token only"), ("refused", "test refused"), ("trouble", "no answer")],
)
def test_verdict_without_a_status_is_put_in_words(stage: Stage, outcome: str, words: str) -> None:
    record = replace(mockup_records()[0], last_call=call(outcome, status=None))
    model = ConnectionsModel(stage.context, [record])

    assert look_at(stage.context, model, record).verdict == words


def test_a_verdict_that_proves_a_token_alone_does_not_look_like_an_answered_call(stage: Stage) -> None:
    record = replace(mockup_records()[0], last_call=call("minted"))
    model = ConnectionsModel(stage.context, [record])

    assert look_at(stage.context, model, record).verdict == "token only, 182 ms"


def test_connection_without_a_descriptor_says_so(stage: Stage) -> None:
    record = mockup_records()[0]
    record = replace(record, connection=replace(record.connection, provider="gone"))
    model = ConnectionsModel(stage.context, [record])

    seen = look_at(stage.context, model, record)

    assert (seen.main, seen.quiet, seen.state) == ("no provider file", "gone", "Needs attention")


@pytest.mark.parametrize(
    ("refusals", "grant", "said"),
    [
        ({"provider", "provider_for"}, "main", "wrong provider file"),
        ({"provider_for"}, "main", "wrong override"),
        (set(), "gone", "grant is gone"),
    ],
    ids=["the file", "an override", "the grant"],
)
def test_a_row_says_what_is_wrong_with_its_descriptor_to_the_eye_and_to_the_ear(
    stage: Stage, refusals: set[str], grant: str, said: str
) -> None:
    class WrongCatalog(MockupCatalog):
        def provider(self, provider_id: str) -> Provider:
            self._refuse("provider")
            return super().provider(provider_id)

        def provider_for(self, connection: Connection) -> Provider:
            self._refuse("provider_for")
            return MockupCatalog().provider_for(connection)

        def _refuse(self, question: str) -> None:
            if question in refusals:
                raise DescriptorError("paysera.toml", "grants", "a table")

    stage.context.catalog = WrongCatalog()
    record = mockup_records()[0]
    record = replace(record, connection=replace(record.connection, grant=grant))
    model = ConnectionsModel(stage.context, [record])

    assert look_at(stage.context, model, record).main == said
    assert model.spoken(record.connection.id) == f"Web shop checkout, paysera, needs attention, {said}"
