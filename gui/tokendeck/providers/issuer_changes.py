"""What an issuer publishes otherwise by now than the file says that was written from it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import DescriptorError, UnfitIssuer
from tokendeck.providers.descriptor import read_provider
from tokendeck.providers.files import parse_tables
from tokendeck.providers.from_issuer import descriptor_text

if TYPE_CHECKING:
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Exchange, Grant, Provider

GRANTS = "grants"


def changes(found: IssuerMetadata, provider: Provider) -> tuple[str, ...]:
    """Give which facts a file tells otherwise, by the keys of `wording.published`, as what its user has edited."""
    try:
        text = descriptor_text(found, provider.id, provider.source.read, provider.name)
        fresh = read_provider(parse_tables(text, found.url), found.url, shipped=False)
    except (DescriptorError, UnfitIssuer):
        return (GRANTS,)
    known = {one.id: one for one in provider.grants}
    changed = {
        key: None
        for grant in fresh.grants
        if grant.id in known
        for key, fact in _facts(grant).items()
        if fact != _facts(known[grant.id])[key]
    }
    if known.keys() != {one.id for one in fresh.grants}:
        changed[GRANTS] = None
    return tuple(changed)


def _facts(grant: Grant) -> dict[str, object]:
    authorize = grant.authorize
    return {
        "token": _url(grant.mint),
        "authorize": authorize and authorize.url.source,
        "device": _url(grant.device),
        "revoke": _url(grant.revoke),
        "introspect": _url(grant.introspect),
        "client_auth": (grant.mint.client_auth, grant.mint.parameters),
        "answers": authorize and (authorize.issuer, authorize.names_issuer),
    }


def _url(exchange: Exchange | None) -> str:
    return exchange.url.source if exchange else ""
