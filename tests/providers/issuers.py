"""An issuer that publishes all there is to be published."""

from __future__ import annotations

from datetime import date

from tokendeck.core.metadata import IssuerMetadata
from tokendeck.providers.from_issuer import DEVICE_CODE

TODAY = date(2026, 11, 21)
ISSUER = "https://auth.example.test/one"
FULL = IssuerMetadata(
    ISSUER,
    f"{ISSUER}/.well-known/openid-configuration",
    token=f"{ISSUER}/token",
    authorize="https://login.example.test/authorize",
    device=f"{ISSUER}/device",
    revoke=f"{ISSUER}/revoke",
    introspect=f"{ISSUER}/introspect",
    grants=("client_credentials", "authorization_code", DEVICE_CODE),
    client_auth=("client_secret_basic", "client_secret_post"),
    challenges=("S256",),
    names_issuer=True,
    scopes=("offline_access",),
)
