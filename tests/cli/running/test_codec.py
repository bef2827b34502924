from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.samples import token_set
from tests.manual_clock import ManualClock
from tokendeck.cli.running.codec import ERRORS, VALUES, WORDS, Garbled, from_line, to_line
from tokendeck.core import errors
from tokendeck.core.connection import Connection
from tokendeck.core.errors import (
    BudgetSpent,
    EndOfSignIn,
    KeyringChanged,
    NetworkStep,
    PassingTrouble,
    TlsFault,
    TokendeckError,
    Unreachable,
    VaultLocked,
)
from tokendeck.core.expiry import At, ExpirySource, Never, NotStated
from tokendeck.core.prompts import BrowserPrompt, DevicePrompt
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut
from tokendeck.core.verdict import Step, Verdict, VerdictKind

NOW = ManualClock().now()
SAMPLES: list[object] = [
    None,
    True,
    7,
    0.5,
    "line\nbreak, ü, \N{MONEY BAG} and \ud800",
    ("a", ("b",)),
    {"is": "no kind, but a key", "k": ()},
    datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC),
    timedelta.max,
    timedelta(microseconds=-1),
    Secret('s%3cret "quoted"'),
    NOW,
    At(NOW.wall, ExpirySource.JWT),
    Never("payt"),
    NotStated(),
    TokenFacts(NOW, NotStated(), scope=("a", "b"), has_refresh_token=True, serial=3),
    TokenSet(Secret("x" * 65536), Secret("refresh"), TokenFacts(NOW, Never("payt")), token_type="MAC"),
    Connection("id", "Shop", "acme", "live", "cc", NOW.wall, {"a": "b"}, {"c": "d"}, ("tag",), ("https://a:443",)),
    VaultOpen(Guard.KEYRING, "KWallet"),
    VaultOpening(),
    BrowserPrompt("https://auth.example/authorize?state=s", "http://127.0.0.1:1/callback", is_pasted=False),
    DevicePrompt("WDJB-MJHT", "https://auth.example/device", ""),
    Verdict(VerdictKind.WORKS, Step.DONE, headers={"retry-after": "3"}, timings_ms={"tls": 1.5}),
]
LEAVES = [kind for kind in ERRORS.values() if not kind.__name__.startswith("_")]
FACTS: dict[str, object] = {
    "step": NetworkStep.TLS,
    "status": 429,
    "timed_out": True,
    "fault": TlsFault.EXPIRED,
    "why": EndOfSignIn.CANCELLED,
    "asked": timedelta(hours=2),
    "given": timedelta(hours=1),
    "retry_after": timedelta(seconds=30),
    "known": ("acme", "other"),
    "near": ("shop",),
    "found": 9,
    "port": 8080,
}


def travelled(value: object) -> Any:  # noqa: ANN401 - whatever comes back
    return from_line(to_line({"value": value}))["value"]


def built(kind: type[TokendeckError]) -> TokendeckError:
    """Build an error with a telling value for every fact."""
    parameters = inspect.signature(kind.__init__).parameters
    facts: dict[str, Any] = {
        name: FACTS.get(name, f"the {name}") for name in parameters if name not in {"self", "args", "kwargs"}
    }
    return kind(**facts)


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_as_it_went(value: object) -> None:
    assert travelled(value) == value


@pytest.mark.parametrize("word", [word for words in WORDS for word in words])
def test_a_word_comes_back_as_it_went(word: object) -> None:
    assert travelled(word) is word


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_error_comes_back_as_the_same_leaf_with_all_its_facts(leaf: type[TokendeckError]) -> None:
    error = built(leaf)

    back = travelled(error)

    assert type(back) is leaf
    assert vars(back) == vars(error)
    assert (back.args, back.exit_code) == (error.args, error.exit_code)


def test_the_table_has_every_error_of_core() -> None:
    def below(kind: type[TokendeckError]) -> set[type[TokendeckError]]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    shapes = {"ProviderSaid"}  # what several leaves share, and nobody raises
    core = {kind for kind in below(TokendeckError) if kind.__module__.startswith(errors.__name__)}

    assert {kind for kind in core if kind.__name__ not in shapes} == set(ERRORS.values())


def test_facts_that_an_error_was_given_later_come_along() -> None:
    error = Unreachable("api.acme.test", NetworkStep.CONNECT)
    error.retry_after = timedelta(minutes=5)

    back = travelled(error)

    assert isinstance(back, PassingTrouble)
    assert back.retry_after == timedelta(minutes=5)


@pytest.mark.parametrize("why", [VaultLocked(), KeyringChanged("KWallet", "Secret Service")])
def test_an_error_inside_a_value_comes_along(why: errors.VaultUnavailable) -> None:
    shut, refused = travelled(VaultShut(why)), travelled(Verdict(VerdictKind.REFUSED, Step.TOKEN, error=why))

    assert vars(shut.why) == vars(why)
    assert type(refused.error) is type(why)


def test_every_kind_of_value_has_a_sample() -> None:
    sampled = {type(sample) for sample in SAMPLES}

    assert set(VALUES) - sampled == {VaultShut}


def test_a_message_is_one_line_of_ascii() -> None:
    line = to_line({"value": "two\nlines: ü"})

    assert line.count(b"\n") == 1
    assert line.isascii()


@pytest.mark.parametrize("value", [ValueError("foreign"), {1, 2}, b"bytes", object()])
def test_what_the_table_does_not_have_does_not_travel(value: object) -> None:
    with pytest.raises(TypeError):
        to_line({"value": value})


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"7",
        b'{"a": {}}',
        b'{"a": {"is": "object"}}',
        b'{"a": {"is": "Popen", "args": "true"}}',
        b'{"a": {"is": "Step", "value": "no step"}}',
        b'{"a": {"is": "Moment"}}',
        b'{"a": {"is": "timedelta", "days": 1e300}}',
        b'{"a": {"is": "datetime", "at": "today"}}',
        b'{"a": {"is": "BudgetSpent"}}',
        b'{"a": {"is": "Mapping", "of": []}}',
        b'{"a": ' + b"[" * 100_000,
    ],
)
def test_a_line_that_nobody_wrote_is_garbled(line: bytes) -> None:
    with pytest.raises(Garbled) as raised:
        from_line(line)

    assert str(raised.value) == ""


def test_a_message_is_plain_json() -> None:
    line = to_line({"error": BudgetSpent(timedelta(seconds=3))})

    assert json.loads(line) == {
        "error": {"is": "BudgetSpent", "retry_after": {"is": "timedelta", "days": 0, "seconds": 3, "microseconds": 0}}
    }


def test_a_token_of_the_engine_comes_back_good() -> None:
    tokens = token_set(ManualClock())

    back = travelled(tokens)

    assert back == tokens
    assert back.facts.remaining(NOW) == timedelta(hours=1)
