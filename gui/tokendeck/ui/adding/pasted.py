"""Reading an `.env` block or a JSON object that was pasted into a form, and finding which field each value is for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LARGEST_PASTE = 256 * 1024
ENV_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def read_pasted(text: str) -> dict[str, str]:
    """
    Read `KEY=VALUE` lines, or the texts and numbers of one JSON object; empty where `text` is neither.

    Quotes around a value, `export` before a key, comments and blank lines are taken off. Nothing is expanded or run.
    """
    text = text.strip()
    if len(text) > LARGEST_PASTE:
        return {}
    return _read_json(text) if text.startswith("{") else _read_env(text)


def match_fields(pairs: Mapping[str, str], fields: Iterable[str]) -> dict[str, str]:
    """
    Give the values that belong to `fields`, by field key.

    A key fits exactly, or without regard to case, `_` and `-`, or by its last words (`PAYSERA_CLIENT_SECRET` fits
    `client_secret`). A better fit wins; each key serves one field; where two keys fit equally well, neither is taken.
    """
    found: dict[str, str] = {}
    left = dict(pairs)
    wanted = sorted(fields, key=len, reverse=True)
    for fits in (_fits_exactly, _fits_folded, _fits_by_last_words):
        for field in wanted:
            candidates = [key for key in left if fits(key, field)]
            if field not in found and len(candidates) == 1:
                found[field] = left.pop(candidates[0])
    return found


def _read_json(text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {
        key: str(item)
        for key, item in value.items()
        if isinstance(item, str | int | float) and not isinstance(item, bool)
    }


def _read_env(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        match = ENV_LINE.fullmatch(line.strip())
        if match is not None:
            pairs[match.group(1)] = _unquoted(match.group(2))
    return pairs


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote in {'"', "'"}:
        end = value.find(quote, 1)
        return value[1:end] if end > 0 else value
    return value.split(" #", 1)[0].rstrip()


def _folded(key: str) -> str:
    return re.sub(r"[_.-]", "", key).casefold()


def _fits_exactly(key: str, field: str) -> bool:
    return key == field


def _fits_folded(key: str, field: str) -> bool:
    return _folded(key) == _folded(field)


def _fits_by_last_words(key: str, field: str) -> bool:
    words = [word.casefold() for word in WORD.findall(key)]
    return _folded(field) in {"".join(words[start:]) for start in range(1, len(words))}
