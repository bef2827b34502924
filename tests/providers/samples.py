"""A descriptor that says everything the format can say, and what tests do with descriptors."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.core.connection import Connection
from tokendeck.core.request import Request, build_mint, connection_values
from tokendeck.core.secret import Secret
from tokendeck.providers.catalog import Catalog
from tokendeck.providers.descriptor import read_provider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.provider import Provider

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "providers"

ACME = """\
id = "acme"
name = "Acme Pay"
monogram = "Ac"
color = "#123456"
rotation = "Rotate monthly."

[source]
page = "Acme: Authentication"
read = 2026-11-20
url = "https://acme.example/docs"

[environments.production]
base_urls = { api = "https://api.acme.example", auth = "https://auth.acme.example/" }

[environments.test_company]
name = "Test company"
production = false
base_urls = { api = "https://api.test.acme.example", auth = "https://auth.test.acme.example" }

[[fields]]
key = "client_id"
label = "Client ID"
example = "acme-1"
pattern = "acme-[0-9]+"
pattern_hint = "acme- and a number"

[[fields]]
key = "client_secret"
label = "Client secret"
secret = true
help = "Shown once."

[[fields]]
key = "audience"
label = "Audience"
required = false

[[fields]]
key = "redirect_uri"
label = "Redirect URI"
is_url = true
grants = ["authorization_code"]

[grants.client_credentials]
url = "{auth}/token?tenant={client_id}"
body = "json"
lifetime_s = 3600
headers = { X-Audience = "{audience}" }

[grants.client_credentials.parameters]
id = "{client_id}"
secret = "{client_secret}"
audience = "{audience}"
nested = { secrets = ["{client_secret}", 1, 2.5, true] }

[grants.client_credentials.answer]
access_token = "data.token"

[grants.client_credentials.renewal]
policy = "manual"
lead_s = 30
every_s = 600

[grants.authorization_code]
name = "Signing in"
url = "{auth}/token"
client_auth = { user = "{client_id}", password = "{client_secret}" }
never_expires = true

[grants.authorization_code.parameters]
grant_type = "authorization_code"
code = "{code}"
redirect_uri = "{redirect_uri}"
code_verifier = "{code_verifier}"
offline = true
version = 2

[grants.authorization_code.authorize]
url = "{auth}/authorize"
parameters = { client_id = "{client_id}", audience = "{audience}" }
issuer = "https://auth.example"
names_issuer = true

[grants.authorization_code.revoke]
url = "{auth}/revoke"
parameters = { token = "{token}", token_type_hint = "{token_type_hint}" }

[grants.authorization_code.introspect]
url = "{auth}/introspect"
body = "form"
parameters = { token = "{token}" }

[grants.authorization_code.refresh]
client_auth = { method = "basic_encoded", user = "{client_id}", password = "{client_secret}" }

[grants.authorization_code.refresh.parameters]
grant_type = "refresh_token"
refresh_token = "{refresh_token}"

[test_calls.ping]
name = "Ping"
url = "{api}/ping"
headers = { X-Client = "{client_id}" }

[rate]
requests = 50
per_s = 60
reset_header = "X-Reset"

[hazards.allow_list]
text = '''
A call from elsewhere
revokes the token.'''
grants = ["client_credentials"]

[[meanings]]
status = 403
text = "From elsewhere."
token_revoked = true

[[assumptions]]
key = "grants.client_credentials.answer.access_token"
why = "The page shows no answer."
"""

MINIMAL = """\
id = "mini"
name = "Mini"
source = { page = "Mini: docs", read = 2026-11-20 }
environments.production.base_url = "https://mini.example"
grants.client_credentials.url = "{base_url}/token"
"""


def read(text: str) -> Provider:
    return read_provider(tomllib.loads(text), "acme.toml", shipped=False)


def shipped(provider_id: str) -> Provider:
    return Catalog(SHIPPED).provider(provider_id)


def connection(
    provider: str, grant: str = "client_credentials", overrides: Mapping[str, str] | None = None, /, **values: str
) -> Connection:
    return Connection(
        id="0" * 32,
        name="Web shop",
        provider=provider,
        environment="production",
        grant=grant,
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
        values=values,
        overrides=overrides or {},
    )


def mint(provider: Provider, made: Connection, **secrets: str) -> Request:
    """Build the request that the connection would mint by."""
    grant = provider.grant(made.grant)
    values = connection_values(provider, made, {key: Secret(text) for key, text in secrets.items()})
    optional = frozenset(one.key for one in provider.fields_of(grant.id) if not one.required)
    return build_mint(grant.mint, values, optional=optional)
