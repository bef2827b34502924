"""Shows records without anything that could be a secret: what is not known to be harmless is masked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from tokendeck.sandbox.dialects.consent import DECISION, TICKET

if TYPE_CHECKING:
    from tokendeck.sandbox.journal import Received
    from tokendeck.sandbox.message import JsonValue

MASK = "***"
HARMLESS_HEADERS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding"}
)
GRANT_TYPES = ("client_credentials", "authorization_code", "refresh_token")
KNOWN_PARAMETERS = frozenset(
    {
        *("grant_type", "scope", "client_id", "client_secret", "merchantId", "clientSecret"),
        *("code", "redirect_uri", "code_verifier", "refresh_token", TICKET, DECISION),
    }
)


def masked(record: Received) -> dict[str, JsonValue]:
    """
    Give a record as JSON.

    Paths are shown where they are a provider's, header values where the header is harmless, parameters by their name
    where it is a usual one, and the Authorization header by its scheme.
    """
    path, mark, _ = record.path.partition("?")
    return {
        "provider": record.provider,
        "endpoint": record.endpoint,
        "method": record.method,
        "path": (path if record.provider else MASK) + (mark and mark + MASK),
        "headers": {name: _masked_header(name, value) for name, value in record.headers},
        "body": _masked_body(record.body),
        "status": record.status,
        "at": record.at.isoformat(),
    }


def _masked_header(name: str, value: str) -> str:
    if name in HARMLESS_HEADERS:
        return value
    scheme = value.partition(" ")[0]
    return f"{scheme} {MASK}" if name == "authorization" and scheme.lower() in {"basic", "bearer"} else MASK


def _masked_body(body: bytes) -> JsonValue:
    """Give the parameters of a form or a flat JSON object; of any other body, that there is one."""
    if not body:
        return None
    try:
        text = body.decode("utf-8")
        read = json.loads(text) if text.lstrip().startswith("{") else dict(parse_qsl(text, strict_parsing=True))
    except (ValueError, RecursionError):
        return MASK
    return {
        name if name in KNOWN_PARAMETERS else MASK: value if name == "grant_type" and value in GRANT_TYPES else MASK
        for name, value in read.items()
    }
