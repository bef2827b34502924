"""Making text fit to be shown: known secrets and whatever sounds like one become a mask."""

from __future__ import annotations

import base64
import binascii
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from tokendeck.core.secret import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokendeck.core.secret import Secret

SECRET_KEY = re.compile(r"secret|passw|token|api[_-]?key|authorization|cookie|credential|private", re.IGNORECASE)
PERCENT = re.compile(r"%[0-9A-F]{2}")
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
"""What URLs (RFC 3986, section 2.3), JSON and Python all spell as it is; most tokens are made of it."""

TO_URLSAFE, FROM_URLSAFE = str.maketrans("+/", "-_"), str.maketrans("-_", "+/")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
BASE64_GROUP = 4
FRAYED = 3
"""Bytes of a secret that may be lost at either end where base64 is read from its middle."""

CLUE = 8
"""Characters that tell a line without a secret from one that may have it: 36 ** 8 combinations."""

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
    known = {secret.reveal() for secret in secrets if secret}
    searched = f"{text}\n{_decoded(text)}"
    possible = [one for one in known if _clue(one) in searched]
    spellings = {spelling for one in possible for spelling in _spellings(one) if spelling in text}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    return text


def _clue(text: str) -> str:
    """
    Give a piece of a secret that stands as it is wherever the secret stands, also inside what base64 decodes to.

    Of most secrets that are long enough some letters and digits will do: this is asked of every secret at every line.
    """
    middle = text[FRAYED:-FRAYED]
    clue = middle[:CLUE]
    if len(clue) == CLUE and clue.isascii() and clue.isalnum():
        return clue
    return middle if UNRESERVED.fullmatch(text) else max(UNRESERVED.findall(middle), key=len, default="")


def _decoded(text: str) -> str:
    """Give whatever stands in `text` as base64, from wherever it may begin; bytes as characters."""
    pieces = []
    for run in BASE64.findall(text):
        for begins in range(BASE64_GROUP):
            piece = run[begins:].translate(FROM_URLSAFE)
            pieces.append(binascii.a2b_base64(piece + "A" * (-len(piece) % BASE64_GROUP)).decode("latin-1"))
    return "\n".join(pieces)


def _spellings(text: str) -> Iterator[str]:
    """Give every way in which a secret may be written."""
    yield text
    if UNRESERVED.fullmatch(text):
        yield from _base64_spellings(text.encode("ascii"))
        return
    raw = text.encode("utf-8", "surrogatepass")
    yield from (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield from (repr(text)[1:-1], repr(raw)[2:-1])  # as Python's own errors quote it
    for encoded in (quote(raw, safe=""), quote_plus(raw)):
        yield encoded
        yield PERCENT.sub(lambda found: found.group().lower(), encoded)
    for plain in (raw, quote(raw, safe="").encode()):  # Basic credentials may be form-encoded first
        yield from _base64_spellings(plain)


def _base64_spellings(raw: bytes) -> Iterator[str]:
    """Give the whole, and what of it is the same whatever stands around it, as the client id does in a Basic header."""
    for bytes_before in range(3):
        whole = base64.b64encode(bytes(bytes_before) + raw).decode("ascii")
        begins, ends = -(-bytes_before * 8 // 6), (bytes_before + len(raw)) * 8 // 6
        spelled = [] if bytes_before else [whole]
        if ends - begins >= SHORTEST_INSIDE:
            spelled.append(whole[begins:ends])
        yield from spelled
        if "+" in whole or "/" in whole:
            yield from (one.translate(TO_URLSAFE) for one in spelled)


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
