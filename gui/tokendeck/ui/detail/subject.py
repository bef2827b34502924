"""What the detail pane is about: one connection with all that is known of it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection, ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.status import Status

SCOPE = "scope"
"""Key of the field that holds the requested scopes."""


def requested_scopes(connection: Connection) -> tuple[str, ...]:
    """Give the scopes that the connection asks for."""
    return tuple(connection.values.get(SCOPE, "").split())


@dataclass(frozen=True, slots=True)
class Subject:
    """A connection whose descriptor is known, overrides applied."""

    record: ConnectionRecord
    provider: Provider
    grant: Grant
    status: Status
    now: Moment

    @property
    def connection(self) -> Connection:
        """Its settings."""
        return self.record.connection

    @property
    def environment_name(self) -> str:
        """The environment as people call it."""
        known = self.provider.environment(self.connection.environment)
        return known.name if known else self.connection.environment

    @property
    def is_production(self) -> bool:
        """Whether the descriptor says that its environment is production."""
        known = self.provider.environment(self.connection.environment)
        return known is not None and known.production

    def call_name(self, call_id: str) -> str:
        """Give the name of a test call, also of one that the descriptor has no more; a mint for no call at all."""
        known = {call.id: call.name for call in self.provider.test_calls}
        return known.get(call_id, call_id) or translate("Detail", "token request")
