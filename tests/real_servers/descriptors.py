"""The real servers as a user would describe them, in files of their own."""

from __future__ import annotations

from dataclasses import dataclass

ENDPOINTS = ("token", "authorize", "device", "revoke", "introspect")
FIELDS = """
[[fields]]
key = "client_id"
label = "Client id"
[[fields]]
key = "client_secret"
label = "Client secret"
secret = true
grants = ["client_credentials", "authorization_code", "shared"]
[[fields]]
key = "private_key"
label = "Private key"
secret = true
multiline = true
grants = ["signed"]
[[fields]]
key = "redirect_uri"
label = "Redirect URI"
required = false
grants = ["authorization_code", "public", "signed", "shared"]
[[fields]]
key = "scope"
label = "Scope"
required = false
"""
BASIC = 'client_auth = { method = "basic_encoded", user = "{client_id}", password = "{client_secret}" }'
SIGNED = 'client_auth = { method = "private_key_jwt", user = "{client_id}", password = "{private_key}" }'
SHARED = 'client_auth = { method = "client_secret_jwt", user = "{client_id}", password = "{client_secret}" }'
PUBLIC = 'client_id = "{client_id}", '
TRADE = """grant_type = "authorization_code", code = "{code}", code_verifier = "{code_verifier}", \
redirect_uri = "{redirect_uri}" """
DEVICE = 'grant_type = "urn:ietf:params:oauth:grant-type:device_code", device_code = "{device_code}"'
REFRESH = 'grant_type = "refresh_token", refresh_token = "{refresh_token}"'
ABOUT = 'token = "{token}", token_type_hint = "{token_type_hint}"'


@dataclass(frozen=True)
class Known:
    """What its documentation says of a server; paths are below its base URL."""

    id: str
    issuer: str
    token: str
    authorize: str
    device: str
    revoke: str
    introspect: str


TOOLKIT = Known(
    "toolkit",
    issuer="/o",
    token="/o/token/",
    authorize="/o/authorize/",
    device="/o/device-authorization/",
    revoke="/o/revoke_token/",
    introspect="/o/introspect/",
)
AUTHLIB = Known(
    "authlib",
    issuer="",
    token="/token",
    authorize="/authorize",
    device="/device",
    revoke="/revoke",
    introspect="/introspect",
)


def descriptor(known: Known, base_url: str, *, issuer: str = "", names_issuer: bool = True) -> str:
    """Write the file; `issuer` stands in for the server's own where given."""
    issuer = issuer or base_url + known.issuer
    at = {name: f'url = "{{base_url}}{getattr(known, name)}"' for name in ENDPOINTS}

    def about(grant: str, who: str = "") -> str:
        asked = "" if who else f"\n[grants.{grant}.introspect]\n{at['introspect']}\nparameters = {{ {ABOUT} }}"
        return f"[grants.{grant}.revoke]\n{at['revoke']}\nparameters = {{ {who}{ABOUT} }}{asked}"

    def signed_in(grant: str, auth: str, who: str = "") -> str:
        return f"""
[grants.{grant}]
kind = "authorization_code"
{at["token"]}
{auth}
parameters = {{ {who}{TRADE} }}
[grants.{grant}.authorize]
{at["authorize"]}
parameters = {{ client_id = "{{client_id}}", scope = "{{scope}}" }}
issuer = "{issuer}"
names_issuer = {str(names_issuer).lower()}
[grants.{grant}.refresh]
parameters = {{ {who}{REFRESH} }}
{about(grant, who)}
"""

    return f"""
id = "{known.id}"
name = "{known.id}"
[source]
page = "its own documentation"
read = 2026-11-20
[environments.here]
production = false
base_url = "{base_url}"
{FIELDS}
[grants.client_credentials]
{at["token"]}
{BASIC}
parameters = {{ grant_type = "client_credentials", scope = "{{scope}}" }}
{about("client_credentials")}
{signed_in("authorization_code", BASIC)}
{signed_in("signed", SIGNED)}
{signed_in("shared", SHARED)}
{signed_in("public", "", PUBLIC)}
[grants.device_code]
{at["token"]}
parameters = {{ {PUBLIC}{DEVICE} }}
[grants.device_code.device]
{at["device"]}
parameters = {{ {PUBLIC}scope = "{{scope}}" }}
[grants.device_code.refresh]
parameters = {{ {PUBLIC}{REFRESH} }}
{about("device_code", PUBLIC)}
[test_calls.whoami]
name = "Who am I"
url = "{{base_url}}/whoami"
"""
