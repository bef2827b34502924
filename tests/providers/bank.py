"""A provider whose clients prove themselves by more than a password, and every request that it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.providers.samples import connection, read
from tokendeck.core.connection import BASE_URL
from tokendeck.core.request import grant_request
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tokendeck.core.request import Request

FILE = """
id = "bank"
name = "Bank"
source = { page = "Bank: docs", read = 2026-11-20 }
environments.production.base_url = "https://bank.example"

fields = [
    { key = "client_id", label = "Client ID" },
    { key = "client_secret", label = "Client secret", secret = true },
    { key = "private_key", label = "Private key", secret = true, multiline = true },
    { key = "certificate", label = "Certificate", multiline = true },
    { key = "key_id", label = "Key ID", required = false },
]

[grants.authorization_code]
url = "{base_url}/token"
client_auth = CLIENT_AUTH
parameters = { code = "{code}", redirect_uri = "{redirect_uri}", code_verifier = "{code_verifier}" }
authorize = { url = "{base_url}/authorize", parameters = { client_id = "{client_id}" } }
refresh = { parameters = { refresh_token = "{refresh_token}" } }
revoke = { url = "{base_url}/revoke", parameters = { token = "{token}" } }
introspect = { url = "{base_url}/introspect", body = "json", parameters = { token = "{token}" } }

[grants.device_code]
url = "{base_url}/token"
client_auth = CLIENT_AUTH
parameters = { device_code = "{device_code}", client_secret = "not twice" }
device = { url = "{base_url}/device" }
"""
PRIVATE_KEY_JWT = '{ method = "private_key_jwt", user = "{client_id}", password = "{private_key}" }'
CLIENT_SECRET_JWT = '{ method = "client_secret_jwt", user = "{client_id}", password = "{client_secret}" }'
TLS = '{ method = "tls", user = "{client_id}", certificate = "{certificate}", key = "{private_key}" }'
BROUGHT = {name: Secret(name) for name in ("code", "code_verifier", "device_code", "refresh_token", "token")} | {
    "redirect_uri": Secret("https://a.example")
}


def requests(
    client_auth: str, base_url: str = "", private_key: str = "pem", certificate: str = "public", **values: str
) -> dict[str, Request]:
    """Build every request of both grants."""
    secrets = {"client_secret": Secret("s" * 32), "private_key": Secret(private_key)}
    overrides = {BASE_URL: base_url} if base_url else {}
    provider = read(FILE.replace("CLIENT_AUTH", client_auth))
    made = connection("bank", "authorization_code", overrides, client_id="shop", certificate=certificate, **values)
    signing_in, device = provider.grant("authorization_code"), provider.grant("device_code")
    exchanges = {
        "mint": signing_in.mint,
        "refresh": signing_in.refresh,
        "revoke": signing_in.revoke,
        "introspect": signing_in.introspect,
        "device": device.device,
        "redeem": device.mint,
    }
    return {
        name: grant_request(exchange, provider, made, secrets, BROUGHT)
        for name, exchange in exchanges.items()
        if exchange is not None
    }
