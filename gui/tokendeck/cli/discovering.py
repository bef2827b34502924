"""`discover`: what an issuer publishes about itself."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING

from tokendeck.cli.table import table

if TYPE_CHECKING:
    from tokendeck.cli.invocation import Discover
    from tokendeck.cli.session import Session
    from tokendeck.core.metadata import IssuerMetadata

NOT_SAID = "not said"


async def discover(session: Session, command: Discover) -> int:
    """Print what was found."""
    found = await session.program.discover(command.issuer)
    session.console.result(_json(found) if command.json else _text(found))
    return 0


def _text(found: IssuerMetadata) -> str:
    rows = [
        ("token", found.token),
        ("authorize", found.authorize),
        ("device code", found.device),
        ("revoke", found.revoke),
        ("introspect", found.introspect),
        ("grants", ", ".join(found.grants)),
        ("client authentication", ", ".join(found.client_auth)),
        ("signed by", ", ".join(found.signing or ())),
        ("with a certificate", " ".join(filter(None, astuple(found.tls)))),
        ("PKCE with S256", NOT_SAID if found.takes_s256 is None else _yes(found.takes_s256)),
        ("answers name issuer", _yes(found.names_issuer)),
        ("scopes", " ".join(found.scopes)),
    ]
    shown = [(f"  {name}", value or NOT_SAID) for name, value in rows]
    return f"{found.issuer}\n{table(shown, width=None, shrinking=())}"


def _yes(claim: bool) -> str:  # noqa: FBT001 - the word for it
    return "yes" if claim else "no"


def _json(found: IssuerMetadata) -> str:
    return json.dumps(
        {
            "issuer": found.issuer,
            "metadata": found.url,
            "endpoints": {
                "token": found.token or None,
                "authorize": found.authorize or None,
                "device": found.device or None,
                "revoke": found.revoke or None,
                "introspect": found.introspect or None,
            },
            "endpoints_with_certificate": {name: url or None for name, url in asdict(found.tls).items()},
            "grants": list(found.grants),
            "client_auth": list(found.client_auth),
            "signing_algorithms": None if found.signing is None else list(found.signing),
            "s256": found.takes_s256,
            "names_issuer": found.names_issuer,
            "scopes": list(found.scopes),
        },
        indent=2,
    )
