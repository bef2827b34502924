"""What a request for a token is made of."""

from __future__ import annotations

from dataclasses import dataclass, field  # for `compare`, which ours cannot say
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.connection import Connection
    from tokendeck.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """A connection and its secrets, known to belong together: as they were last saved with the vault open."""

    connection: Connection
    secrets: Mapping[str, Secret]
    """By field key; empty where there are none."""

    version: int = field(default=0, compare=False)
    """Greater each time that settings or secrets are put."""
