"""A descriptor of the user's own, written from what an issuer publishes about itself."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tokendeck.core.errors import DescriptorError, UnfitIssuer
from tokendeck.providers.descriptor import read_provider

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Provider
    from tokendeck.providers.catalog import Catalog

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
PUBLIC = "_public"
"""Ends the id of a grant without a client secret."""

BASIC = 'client_auth = { method = "basic_encoded", user = "{client_id}", password = "{client_secret}" }'
CLIENT_ID = {"client_id": "{client_id}"}
CLIENT_SECRET = {"client_secret": "{client_secret}"}
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
LONGEST_STEM = 32


def own_descriptor(
    found: IssuerMetadata, catalog: Catalog, folder: Path, read_on: date
) -> tuple[Provider, Path | None]:
    """
    Give the provider of an issuer; where no file of the user's describes it yet, one is written, and given with it.

    Raises:
        UnfitIssuer: it offers nothing that can be asked for.
        DescriptorError: the file cannot be written.

    """
    for one in catalog.providers():
        if not one.shipped and one.source.url == found.url:
            return one, None
    known = {one.id for one in catalog.providers()}
    stem = _stem(found.issuer)
    ids = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    file = next(file for one in ids if one not in known and (file := _written(found, one, folder, read_on)))
    catalog.reload()
    return catalog.provider(file.stem), file


def descriptor_text(found: IssuerMetadata, provider_id: str, read_on: date) -> str:
    """Give the TOML text of a descriptor. Raises `UnfitIssuer` where there is nothing that can be asked for."""
    grants = _offered(found)
    if not grants:
        flaw = "no_s256" if found.takes_s256 is False and "authorization_code" in found.grants else "no_grant"
        raise UnfitIssuer(found.issuer, flaw)
    parts = urlsplit(found.issuer)
    lines = [
        f"id = {_quoted(provider_id)}",
        f"name = {_quoted(f'{parts.netloc}{parts.path}'.rstrip('/'))}",
        "",
        "[source]",
        'page = "The metadata of the issuer itself"',
        f"url = {_quoted(found.url)}",
        f"read = {read_on.isoformat()}",
        "",
        "[environments.production]",
        f"base_url = {_quoted(_base(found))}",
        *_fields(found, grants),
    ]
    for grant_id in grants:
        lines += _grant(found, grant_id)
    return "\n".join([*lines, ""])


def _offered(found: IssuerMetadata) -> list[str]:
    """Give ids of grants; a person can sign in through a client without a secret too, which no metadata tells of."""
    if not found.token:
        return []
    grants = []
    has_secret = {"client_secret_basic", "client_secret_post"} & set(found.client_auth)
    if "client_credentials" in found.grants and has_secret:
        grants.append("client_credentials")
    signed_in = []
    if "authorization_code" in found.grants and found.authorize and found.takes_s256 is not False:
        signed_in.append("authorization_code")
    if DEVICE_CODE in found.grants and found.device:
        signed_in.append("device_code")
    return grants + (signed_in if has_secret else []) + [f"{one}{PUBLIC}" for one in signed_in]


def _fields(found: IssuerMetadata, grants: list[str]) -> list[str]:
    lines = ["", "[[fields]]", 'key = "client_id"', 'label = "Client ID"']
    with_secret = [one for one in grants if not one.endswith(PUBLIC)]
    if with_secret:
        lines += ["", "[[fields]]", 'key = "client_secret"', 'label = "Client secret"', "secret = true"]
        lines += [f"grants = {json.dumps(with_secret)}"]
    lines += ["", "[[fields]]", 'key = "scope"', 'label = "Scope"', "required = false"]
    hint = "Names with blanks between."
    if "offline_access" in found.scopes:
        hint += " offline_access asks for a refresh token."
    lines += [f"help = {_quoted(hint)}"]
    by_browser = [one for one in grants if one.startswith("authorization_code")]
    if by_browser:
        hint = "As registered. Where it is empty, http://127.0.0.1/callback on a free port is used."
        lines += ["", "[[fields]]", 'key = "redirect_uri"', 'label = "Redirect URI"', "required = false"]
        lines += [f"help = {_quoted(hint)}", f"grants = {json.dumps(by_browser)}"]
    return lines


def _grant(found: IssuerMetadata, grant_id: str) -> list[str]:
    kind, is_public = grant_id.removesuffix(PUBLIC), grant_id.endswith(PUBLIC)
    is_basic = not is_public and "client_secret_basic" in found.client_auth
    who = CLIENT_ID if is_public else {} if is_basic else CLIENT_ID | CLIENT_SECRET
    section = f"grants.{grant_id}"
    lines = ["", f"[{section}]", f"kind = {_quoted(kind)}"]
    if is_public:
        lines += [f"name = {_quoted(kind.replace('_', ' ').capitalize() + ', no client secret')}"]
    lines += [_url(found, found.token), *([BASIC] if is_basic else []), _parameters(who | MINTS[kind])]
    if kind == "authorization_code":
        lines += ["", f"[{section}.authorize]", _url(found, found.authorize), _parameters(CLIENT_ID | SCOPE)]
        lines += [f"issuer = {_quoted(found.issuer)}", f"names_issuer = {json.dumps(found.names_issuer)}"]
    if kind == "device_code":
        lines += ["", f"[{section}.device]", _url(found, found.device), _parameters(who | SCOPE)]
    if kind != "client_credentials":
        lines += ["", f"[{section}.refresh]", _parameters(who | REFRESH)]
    about = {"revoke": found.revoke, "introspect": "" if is_public else found.introspect}
    for name, url in about.items():
        if url:
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
    """Write a basic string of TOML: as in JSON, where all is printable. Metadata's URLs are, by `origin_of`."""
    return json.dumps(text, ensure_ascii=False)


def _stem(issuer: str) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", (urlsplit(issuer).hostname or "").lower()).strip("-")
    named = stem if stem[:1].isalpha() else f"issuer-{stem}"
    return named[:LONGEST_STEM].rstrip("-")


def _written(found: IssuerMetadata, provider_id: str, folder: Path, read_on: date) -> Path | None:
    """Write a new file; None where one is there already."""
    file = folder / f"{provider_id}.toml"
    text = descriptor_text(found, provider_id, read_on)
    read_provider(tomllib.loads(text), str(file), shipped=False)  # what nobody could read is not written
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        return None
    except OSError as error:
        raise DescriptorError(str(file), "", f"a file that can be written ({error.strerror})") from None
    return file
