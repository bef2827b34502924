"""A connection to the sandbox for which a person signs in, and what that would have brought."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tokendeck.app.places import resources
from tokendeck.core.connection import Connection
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.request import origins_of
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from tokendeck.sandbox import Sandbox

CATALOG = Catalog(resources() / "providers")
CLOCK = SystemClock()


def payt(sandbox: Sandbox, name: str = "Mine") -> tuple[Connection, dict[str, Secret]]:
    """Give a connection for which a person signs in, and its secrets."""
    provider, fields = CATALOG.provider("payt"), sandbox.sign_in.fields
    known = provider.fields_of("authorization_code")
    draft = Connection(
        id=uuid.uuid4().hex,
        name=name,
        provider="payt",
        environment="Sandbox",
        grant="authorization_code",
        created_at=datetime.now(UTC),
        values={one.key: fields[one.key] for one in known if not one.secret},
        overrides={"base_url": sandbox.base_url},
    )
    secrets = {one.key: Secret(fields[one.key]) for one in known if one.secret}
    return replace(draft, confirmed_origins=origins_of(provider, draft)), secrets


def signed_in(sandbox: Sandbox, lifetime: timedelta = timedelta(hours=2)) -> TokenSet:
    """Give the tokens of a new family at Payt, which the program believes to live for so long."""
    pair, now = sandbox.sign_in.sign_in(), CLOCK.now()
    facts = TokenFacts(now, At(now.wall + lifetime, ExpirySource.DECLARED), has_refresh_token=True)
    return TokenSet(Secret(pair.access_token), Secret(pair.refresh_token), facts)
