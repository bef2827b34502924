"""Reading a JSON Web Token's header and claims, unverified: only the provider can verify its own tokens."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from tokendeck.core.frozen import dataclass

LARGEST_JWT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Jwt:
    """The readable parts of a token in JWS compact form: RFC 7515, section 3.1."""

    header: dict[str, Any]
    claims: dict[str, Any]

    def time_claim(self, name: str) -> datetime | None:
        """Give a NumericDate claim as aware UTC; None where it is absent or is no date: RFC 7519, section 2."""
        return numeric_date(self.claims.get(name))


def numeric_date(value: object) -> datetime | None:
    """Read seconds since 1970 as aware UTC; None where `value` is no number or no year that a calendar holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def read_jwt(text: str) -> Jwt | None:
    """Read header and claims of a signed token; None where `text` is anything else. Raises nothing."""
    if len(text) > LARGEST_JWT or text.count(".") != 2:  # header, claims, signature
        return None
    parts = text.split(".")
    header, claims = _read_part(parts[0]), _read_part(parts[1])
    return None if header is None or claims is None else Jwt(header, claims)


def _read_part(part: str) -> dict[str, Any] | None:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
