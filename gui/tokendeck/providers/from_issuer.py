"""A descriptor of the user's own, written from what an issuer publishes about itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tokendeck.core.errors import UnfitIssuer
from tokendeck.core.origin import origin_of
from tokendeck.providers.issuer_clients import PUBLIC, Client, clients_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tokendeck.core.metadata import IssuerMetadata

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT_ID = {"client_id": "{client_id}"}
SCOPE = {"scope": "{scope}"}
ABOUT_TOKEN = {"token": "{token}", "token_type_hint": "{token_type_hint}"}
MINTS = {
    "client_credentials": {"grant_type": "client_credentials", **SCOPE},
    "authorization_code": {
        "grant_type": "authorization_code",
        "code": "{code}",
        "redirect_uri": "{redirect_uri}",
        "code_verifier": "{code_verifier}",
    },
    "device_code": {"grant_type": DEVICE_CODE, "device_code": "{device_code}"},
}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "{refresh_token}"}
EXAMPLE_SCOPES, LONGEST_SCOPE = 3, 60
"""More or longer ones do not fit into a field."""


Offer = tuple[str, Client]
"""The kind of a grant, and who asks by it."""


def provider_name(found: IssuerMetadata) -> str:
    """Give what an issuer is called where nobody says otherwise: its host and path."""
    parts = urlsplit(found.issuer)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def descriptor_text(found: IssuerMetadata, provider_id: str, read_on: date, name: str = "") -> str:
    """Give the TOML text of a descriptor. Raises `UnfitIssuer` where there is nothing that can be asked for."""
    offers = _offers(found)
    if not offers:
        flaw = "no_s256" if found.takes_s256 is False and "authorization_code" in found.grants else "no_grant"
        raise UnfitIssuer(found.issuer, flaw)
    lines = [
        f"id = {_quoted(provider_id)}",
        f"name = {_quoted(name or provider_name(found))}",
        "",
        "[source]",
        'page = "The metadata of the issuer itself"',
        f"url = {_quoted(found.url)}",
        f"read = {read_on.isoformat()}",
        "",
        "[environments.production]",
        f"base_url = {_quoted(_base(found))}",
        *_fields(found, offers),
    ]
    for kind, client in offers:
        lines += _grant(found, kind, client)
    return "\n".join([*lines, ""])


def _offers(found: IssuerMetadata) -> list[Offer]:
    """Give grants with who asks; a person can sign in through a client without a proof, which no metadata tells of."""
    if not found.token:
        return []
    signed_in = []
    if "authorization_code" in found.grants and found.authorize and found.takes_s256 is not False:
        signed_in.append("authorization_code")
    if DEVICE_CODE in found.grants and found.device:
        signed_in.append("device_code")
    minted = ["client_credentials"] if "client_credentials" in found.grants else []
    proven = [
        (kind, client)
        for client in clients_of(found)
        for kind in minted + signed_in
        if kind != "device_code" or _is_for(found, client, found.device)
    ]
    return proven + [(kind, PUBLIC) for kind in signed_in]


def _is_for(found: IssuerMetadata, client: Client, url: str) -> bool:
    """
    Tell whether a client's proof may be shown at `url`.

    What a client signs names the token endpoint: whoever is elsewhere could show it there, and be the client.
    """
    return not client.signs or origin_of(url) == origin_of(found.token)


def _fields(found: IssuerMetadata, offers: list[Offer]) -> list[str]:
    lines = _field("client_id", "Client ID")
    for key, about in {key: about for _, client in offers for key, about in client.fields.items()}.items():
        grants = [client.grant_id(kind) for kind, client in offers if key in client.fields]
        lines += [*_field(key, about.label), *about.lines, f"grants = {json.dumps(grants)}"]
    hint = "Names with blanks between."
    if "offline_access" in found.scopes:
        hint += " offline_access asks for a refresh token."
    lines += [*_field("scope", "Scope"), "required = false", f"help = {_quoted(hint)}", *_example(found.scopes)]
    by_browser = [client.grant_id(kind) for kind, client in offers if kind == "authorization_code"]
    if by_browser:
        hint = "As registered. Where it is empty, http://127.0.0.1/callback on a free port is used."
        lines += [*_field("redirect_uri", "Redirect URI"), "required = false"]
        lines += [f"help = {_quoted(hint)}", f"grants = {json.dumps(by_browser)}"]
    return lines


def _example(scopes: tuple[str, ...]) -> list[str]:
    """Show how scopes are typed by the first few that there are."""
    short = [one for one in scopes if one.isprintable() and " " not in one and len(one) <= LONGEST_SCOPE]
    shown = " ".join(short[:EXAMPLE_SCOPES]).strip()
    return [f"example = {_quoted(shown)}"] if shown else []


def _field(key: str, label: str) -> list[str]:
    return ["", "[[fields]]", f"key = {_quoted(key)}", f"label = {_quoted(label)}"]


def _grant(found: IssuerMetadata, kind: str, client: Client) -> list[str]:
    who, section = client.parameters, f"grants.{client.grant_id(kind)}"
    other = found.tls if client.shows_certificate else None
    lines = ["", f"[{section}]", f"kind = {_quoted(kind)}"]
    if client.name:
        plain = kind.replace("_", " ").capitalize()
        lines += [f"name = {_quoted(f'{plain}, {client.name}')}"]
    lines += [_url(found, (other and other.token) or found.token)]
    lines += [*([f"client_auth = {client.auth}"] if client.auth else []), _parameters(who | MINTS[kind])]
    if kind == "authorization_code":
        lines += ["", f"[{section}.authorize]", _url(found, found.authorize), _parameters(CLIENT_ID | SCOPE)]
        lines += [f"issuer = {_quoted(found.issuer)}", f"names_issuer = {json.dumps(found.names_issuer)}"]
    if kind == "device_code":
        url = (other and other.device) or found.device
        lines += ["", f"[{section}.device]", _url(found, url), _parameters(who | SCOPE)]
    if kind != "client_credentials":
        lines += ["", f"[{section}.refresh]", _parameters(who | REFRESH)]
    about = {"revoke": (other and other.revoke) or found.revoke}
    if client is not PUBLIC:
        about["introspect"] = (other and other.introspect) or found.introspect
    for name, url in about.items():
        if url and _is_for(found, client, url):
            lines += ["", f"[{section}.{name}]", _url(found, url), _parameters(who | ABOUT_TOKEN)]
    return lines


def _parameters(parameters: dict[str, str]) -> str:
    return f"parameters = {{ {_pairs(parameters.items())} }}"


def _pairs(items: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {_quoted(value)}" for name, value in items)


def _url(found: IssuerMetadata, url: str) -> str:
    """Name a URL of the issuer's own origin by `base_url`, so that one setting moves them all."""
    base = _base(found)
    return f"url = {_quoted('{base_url}' + url.removeprefix(base) if url.startswith(f'{base}/') else url)}"


def _base(found: IssuerMetadata) -> str:
    parts = urlsplit(found.issuer)
    return f"{parts.scheme}://{parts.netloc}"


def _quoted(text: str) -> str:
    """Write a basic string of TOML: as in JSON, but for the one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
