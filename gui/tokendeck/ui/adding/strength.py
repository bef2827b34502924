"""How hard a passphrase is to guess, as far as its shape tells."""

from __future__ import annotations

import math
import re
from enum import Enum

LETTERS = re.compile(r"[^\W\d_]+")
BITS_PER_WORD = 12.9
"""A word drawn from a list of 7,776: the Diceware estimate. Longer words are not harder for who tries words."""

FAIR_BITS = 40
GOOD_BITS = 60
"""At 0.17 s a guess (Argon2id, 64 MiB), 60 bits keep a thousand machines busy for millions of years."""


class Strength(Enum):
    """What can honestly be said; even the best may be a quotation or used elsewhere."""

    EASY = "easy"
    FAIR = "fair"
    GOOD = "good"


def guess_bits(passphrase: str) -> float:
    """
    Give the most bits that its shape allows.

    A run of letters counts as a word, or as random letters where that is less; everything else by the size of its
    alphabet, a character that repeats the one before it not at all.
    """
    bits = 0.0
    for run in LETTERS.findall(passphrase):
        alphabet = 26 if run.islower() or run.isupper() else 52
        bits += min(_varied(run) * math.log2(alphabet), BITS_PER_WORD)
    rest = LETTERS.sub("", passphrase)
    return bits + _varied(rest) * math.log2(10 if rest.isdigit() else 32)


def judge(passphrase: str) -> Strength:
    """Judge by `guess_bits`."""
    bits = guess_bits(passphrase)
    if bits < FAIR_BITS:
        return Strength.EASY
    return Strength.FAIR if bits < GOOD_BITS else Strength.GOOD


def _varied(text: str) -> int:
    return sum(1 for before, here in zip(" " + text, text, strict=False) if before != here)
