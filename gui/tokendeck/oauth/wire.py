"""From a request as core built it to the bytes that httpx sends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from tokendeck.core.errors import FieldError
from tokendeck.core.provider import BodyKind
from tokendeck.core.secret import Text

if TYPE_CHECKING:
    import httpx

    from tokendeck.core.request import BasicAuth, Request

UNFIT_FOR_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def to_httpx(client: httpx.AsyncClient, request: Request) -> httpx.Request:
    """Encode a request. Raises `FieldError` for a value that no header can carry; httpx never sees it."""
    headers = {name: _header(name, value.reveal()) for name, value in request.headers.items()}
    if request.basic is not None:
        headers["Authorization"] = _basic(request.basic)
    parameters = {name: _plain(value) for name, value in request.parameters.items()}
    match request.body:
        case BodyKind.NONE:
            return client.build_request(request.method, request.url, headers=headers)
        case BodyKind.FORM:
            return client.build_request(request.method, request.url, headers=headers, data=parameters)
        case BodyKind.JSON:
            return client.build_request(request.method, request.url, headers=headers, json=parameters)
        case BodyKind.MULTIPART:
            files = [(name, (None, str(value).encode())) for name, value in parameters.items()]
            return client.build_request(request.method, request.url, headers=headers, files=files)


def _basic(auth: BasicAuth) -> str:
    """Join and encode: RFC 7617, form-encoded first where RFC 6749, section 2.3.1, is followed."""
    user, password = auth.user.reveal(), auth.password.reveal()
    if auth.form_encoded:
        user, password = quote_plus(user), quote_plus(password)
    elif ":" in user:
        raise FieldError(str(auth.user.masked()), "a user name without a colon, which HTTP Basic cannot carry")
    import base64

    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _header(name: str, value: str) -> str:
    if UNFIT_FOR_HEADER.search(value) or not value.isascii():
        raise FieldError(name, "plain characters that a header can carry")
    return value


def _plain(value: object) -> object:
    """Take the secrets out of their wrapping, at any depth."""
    match value:
        case Text():
            return value.reveal()
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value
