"""The kinds of connections that the machine keeps: one provider each, each at an origin of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.engine.scripted import exchange, provider
from tokendeck.core.origin import origin_of
from tokendeck.core.provider import Environment, GrantKind, RateBudget, RenewalPolicy

if TYPE_CHECKING:
    from tokendeck.core.provider import Provider

BUDGET = RateBudget(4, timedelta(seconds=60))


@dataclass(frozen=True)
class Kind:
    """What the machine knows of a provider beyond its descriptor."""

    provider: Provider
    signed_in: bool = False
    rotates: bool = False

    @property
    def origin(self) -> str:
        return origin_of(self.provider.environments[0].base_urls["base_url"])

    @property
    def on_use(self) -> bool:
        return self.provider.grant("main").renewal.policy is RenewalPolicy.ON_USE

    @property
    def every(self) -> timedelta | None:
        return self.provider.grant("main").renewal.every

    @property
    def ahead(self) -> bool:
        return self.provider.grant("main").renewal.policy is RenewalPolicy.AHEAD


def _at_home(one: Provider) -> Provider:
    """Give the provider at an origin of its own, naming the client in refreshes too."""
    environment = Environment(
        "production", "Production", production=True, base_urls={"base_url": f"https://{one.id}.example.test"}
    )
    grant = one.grants[0]
    if grant.refresh is not None:
        refresh = exchange(
            grant_type="refresh_token",
            refresh_token="{refresh_token}",
            client_id="{client_id}",
            client_secret="{client_secret}",
        )
        grant = replace(grant, refresh=refresh)
    return replace(one, environments=(environment,), grants=(grant,))


KINDS = {
    kind.provider.id: kind
    for kind in (
        Kind(_at_home(provider(provider_id="plain"))),
        Kind(
            _at_home(provider(provider_id="signedin", kind=GrantKind.AUTHORIZATION_CODE, refreshes=True)),
            signed_in=True,
            rotates=True,
        ),
        Kind(_at_home(provider(provider_id="rotating", refreshes=True)), rotates=True),
        Kind(_at_home(provider(provider_id="peruse", policy=RenewalPolicy.ON_USE))),
        Kind(_at_home(provider(provider_id="limited", rate=BUDGET))),
        Kind(_at_home(provider(provider_id="byhand", policy=RenewalPolicy.MANUAL))),
        Kind(_at_home(provider(provider_id="periodic", every=timedelta(minutes=30)))),
    )
}
