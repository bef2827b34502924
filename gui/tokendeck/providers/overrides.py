"""What a connection says differently from its descriptor: text by dotted key, read as the file's own values are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tokendeck.core.errors import DescriptorError
from tokendeck.providers.descriptor import TOP_KEYS, read_provider
from tokendeck.providers.table import Override
from tokendeck.providers.tree import steps_of, value_at, with_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider

FIXED = re.compile(r"id|fields\[\d+\]\.(key|secret|multiline)|source\b.*|assumptions\b.*")
"""What a provider is called, what is secret, and where facts are from, holds for all of its connections."""


def overridden(
    values: Mapping[str, object], overrides: Mapping[str, str], connection: Connection, *, shipped: bool
) -> Provider:
    """
    Read a descriptor's tables with a connection's overrides put in.

    Args:
        values: the descriptor's own tables, which are right.
        overrides: text by dotted key; one that begins with no key of a file's top level is meant inside the
            connection's own grant: `body` is `grants.client_credentials.body`.
        connection: whose they are.
        shipped: of the descriptor.

    Raises:
        DescriptorError: naming the connection, and the override as its user spelled it.

    """
    spelled: dict[str, str] = {}
    for key, text in overrides.items():
        steps = _full_steps(key, connection.grant)
        if not steps or FIXED.fullmatch(key):
            raise DescriptorError(connection.name, key, "a dotted key that a connection may set")
        spelled[_dotted(steps)] = key
        try:
            values = with_value(values, steps, Override(text, value_at(values, steps)))
        except LookupError:
            raise DescriptorError(connection.name, key, "a dotted key that the provider's file has") from None
    try:
        return read_provider(values, connection.name, shipped=shipped)
    except DescriptorError as error:
        raise DescriptorError(connection.name, spelled.get(error.key, error.key), error.expected) from None


def _full_steps(key: str, grant_id: str) -> tuple[str | int, ...]:
    steps = steps_of(key)
    return steps if not steps or steps[0] in TOP_KEYS else ("grants", grant_id, *steps)


def _dotted(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
