"""What the demo shows: nine connections to the built-in sandbox, in every state that it can bring about."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from tokendeck.core.connection import BASE_URL, Connection
from tokendeck.core.errors import TokendeckError
from tokendeck.core.frozen import dataclass, replace
from tokendeck.core.request import origins_of
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.provider import Provider
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.engine.ports import Catalog
    from tokendeck.sandbox import ProviderId, Sandbox

LIFETIMES_S: dict[ProviderId, int] = {"paysera": 240, "pyng": 75, "payt": 240, "paysecurez": 1800}
"""Short enough to watch a renewal, long enough to read the window."""

ENVIRONMENT = "Sandbox"


@dataclass(frozen=True, slots=True)
class Shown:
    """One connection of the demo."""

    name: str
    provider: ProviderId
    tags: tuple[str, ...] = ()
    is_paused: bool = False
    has_wrong_secret: bool = False
    is_tested: bool = False
    signs_in: bool = False


SHOWN = (
    Shown("Web shop checkout", "paysera", ("shop", "vilnius"), is_tested=True),
    Shown("Merchant 20417", "payos", ("shop",), is_tested=True),
    Shown("Partner pilot", "pyng"),
    Shown("Debtor sync", "payt", ("finance",)),
    Shown("Refund desk", "paysecurez", ("finance",)),
    Shown("Old shop", "paysera", has_wrong_secret=True),
    Shown("Subscriptions", "paysera", ("shop",), is_tested=True),
    Shown("Debtor sync, test company", "payt", is_paused=True),
    Shown("Debtor portal", "payt", ("finance",), signs_in=True),
)


async def furnish(engine: RefreshEngine, catalog: Catalog, sandbox: Sandbox) -> None:
    """
    Add the demo's connections and give each the state that it is to show.

    Args:
        engine: with an open vault.
        catalog: the shipped descriptors.
        sandbox: started; its field values are filled in.

    """
    for shown in SHOWN:
        given = sandbox.sign_in.fields if shown.signs_in else sandbox.fields[shown.provider]
        await _add(engine, catalog.provider(shown.provider), shown, given, sandbox.base_url)


async def _add(
    engine: RefreshEngine, provider: Provider, shown: Shown, given: Mapping[str, str], base_url: str
) -> None:
    grant = next(one for one in provider.grants if one.needs_person is shown.signs_in)
    known = provider.fields_of(grant.id)
    values = {one.key: given[one.key] for one in known if not one.secret and one.key in given}
    secrets = {one.key: Secret("wrong" if shown.has_wrong_secret else given[one.key]) for one in known if one.secret}
    draft = Connection(
        id=uuid.uuid4().hex,
        name=shown.name,
        provider=provider.id,
        environment=ENVIRONMENT,
        grant=grant.id,
        created_at=engine.now().wall,
        values=values,
        overrides={} if BASE_URL in values else {BASE_URL: base_url},
        tags=shown.tags,
    )
    await engine.add(_confirmed(provider, draft), secrets)
    with suppress(TokendeckError):  # the wrong secret is refused, as it is meant to be, and nobody has signed in
        await engine.token(draft.id)
    if shown.is_tested:
        await engine.test(draft.id)
    if shown.is_paused:
        await engine.set_paused(draft.id, paused=True)


def _confirmed(provider: Provider, draft: Connection) -> Connection:
    return replace(draft, confirmed_origins=origins_of(provider, draft))
