"""Everything that is kept of one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.credentials import Credentials
    from tokendeck.core.errors import VaultDamaged
    from tokendeck.core.token import TokenSet


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept of one connection, all of it from one moment; damage stands in the place of what does not open."""

    record: ConnectionRecord
    tokens: TokenSet | VaultDamaged | None
    credentials: Credentials | VaultDamaged
