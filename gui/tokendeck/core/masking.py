"""Making text fit to be shown: known secrets and whatever sounds like one become a mask."""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from tokendeck.core.secret import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tokendeck.core.secret import Secret

SECRET_KEY = re.compile(r"secret|passw|token|api[_-]?key|authorization|cookie|credential|private", re.IGNORECASE)
PERCENT = re.compile(r"%[0-9A-F]{2}")
SHORTEST_INSIDE = 6
"""Characters of base64 that are taken for a secret's; fewer stand in any text by chance."""


def mask_body(body: bytes, secrets: Iterable[Secret]) -> str:
    """
    Make an answer's body fit to be shown.

    JSON is indented, text under keys that sound like secrets is masked, and so is every known secret anywhere.
    Undecodable bytes become replacement characters.
    """
    known = tuple(secrets)
    text = body.decode("utf-8-sig", "replace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(_masked(json.loads(text), known), indent=2, ensure_ascii=False)
    return mask_text(text, known)  # of JSON once more: a secret may be a number, or a key


def mask_text(text: str, secrets: Iterable[Secret]) -> str:
    """Replace every known secret in `text` by a mask, as it is and as URLs, JSON and Basic headers spell it."""
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret.reveal())}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    return text


def _spellings(text: str) -> Iterator[str]:
    raw = text.encode("utf-8", "surrogatepass")
    yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield from (repr(text)[1:-1], repr(raw)[2:-1])  # as Python's own errors quote it
    for encoded in (quote(raw, safe=""), quote_plus(raw)):
        yield encoded
        yield PERCENT.sub(lambda found: found.group().lower(), encoded)
    for plain in (raw, quote(raw, safe="").encode()):  # Basic credentials may be form-encoded first
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(plain).decode("ascii")
            yield from _inside_base64(plain, encode)


def _inside_base64(raw: bytes, encode: Callable[[bytes], bytes]) -> Iterator[str]:
    """Give what of a secret is the same whatever stands around it, as the client id does in a Basic header."""
    for bytes_before in range(3):
        whole = encode(bytes(bytes_before) + raw).decode("ascii")
        begins, ends = -(-bytes_before * 8 // 6), (bytes_before + len(raw)) * 8 // 6
        if ends - begins >= SHORTEST_INSIDE:
            yield whole[begins:ends]


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
