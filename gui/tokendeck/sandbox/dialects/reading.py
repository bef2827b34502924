"""Reading requests strictly: what is not exactly as documented is a `Refusal`."""

from __future__ import annotations

import base64
import binascii
import json
import re
from email import message_from_bytes
from email.message import Message
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokendeck.sandbox.message import Headers, Request

BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
"""RFC 6750, section 2.1; the scheme's name in any case: RFC 9110, section 11.1."""

BASIC = re.compile(r"Basic +([A-Za-z0-9+/]+=*)", re.IGNORECASE)
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Refusal(Exception):
    """The request is not granted."""

    def __init__(self, status: int, error: str, description: str, headers: Headers = ()) -> None:
        """
        Say why.

        Args:
            status: of the answer.
            error: one word, as RFC 6749, section 5.2, and RFC 6750, section 3.1, list them.
            description: for people; never anything that the client sent.
            headers: what the answer has besides its body's.

        """
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description
        self.headers = headers


def check_method(request: Request, *allowed: str) -> None:
    """Refuse other methods with 405."""
    if request.method not in allowed:
        headers = (("Allow", ", ".join(allowed)),)
        raise Refusal(405, "invalid_request", f"Only {' and '.join(allowed)} are allowed here", headers)


def check_no_query(request: Request) -> None:
    """Refuse a query of any kind: no documented request has one, and it is where secrets must not be."""
    if request.has_query:
        invalid("The URL takes no parameters; credentials and tokens never belong there")


def read_parameters(request: Request, *kinds: str) -> dict[str, str]:
    """
    Read the body as text values by name.

    Args:
        request: its Content-Type, which may add `charset=utf-8`, says how to read it.
        kinds: the media types that the endpoint takes.

    Raises:
        Refusal: 415 for another type, 400 for a malformed body, a doubled name or a value that is no text.

    """
    values = request.values("content-type")
    described = Message()
    described["Content-Type"] = values[0] if len(values) == 1 else ""
    kind = described.get_content_type() if len(values) == 1 else ""
    charset = described.get_param("charset", "utf-8")
    if kind not in kinds or str(charset).lower() != "utf-8":
        raise Refusal(415, "invalid_request", f"The body has to be {' or '.join(kinds)}")
    if kind == JSON:
        return _read_json(request.body)
    return _unique(_form_pairs(request.body) if kind == FORM else _multipart_pairs(values[0], request.body))


def read_query(request: Request) -> dict[str, str]:
    """Read the URL's parameters as text by name. Raises `Refusal` for a malformed query and a doubled name."""
    return _unique(_form_pairs(request.target.partition("?")[2].encode("latin-1")))


def check_names(parameters: Mapping[str, str], *names: str) -> None:
    """Refuse a missing, an additional and a renamed parameter."""
    if parameters.keys() != set(names):
        invalid(f"The parameters have to be exactly: {', '.join(names)}")


def check_client_credentials(parameters: dict[str, str]) -> None:
    """Refuse another grant type: RFC 6749, section 4.4.2."""
    if parameters["grant_type"] != "client_credentials":
        raise Refusal(400, "unsupported_grant_type", "The grant type has to be client_credentials")


def basic_credentials(request: Request) -> bytes | None:
    """Give the decoded `user:password` of Basic authentication; None where that is absent, doubled or malformed."""
    encoded = _credentials(request, BASIC)
    try:
        return None if encoded is None else base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None


def bearer_token(request: Request) -> str | None:
    """Give the token of the Authorization header; None where that is absent, doubled or malformed."""
    return _credentials(request, BEARER)


def invalid(description: str) -> NoReturn:
    """Refuse as `invalid_request`, RFC 6749, section 5.2."""
    raise Refusal(400, "invalid_request", description)


def _credentials(request: Request, form: re.Pattern[str]) -> str | None:
    values = request.values("authorization")
    found = form.fullmatch(values[0]) if len(values) == 1 else None
    return found and found[1]


def _read_json(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        invalid("The body is not JSON")
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        invalid("The body has to be one JSON object whose values are text")
    return cast("dict[str, str]", value)


def _form_pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("ascii")
        if BROKEN_ESCAPE.search(text):
            invalid("There is a broken percent escape")
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict") if text else []
    except ValueError:
        invalid("The parameters are not form-encoded")


def _multipart_pairs(content_type: str, body: bytes) -> list[tuple[str, str]]:
    whole = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    parts = [part for part in whole.walk() if part is not whole]
    names = [part.get_param("name", header="content-disposition") for part in parts]
    if whole.defects or not whole.is_multipart() or any(part.defects or part.is_multipart() for part in parts):
        invalid("The body is not a multipart form")
    if any(part.get_content_disposition() != "form-data" or part.get_filename() is not None for part in parts):
        invalid("Each part has to be a form field, not a file")
    try:
        contents = [cast("bytes", part.get_payload(decode=True)).decode("utf-8") for part in parts]
    except UnicodeDecodeError:
        invalid("The form is not UTF-8")
    return [(str(name), content) for name, content in zip(names, contents, strict=True)]


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    listed = list(pairs)
    unique = dict(listed)
    if len(unique) != len(listed):
        invalid("A parameter is given twice")
    return unique
