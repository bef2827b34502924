"""What is typed so far, as the connection that it would become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import BadUrl
from tokendeck.core.frozen import dataclass, replace
from tokendeck.core.origin import origin_of
from tokendeck.core.preview import Span, SpanKind
from tokendeck.core.request import connection_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.connection import Connection
    from tokendeck.core.preview import Line
    from tokendeck.core.provider import Field, Provider
    from tokendeck.core.secret import Secret

MARKER = "gapfor{}gap"
"""Stands for what is not typed yet while the request is built: letters and digits, which no encoding changes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection in the making."""

    connection: Connection
    secrets: Mapping[str, Secret]
    """Those typed; when editing, the ones kept are not among them."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A draft from which a request can be built, every gap bridged by a marker."""

    draft: Draft
    labels: Mapping[str, str]
    """What people call the gaps, by marker."""

    def show(self, lines: list[Line]) -> list[Line]:
        """Put the labels in place of the markers."""
        return [tuple(piece for span in line for piece in self._split(span)) for line in lines]

    def _split(self, span: Span) -> list[Span]:
        for marker, label in self.labels.items():
            before, found, after = span.text.partition(marker)
            if found:
                gap = Span(SpanKind.MISSING, f"<{label}>")
                return [*self._split(replace(span, text=before)), gap, *self._split(replace(span, text=after))]
        return [span] if span.text else []


def bridge_gaps(draft: Draft, provider: Provider, kept: Mapping[str, Secret], base_url_label: str) -> Filled:
    """
    Make a draft complete enough to be previewed.

    Args:
        draft: what is typed.
        provider: overrides applied.
        kept: secrets that editing leaves as they are; only that they exist matters.
        base_url_label: what people call the base URL where the provider has no field for it.

    """
    connection = draft.connection
    secrets = {**kept, **draft.secrets}
    values, overrides = dict(connection.values), dict(connection.overrides)
    labels: dict[str, str] = {}

    def gap(label: str, *, is_url: bool) -> str:
        marker = MARKER.format(len(labels))
        marker = f"https://{marker}" if is_url else marker
        labels[marker] = label
        return marker

    for field in provider.fields_of(connection.grant):
        if _is_missing(field, values, secrets):
            values[field.key] = gap(field.label, is_url=field.is_url)
            secrets.pop(field.key, None)
    known = connection_values(provider, connection, {})
    needed = provider.grant(connection.grant).mint.url.names - known.keys() - values.keys()
    moved = overrides.get(BASE_URL, "")
    if (moved or needed) and not is_sendable(moved):
        overrides[BASE_URL] = gap(base_url_label, is_url=True)
    return Filled(Draft(replace(connection, values=values, overrides=overrides), secrets), labels)


def is_sendable(url: str) -> bool:
    """Tell whether requests may go to `url`."""
    try:
        origin_of(url)
    except BadUrl:
        return False
    return True


def _is_missing(field: Field, values: Mapping[str, str], secrets: Mapping[str, Secret]) -> bool:
    if field.secret:
        return field.required and not secrets.get(field.key)
    value = values.get(field.key, "").strip()
    return not is_sendable(value) if field.is_url and (value or field.required) else field.required and not value
