"""What is found when Tokendeck is looked over, for whoever helps: facts, and nothing that is private."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass, replace
from tokendeck.core.redaction import redact
from tokendeck.core.secret import MASK
from tokendeck.core.trouble import STEPS, UNREADABLE, UNUSABLE_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tokendeck.core.connection import ConnectionRecord, Trouble
    from tokendeck.core.expiry import Expiry
    from tokendeck.core.provider import Provider

STANDARD_CODES = frozenset({
    # RFC 6749, sections 4.1.2.1 and 5.2; RFC 6750, section 3.1; RFC 8628, section 3.5
    *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
    *("invalid_scope", "access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable"),
    *("invalid_token", "insufficient_scope", "authorization_pending", "slow_down", "expired_token"),
})  # fmt: skip
OWN_CODES = frozenset({*STEPS, *UNREADABLE, *UNUSABLE_CODES})

SHORTEST_PRIVATE = 4
"""Characters of a field value that is masked wherever it stands; fewer stand in any text by chance."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    """What was looked at, one or two words, for example `Keyring`."""

    ok: bool
    detail: str
    """What was found, one line."""

    advice: str = ""
    """What to do, a sentence; empty where there is nothing to do."""

    exit_code: int = 1
    """What `doctor` answers with where this is not `ok`: 4 for the store and whatever guards the vault."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """One connection, as far as a stranger may know it: no value that anybody typed but its name."""

    name: str
    id: str
    """As the log spells it."""

    provider: str
    environment: str | None
    """None where it is one of the user's own."""

    grant: str
    renewal: str
    """A `RenewalPolicy` value; empty where the descriptor is gone."""

    status: str
    """The one word for programs."""

    expiry: Expiry | None
    """None where there is no token."""

    trouble: str
    """A code that is written down somewhere, and a status; empty where nothing stands in the way."""

    overrides: tuple[str, ...]
    """Which keys of the descriptor it overrides."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was found. Show it only as `told`."""

    at: datetime
    """Aware UTC."""

    parts: Mapping[str, str]
    """Versions by name, Tokendeck's first."""

    system: str
    findings: tuple[Finding, ...]
    connections: tuple[Inspected, ...]
    log: tuple[str, ...]
    """The newest lines, oldest first."""

    private: frozenset[str] = frozenset()
    """What people typed: it may stand in what the system or the log says."""

    home: str = ""
    """The user's own folder; its path often holds a name."""

    @property
    def exit_code(self) -> int:
        """That of the gravest finding; 0 where all is well."""
        return max((one.exit_code for one in self.findings if not one.ok), default=0)

    def counts(self) -> Mapping[str, int]:
        """Give how many connections there are, by status."""
        return Counter(one.status for one in self.connections)

    def told(self, *, names: bool) -> Diagnosis:
        """Give what may be shown to anybody; connections are numbered instead of named unless `names`."""
        shown = {one.name: one.name if names else f"connection {n}" for n, one in enumerate(self.connections, 1)}
        instead = dict.fromkeys(self.private, MASK) | shown
        free = "\n".join([*self.log, *(f"{one.detail}\n{one.advice}" for one in self.findings)])
        # One by one: an expression of all names of 10,000 connections would take seconds.
        standing = [text for text in instead if len(text) >= SHORTEST_PRIVATE and text in free]
        longest_first = sorted(standing, key=len, reverse=True)
        found = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in longest_first))

        def clean(text: str) -> str:
            text = redact(text)
            text = found.sub(lambda one: instead[one.group()], text) if standing else text
            return re.sub(rf"{re.escape(self.home)}(?=[/\\\s']|$)", "~", text) if self.home else text

        return replace(
            self,
            findings=tuple(replace(one, detail=clean(one.detail), advice=clean(one.advice)) for one in self.findings),
            connections=tuple(replace(one, name=shown[one.name]) for one in self.connections),
            log=tuple(map(clean, self.log)),
            private=frozenset(),
        )


def inspected(record: ConnectionRecord, provider: Provider | None, *, status: str, renewal: str) -> Inspected:
    """Give what may be told of a connection; `provider` is None where its descriptor is gone."""
    connection, token = record.connection, record.token
    shipped = {one.id for one in provider.environments} if provider else set()
    return Inspected(
        name=connection.name,
        id=connection.id,
        provider=connection.provider,
        environment=connection.environment if connection.environment in shipped else None,
        grant=connection.grant,
        renewal=renewal,
        status=status,
        expiry=token.expiry if token else None,
        trouble=_told(record.trouble, status) if record.trouble else "",
        overrides=tuple(sorted(connection.overrides)),
    )


def private_texts(records: Iterable[ConnectionRecord], connections: Iterable[Inspected]) -> frozenset[str]:
    """Give everything that people typed for these connections, but for their names."""
    return frozenset(
        text
        for record, one in zip(records, connections, strict=True)
        for text in (
            *([record.connection.environment] if one.environment is None else []),
            *record.connection.values.values(),
            *record.connection.overrides.values(),
            *record.connection.tags,
        )
    )


def _told(trouble: Trouble, status: str) -> str:
    """Leave out a code of the provider's own: it may be anything, a client id too."""
    known = trouble.code if trouble.code in STANDARD_CODES | OWN_CODES else ""
    kind = "" if trouble.kind.value == status else trouble.kind.value
    return " ".join(filter(None, (kind, known, str(trouble.status or ""))))
