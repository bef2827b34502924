from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.samples import NOW
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import (
    ConfigurationRefused,
    GrantDead,
    NetworkStep,
    ProviderBusy,
    TlsFault,
    TokendeckError,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
)
from tokendeck.core.trouble import (
    LONGEST_WAIT,
    Lasting,
    Passing,
    binds,
    error_from,
    next_try_in,
    pause_left,
    trouble_from,
)

WALL = NOW.wall
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (GrantDead(status=400, code="invalid_grant", words="gone"), TroubleKind.SIGN_IN),
        (ConfigurationRefused(status=401, code="invalid_client", words="wrong"), TroubleKind.NEEDS_ATTENTION),
        (UnusableToken(code="token_type", words="mac"), TroubleKind.NEEDS_ATTENTION),
        (UnusableToken(code="token_characters"), TroubleKind.NEEDS_ATTENTION),
    ],
)
@pytest.mark.promise(25)
def test_what_a_person_must_mend_is_never_tried_again_by_itself(error: Lasting, kind: TroubleKind) -> None:
    trouble = trouble_from(error, None, WALL, 0.5)

    assert (trouble.kind, trouble.code, trouble.words, trouble.status) == (kind, error.code, error.words, error.status)
    assert trouble.retry_at is None
    assert next_try_in(trouble, WALL) is None


@pytest.mark.parametrize(
    "error",
    [
        GrantDead(status=400, code="invalid_grant", words="gone"),
        ConfigurationRefused(status=401, code="invalid_client", words="wrong"),
        UnusableToken(status=200, code="token_type", words="mac"),
        ProviderBusy(status=503, code="server_error", words="later"),
        ProviderBusy(status=429, code="connect"),
        UnreadableAnswer("web_page", status=200),
        *(Unreachable("api.test", step, timed_out=late, detail="x") for step in NetworkStep for late in (True, False)),
        *(Unreachable("api.test", NetworkStep.TLS, fault=fault, detail="words") for fault in TlsFault),
    ],
    ids=repr,
)
def test_an_error_is_remembered_and_comes_back_as_it_was(error: Lasting | Passing) -> None:
    again = error_from(trouble_from(error, None, WALL, 0.5), "api.test", WALL)

    assert type(again) is type(error)
    facts_of = {name: value for name, value in vars(error).items() if name != "retry_after"}
    assert {name: getattr(again, name) for name in facts_of} == facts_of


@pytest.mark.promise(27)
def test_tries_in_a_row_are_counted_on_and_wait_longer() -> None:
    busy = ProviderBusy(status=503)

    first = trouble_from(busy, None, WALL, 1.0)
    second = trouble_from(busy, first, WALL, 1.0)

    assert (first.attempts, first.retry_at) == (1, WALL + timedelta(seconds=4))
    assert (second.attempts, second.retry_at) == (2, WALL + timedelta(seconds=8))
    assert second.hold_until is None


def test_a_refusal_before_it_does_not_count_as_a_try() -> None:
    refused = Trouble(TroubleKind.NEEDS_ATTENTION, WALL, attempts=7)

    assert trouble_from(ProviderBusy(status=503), refused, WALL, 1.0).attempts == 1


@pytest.mark.promise(27)
def test_what_the_provider_asked_for_binds_a_person_too() -> None:
    trouble = trouble_from(ProviderBusy(status=429, retry_after=MINUTE), None, WALL, 1.0)

    assert trouble.hold_until == WALL + MINUTE
    assert trouble.retry_at == WALL + MINUTE + timedelta(seconds=4)


@pytest.mark.parametrize(
    ("until", "binding"),
    [
        (None, False),
        (WALL, False),
        (WALL - MINUTE, False),
        (WALL + MINUTE, True),
        (WALL + LONGEST_WAIT, True),
        (WALL + LONGEST_WAIT + MINUTE, False),
    ],
)
def test_a_wait_binds_while_it_runs_and_could_have_been_set(until: object, *, binding: bool) -> None:
    assert binds(until, WALL) is binding  # type: ignore[arg-type]  # a time or None


@pytest.mark.parametrize(
    ("retry_in", "hold_for", "pause"),
    [
        (MINUTE, None, MINUTE),
        (MINUTE, 2 * MINUTE, 2 * MINUTE),
        (2 * MINUTE, MINUTE, 2 * MINUTE),
        (-MINUTE, None, timedelta(0)),
        (timedelta(days=1), None, timedelta(0)),
        (None, None, timedelta(0)),
    ],
)
def test_the_next_try_comes_when_every_wait_is_over(
    retry_in: timedelta | None, hold_for: timedelta | None, pause: timedelta
) -> None:
    trouble = Trouble(
        TroubleKind.WAITING,
        WALL,
        retry_at=None if retry_in is None else WALL + retry_in,
        hold_until=None if hold_for is None else WALL + hold_for,
    )

    assert next_try_in(trouble, WALL) == pause


@pytest.mark.promise(27)
def test_an_edit_leaves_the_pause_that_the_provider_asked_for() -> None:
    busy = trouble_from(ProviderBusy(status=429, words="slowly", retry_after=MINUTE), None, WALL, 1.0)

    left = pause_left(busy, WALL)

    assert left == replace(busy, attempts=0, retry_at=WALL + MINUTE)
    assert pause_left(busy, WALL + MINUTE) is None
    assert pause_left(trouble_from(ProviderBusy(status=503), None, WALL, 1.0), WALL) is None


def test_an_edit_leaves_nothing_of_a_refusal_but_the_pause() -> None:
    refused = Trouble(TroubleKind.NEEDS_ATTENTION, WALL, "invalid_client", "no", 401, hold_until=WALL + MINUTE)

    left = pause_left(refused, WALL)

    assert left == Trouble(TroubleKind.WAITING, WALL, retry_at=WALL + MINUTE, hold_until=WALL + MINUTE)


def test_the_error_that_comes_back_says_how_long_is_left() -> None:
    trouble = trouble_from(ProviderBusy(status=503), None, WALL, 1.0)

    error = error_from(trouble, "api.test", WALL + timedelta(seconds=1))

    assert isinstance(error, ProviderBusy)
    assert error.retry_after == timedelta(seconds=3)


def test_a_refusal_of_no_known_kind_is_still_a_refusal() -> None:
    error: TokendeckError = error_from(Trouble(TroubleKind.NEEDS_ATTENTION, WALL, code="novel"), "api.test", WALL)

    assert isinstance(error, ConfigurationRefused)
