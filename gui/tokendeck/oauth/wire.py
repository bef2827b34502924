"""A request's bytes: body, Content-Type and headers, encoded once and as built."""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64encode
from typing import TYPE_CHECKING, assert_never
from urllib.parse import quote, quote_plus

from tokendeck import __version__
from tokendeck.core.answers import plain_words
from tokendeck.core.client_proof import BasicAuth
from tokendeck.core.errors import FieldError
from tokendeck.core.frozen import dataclass
from tokendeck.core.provider import BodyKind
from tokendeck.core.secret import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.request import Request

USER_AGENT = f"Tokendeck/{__version__}"
STANDARD_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A token: RFC 9110, section 5.6.2."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What goes out, but for what HTTP itself adds (Host, Content-Length)."""

    headers: Mapping[bytes, bytes]
    content: bytes


def encode(request: Request) -> Wire:
    """
    Encode a request. What the client signs must be among its parameters already, and its certificate is not its own.

    Raises:
        FieldError: a header or Basic credentials that cannot be sent as they are, or text that is no Unicode.

    """
    content_type, content = _body(request)
    headers = {**STANDARD_HEADERS, **({"Content-Type": content_type} if content_type else {})}
    if isinstance(request.proof, BasicAuth):
        headers["Authorization"] = basic_credentials(request.proof)
    replaced = {name.lower() for name in request.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in replaced}
    headers |= {name: value.reveal() for name, value in request.headers.items()}
    return Wire({_header_name(name): _header_value(name, value) for name, value in headers.items()}, content)


def basic_credentials(basic: BasicAuth) -> str:
    """
    Give the value of the Authorization header: RFC 7617, section 2; or RFC 6749, section 2.3.1, where asked.

    Raises:
        FieldError: control characters, or a colon in a plain user name: nobody could tell where it ends.

    """
    user, password = basic.user.reveal(), basic.password.reveal()
    if basic.form_encoded:
        # A blank goes as %20: servers that form-decode read it as they read +, and some only percent-decode.
        user, password = quote(_utf8("user name", user), safe=""), quote(_utf8("password", password), safe="")
    if ":" in user:
        raise FieldError("user name", "no colon: HTTP Basic ends the user name there")
    for what, text in (("user name", user), ("password", password)):
        if _has_control_characters(text):
            raise FieldError(what, "no control characters")
    return "Basic " + b64encode(_utf8("user name or password", f"{user}:{password}")).decode("ascii")


def _body(request: Request) -> tuple[str, bytes]:
    """Give Content-Type and content; both are empty where there is no body."""
    match request.body:
        case BodyKind.NONE:
            return "", b""
        case BodyKind.JSON:
            text = json.dumps(_revealed(request.parameters), ensure_ascii=False, allow_nan=False)
            return "application/json", _utf8("body", text)
        case BodyKind.FORM:
            pairs = ((quote_plus(name), quote_plus(_utf8(name, text))) for name, text in _texts(request))
            return "application/x-www-form-urlencoded", "&".join(map("=".join, pairs)).encode("ascii")
        case BodyKind.MULTIPART:
            return _multipart(_texts(request))
        case _:
            assert_never(request.body)


def _texts(request: Request) -> list[tuple[str, str]]:
    return [
        (name, value.reveal() if isinstance(value, Text) else str(value)) for name, value in request.parameters.items()
    ]


def _revealed(value: object) -> object:
    match value:
        case Text():
            return value.reveal()
        case dict():
            return {key: _revealed(item) for key, item in value.items()}
        case list():
            return [_revealed(item) for item in value]
        case _:
            return value


def _multipart(pairs: list[tuple[str, str]]) -> tuple[str, bytes]:
    """Encode as RFC 7578 has it; 128 random bits keep the boundary from standing in any value."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="'.encode("ascii")
        + _utf8(name, name.translate({0x22: "%22", 0x0D: "%0D", 0x0A: "%0A"}))
        + b'"\r\n\r\n'
        + _utf8(name, text)
        + b"\r\n"
        for name, text in pairs
    ]
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode("ascii")])


def _header_name(name: str) -> bytes:
    if not HEADER_NAME.fullmatch(name):
        raise FieldError(plain_words(name), "a header's name")
    return name.encode("ascii")


def _header_value(name: str, value: str) -> bytes:
    if _has_control_characters(value) or value != value.strip():
        raise FieldError(name, "no control characters, and no blanks at either end")
    return _utf8(name, value)


def _has_control_characters(text: str) -> bool:
    return CONTROL_CHARACTER.search(text) is not None


def _utf8(what: str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise FieldError(what, "text: half a surrogate pair is none") from None
