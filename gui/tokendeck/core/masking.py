"""Making text fit to be shown: known secrets and whatever sounds like one become a mask."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from tokendeck.core.secret import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokendeck.core.secret import Secret

SECRET_KEY = re.compile(r"secret|passw|token|api[_-]?key|authorization|cookie|credential|private", re.IGNORECASE)


def mask_body(body: bytes, secrets: Iterable[Secret]) -> str:
    """
    Make an answer's body fit to be shown.

    JSON is indented, text under keys that sound like secrets is masked, and so is every known secret anywhere.
    Undecodable bytes become replacement characters.
    """
    known = tuple(secrets)
    text = body.decode("utf-8-sig", "replace")
    try:
        text = json.dumps(_masked(json.loads(text), known), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return mask_text(text, known)
    return text


def mask_text(text: str, secrets: Iterable[Secret]) -> str:
    """Replace every known secret in `text` by a mask, as it is and as URLs, JSON and Basic headers spell it."""
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret.reveal())}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    return text


def _spellings(text: str) -> tuple[str, ...]:
    raw = text.encode("utf-8", "surrogatepass")
    return (
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        quote(raw, safe=""),
        quote_plus(raw),
        base64.b64encode(raw).decode("ascii"),
    )


def _masked(value: object, secrets: tuple[Secret, ...]) -> object:
    match value:
        case dict():
            return {
                mask_text(key, secrets): _hidden(item) if SECRET_KEY.search(key) else _masked(item, secrets)
                for key, item in value.items()
            }
        case list():
            return [_masked(item, secrets) for item in value]
        case str():
            return mask_text(value, secrets)
        case _:
            return value


def _hidden(value: object) -> object:
    """Mask all text below a key that sounds like a secret; numbers, such as lifetimes, stay."""
    match value:
        case dict():
            return {key: _hidden(item) for key, item in value.items()}
        case list():
            return [_hidden(item) for item in value]
        case str():
            return MASK
        case _:
            return value
