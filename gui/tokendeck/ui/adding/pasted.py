"""Finding which field of a form each value of a pasted `.env` block, JSON object or PEM text is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from tokendeck.core.field_block import read_field_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokendeck.core.provider import Field
    from tokendeck.core.secret import Secret

T = TypeVar("T")

LARGEST_PASTE = 256 * 1024
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def read_pasted(text: str) -> dict[str, Secret]:
    """Read what can be read of a pasted text; empty where it is no block of fields, or an absurdly long one."""
    return read_field_block(text).fields if len(text) <= LARGEST_PASTE else {}


def pem_in(text: str, fields: Iterable[Field]) -> dict[str, Secret]:
    """Give what PEM text that stands alone fills, by field key; empty for an absurdly long text."""
    return read_field_block(text).pem_for(fields) if len(text) <= LARGEST_PASTE else {}


def match_fields(pairs: Mapping[str, T], fields: Iterable[str]) -> dict[str, T]:
    """
    Give the values that belong to `fields`, by field key.

    A key fits exactly, or without regard to case, `_` and `-`, or by its last words (`PAYSERA_CLIENT_SECRET` fits
    `client_secret`). A better fit wins; each key serves one field; where two keys fit equally well, neither is taken.
    """
    found: dict[str, T] = {}
    left = dict(pairs)
    wanted = sorted(fields, key=len, reverse=True)
    for fits in (_fits_exactly, _fits_folded, _fits_by_last_words):
        for field in wanted:
            candidates = [key for key in left if fits(key, field)]
            if field not in found and len(candidates) == 1:
                found[field] = left.pop(candidates[0])
    return found


def _folded(key: str) -> str:
    return re.sub(r"[_.-]", "", key).casefold()


def _fits_exactly(key: str, field: str) -> bool:
    return key == field


def _fits_folded(key: str, field: str) -> bool:
    return _folded(key) == _folded(field)


def _fits_by_last_words(key: str, field: str) -> bool:
    words = [word.casefold() for word in WORD.findall(key)]
    return _folded(field) in {"".join(words[start:]) for start in range(1, len(words))}
