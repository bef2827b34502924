"""A recovery key as people copy and mistype it: it is read, called mistyped, or another one; never half understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokendeck.core.errors import WrongRecoveryKey
from tokendeck.core.secret import Secret
from tokendeck.storage.recovery import ALPHABET, new_recovery_key, unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = bytes(range(32))


def test_a_recovery_key_is_six_groups_that_nobody_misreads() -> None:
    keys = {new_recovery_key().reveal() for _ in range(100)}

    assert len(keys) == 100
    assert all(re.fullmatch(rf"([{ALPHABET}]{{5}}-){{5}}[{ALPHABET}]{{5}}", key) for key in keys)
    assert not {"I", "L", "O", "U"} & set("".join(keys))


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda key: key.replace("-", ""),
        lambda key: f"  {key.replace('-', ' ')}\r\n",
        lambda key: key.replace("0", "O").replace("1", "l"),
    ],
    ids=["small letters", "ungrouped", "spaced", "as it is misread"],
)
def test_it_may_be_typed_as_people_type(typed: Callable[[str], str]) -> None:
    for _ in range(20):  # all but a few have a zero and a one
        recovery_key = new_recovery_key()
        wrapping = wrap(KEY, "a vault", recovery_key)

        assert unwrap(wrapping, "a vault", Secret(typed(recovery_key.reveal()))) == KEY


@settings(max_examples=200)
@given(st.integers(0, 29), st.sampled_from(ALPHABET), st.integers(0, 28))
def test_a_slip_of_the_hand_is_called_one(at: int, instead: str, swapped: int) -> None:
    recovery_key = new_recovery_key()
    wrapping = wrap(KEY, "a vault", recovery_key)
    plain = recovery_key.reveal().replace("-", "")
    slips = {
        plain[:at] + instead + plain[at + 1 :],
        plain[:swapped] + plain[swapped + 1] + plain[swapped] + plain[swapped + 2 :],
        plain[:at] + plain[at + 1 :],
        f"{plain}{instead}",
    } - {plain}

    for slip in slips:
        with pytest.raises(WrongRecoveryKey) as caught:
            unwrap(wrapping, "a vault", Secret(slip))
        assert caught.value.what == "mistyped"


@pytest.mark.parametrize("typed", ["", "no key", "é" * 30, "0" * 1_000_000])
def test_what_is_no_recovery_key_is_called_so(typed: str) -> None:
    with pytest.raises(WrongRecoveryKey) as caught:
        unwrap(wrap(KEY, "a vault", new_recovery_key()), "a vault", Secret(typed))

    assert caught.value.what == "mistyped"


def test_another_key_opens_nothing_and_neither_does_the_same_for_another_vault() -> None:
    recovery_key = new_recovery_key()
    wrapping = wrap(KEY, "a vault", recovery_key)

    for vault_id, tried in (("a vault", new_recovery_key()), ("another vault", recovery_key)):
        with pytest.raises(WrongRecoveryKey) as caught:
            unwrap(wrapping, vault_id, tried)
        assert caught.value.what == "another"
