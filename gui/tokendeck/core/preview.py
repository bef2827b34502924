"""A request as people read it, before it is sent: every secret masked."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, assert_never
from urllib.parse import quote_plus, urlsplit

from tokendeck.core.answers import plain_words
from tokendeck.core.client_proof import BasicAuth, ClientAssertion, ClientCertificate
from tokendeck.core.frozen import dataclass
from tokendeck.core.pem import fingerprint
from tokendeck.core.provider import BodyKind
from tokendeck.core.secret import MASK, Text

if TYPE_CHECKING:
    from tokendeck.core.client_proof import ClientProof
    from tokendeck.core.request import Request

CONTENT_TYPES = {
    BodyKind.FORM: "application/x-www-form-urlencoded",
    BodyKind.JSON: "application/json",
    BodyKind.MULTIPART: "multipart/form-data",
}


class SpanKind(Enum):
    """What a piece of the preview is, for colouring."""

    METHOD = "method"
    ORIGIN = "origin"
    PATH = "path"
    NAME = "name"
    VALUE = "value"
    MISSING = "missing"
    """What is still to be filled in: never part of a request, only of a form's preview."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of one line."""

    kind: SpanKind
    text: str


Line = tuple[Span, ...]


def preview(request: Request) -> list[Line]:
    """Give the request line, the headers, a blank line and the body; an empty tuple is a blank line."""
    origin, path = _split(request.url)
    lines: list[Line] = [
        (
            Span(SpanKind.METHOD, request.method),
            Span(SpanKind.VALUE, " "),
            Span(SpanKind.ORIGIN, origin),
            Span(SpanKind.PATH, path),
        )
    ]
    lines += _proof(request.proof)
    if request.body in CONTENT_TYPES and not any(name.lower() == "content-type" for name in request.headers):
        lines.append(_header("Content-Type", CONTENT_TYPES[request.body]))
    lines += [_header(name, value.masked()) for name, value in request.headers.items()]
    body = _body(request)
    return [*lines, (), *body] if body else lines


def preview_text(request: Request) -> str:
    """Give the preview as plain text."""
    return "\n".join("".join(span.text for span in line) for line in preview(request))


def _split(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    end = len(parts.scheme) + len("://") + len(parts.netloc)
    return url[:end], url[end:]


def _header(name: str, value: str) -> Line:
    return (Span(SpanKind.NAME, f"{name}: "), Span(SpanKind.VALUE, value))


def _proof(proof: ClientProof | None) -> list[Line]:
    """Give what stands above the headers; an assertion stands among the parameters."""
    match proof:
        case BasicAuth():
            encoded = "form-encoded, then " if proof.form_encoded else ""
            shown = f"{proof.user.masked()}:{proof.password.masked()}"
            return [_header("Authorization", f"Basic {encoded}base64({shown})")]
        case ClientCertificate():
            certificates = proof.certificates.masked()
            unread = MASK if "PRIVATE KEY" in certificates else plain_words(certificates)
            return [
                _header("TLS client certificate", fingerprint(certificates) or unread),
                _header("TLS private key", proof.key.masked()),
            ]
        case ClientAssertion() | None:
            return []
        case _:
            assert_never(proof)


def _body(request: Request) -> list[Line]:
    parameters = request.parameters
    if isinstance(request.proof, ClientAssertion):
        # Signed at the time of sending; until then the key's mask stands for it, or that the key is missing.
        parameters = {**parameters, **request.proof.parameters(request.proof.key)}
    match request.body:
        case BodyKind.JSON:
            text = json.dumps(_masked(parameters), indent=2, ensure_ascii=False)
            return [(Span(SpanKind.VALUE, line),) for line in text.split("\n")]
        case BodyKind.FORM | BodyKind.MULTIPART:
            joiner = "&" if request.body is BodyKind.FORM else ""
            return [
                (
                    Span(SpanKind.NAME, f"{joiner if index else ''}{name}="),
                    Span(SpanKind.VALUE, _form_value(request, value)),
                )
                for index, (name, value) in enumerate(parameters.items())
            ]
        case BodyKind.NONE:
            return []
        case _:
            assert_never(request.body)


def _form_value(request: Request, value: object) -> str:
    if isinstance(value, Text):
        return value.masked() if value.is_secret or request.body is BodyKind.MULTIPART else quote_plus(value.masked())
    return str(value)


def _masked(value: object) -> object:
    match value:
        case Text():
            return value.masked()
        case dict():
            return {key: _masked(item) for key, item in value.items()}
        case list():
            return [_masked(item) for item in value]
        case _:
            return value
