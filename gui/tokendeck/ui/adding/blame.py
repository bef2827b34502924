"""Which field of the form an error points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import (
    BadUrl,
    ConfigurationRefused,
    FieldError,
    GrantDead,
    NameTaken,
    TokendeckError,
    Unreachable,
)

if TYPE_CHECKING:
    from tokendeck.core.provider import Field, Provider

NAME = "name"
"""Key of the form's own field for the connection's name."""


def field_to_blame(error: TokendeckError, provider: Provider, grant_id: str) -> str | None:
    """Give the key of the field to look at; None where the answer points at none."""
    fields = provider.fields_of(grant_id)
    match error:
        case FieldError():
            return error.key
        case NameTaken():
            return NAME
        case BadUrl() | Unreachable():
            return next((one.key for one in fields if one.is_url), BASE_URL)
        case ConfigurationRefused(code="invalid_scope"):
            return _called(fields, "scope")
        case ConfigurationRefused(code="unauthorized_client"):
            return _called(fields, "client_id")
        case ConfigurationRefused(code="invalid_client") | ConfigurationRefused(status=401) | GrantDead():
            return next((one.key for one in reversed(fields) if one.secret), None)
        case _:
            return None


def _called(fields: tuple[Field, ...], key: str) -> str | None:
    return next((one.key for one in fields if one.key == key), None)
