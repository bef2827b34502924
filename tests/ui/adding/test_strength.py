from __future__ import annotations

import pytest

from tokendeck.ui.adding.strength import Strength, guess_bits, judge


@pytest.mark.parametrize(
    ("passphrase", "expected"),
    [
        ("", Strength.EASY),
        ("password123", Strength.EASY),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Strength.EASY),
        ("1111111111111111111111111111", Strength.EASY),
        ("correct horse battery staple", Strength.FAIR),
        ("lamp orbit velvet canyon stork thumb", Strength.GOOD),
        ("7#kQ2!vZ9@mX4$wB8", Strength.GOOD),
    ],
)
def test_the_shape_of_a_passphrase_is_judged(passphrase: str, expected: Strength) -> None:
    assert judge(passphrase) is expected


def test_a_repeated_character_adds_nothing() -> None:
    assert guess_bits("1222222") == guess_bits("12")
