"""What an issuer says of itself: RFC 8414, and OpenID Connect Discovery 1.0."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from tokendeck.core.answers import FIRST_SERVER_ERROR, HTTP_OK, HTTP_REDIRECT, PASSING_STATUSES, plain_words
from tokendeck.core.backoff import retry_after
from tokendeck.core.errors import BadUrl, ProviderBusy, UnfitIssuer, UnreadableAnswer
from tokendeck.core.frozen import dataclass
from tokendeck.core.origin import origin_of

if TYPE_CHECKING:
    from tokendeck.core.answers import Answer

Absent = TypeVar("Absent", tuple[str, ...], None)

LONGEST_URL = 250
"""So that it fits into a descriptor."""

MOST_NAMES = 200
"""Scopes and the like that are read; big issuers list some dozens."""

OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class TlsEndpoints:
    """Where clients that show a certificate go instead: RFC 8705, section 5. Empty: where all others go."""

    token: str = ""
    device: str = ""
    revoke: str = ""
    introspect: str = ""


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """One issuer's own words; an endpoint that it does not name is empty."""

    issuer: str
    """As it spells itself."""

    url: str
    """Where the metadata was read."""

    token: str = ""
    authorize: str = ""
    device: str = ""
    revoke: str = ""
    introspect: str = ""
    grants: tuple[str, ...] = ()
    """Grant types as they are sent."""

    client_auth: tuple[str, ...] = ()
    """Methods at the token endpoint."""

    signing: tuple[str, ...] | None = None
    """Algorithms that it takes where a client signs; None where it does not say."""

    tls: TlsEndpoints = TlsEndpoints()
    """The same endpoints for clients that show a certificate."""

    challenges: tuple[str, ...] | None = None
    """PKCE's methods; None where it does not say."""

    names_issuer: bool = False
    """Whether every answer to a browser names the issuer: RFC 9207, section 3."""

    scopes: tuple[str, ...] = ()

    @property
    def takes_s256(self) -> bool | None:
        """Whether PKCE by S256 is among its words; None where it does not say."""
        return None if self.challenges is None else "S256" in self.challenges

    @property
    def origin(self) -> str:
        """The issuer's own."""
        return origin_of(self.issuer)

    @property
    def secrets_elsewhere(self) -> tuple[str, ...]:
        """The origins other than the issuer's own to which clients would send what proves them, or their tokens."""
        tls = self.tls
        endpoints = (self.token, self.device, self.revoke, self.introspect)
        return self._elsewhere(*endpoints, tls.token, tls.device, tls.revoke, tls.introspect)

    @property
    def sign_in_elsewhere(self) -> tuple[str, ...]:
        """The origin of the page on which people sign in, where that is not the issuer's own."""
        return self._elsewhere(self.authorize)

    def _elsewhere(self, *endpoints: str) -> tuple[str, ...]:
        told = dict.fromkeys(origin_of(one) for one in endpoints if one)
        return tuple(one for one in told if one != self.origin)


def issuer_at(address: str) -> str:
    """Give the issuer; from the address of its metadata where somebody copied that. The origin stays what it is."""
    try:
        parts = urlsplit(address)
    except ValueError:  # `metadata_urls` says what is wrong
        return address
    for name in (OPENID, OAUTH):
        if parts.path.endswith(name):
            return address.removesuffix(name)
    if parts.path.startswith(f"{OAUTH}/") and not parts.query:
        before, _, path = address.partition(OAUTH)
        return before + path
    return address


def metadata_urls(issuer: str) -> tuple[str, ...]:
    """
    Give where an issuer's metadata can be: OpenID Connect Discovery, section 4; RFC 8414, section 3.1.

    The last is for issuers with a path that put RFC 8414's name behind it, as django-oauth-toolkit does by itself.

    Raises:
        BadUrl: no issuer: an https URL (http on this machine only) without a `?` or `#` part.

    """
    _check(issuer)
    if "?" in issuer:
        raise BadUrl(issuer, "an issuer: a URL without a ? part")
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    base = f"{parts.scheme}://{parts.netloc}"
    return tuple(dict.fromkeys((f"{base}{path}{OPENID}", f"{base}{OAUTH}{path}", f"{base}{path}{OAUTH}")))


def read_metadata(answer: Answer, issuer: str, url: str) -> IssuerMetadata | None:
    """
    Read what came from one of `metadata_urls`; None where nothing is there.

    The issuer is given as published, which may differ by one `/` at the end from what was typed: both spellings have
    the same `metadata_urls`, so that whoever answers there speaks for both. Nothing is lost, since nobody else could
    pass for it; and from then on everything is compared exactly with what was published.

    Raises:
        UnfitIssuer: it is another issuer's: RFC 8414, section 3.3.
        BadUrl: it names an endpoint to which nothing is sent.
        ProviderBusy, UnreadableAnswer: passing trouble, or no metadata.

    """
    if answer.status in PASSING_STATUSES or answer.status >= FIRST_SERVER_ERROR:
        raise ProviderBusy(status=answer.status, retry_after=retry_after(answer.headers, answer.arrived))
    if answer.status in HTTP_REDIRECT:
        raise UnreadableAnswer("redirect", status=answer.status)
    if answer.status not in HTTP_OK:
        return None
    fields = _read_object(answer)
    found = fields.get("issuer")
    if not isinstance(found, str) or found.removesuffix("/") != issuer.removesuffix("/"):
        raise UnfitIssuer(issuer, "other_issuer", plain_words(found) if isinstance(found, str) else "")
    challenges = fields.get("code_challenge_methods_supported")
    return IssuerMetadata(
        issuer=found,
        url=url,
        token=_endpoint(fields, "token_endpoint"),
        authorize=_endpoint(fields, "authorization_endpoint"),
        device=_endpoint(fields, "device_authorization_endpoint"),
        revoke=_endpoint(fields, "revocation_endpoint"),
        introspect=_endpoint(fields, "introspection_endpoint"),
        grants=_names(fields, "grant_types_supported", ("authorization_code", "implicit")),
        client_auth=_names(fields, "token_endpoint_auth_methods_supported", ("client_secret_basic",)),
        signing=_names(fields, "token_endpoint_auth_signing_alg_values_supported", None),
        tls=_tls_endpoints(fields.get("mtls_endpoint_aliases")),
        challenges=None if challenges is None else _names(fields, "code_challenge_methods_supported", ()),
        names_issuer=fields.get("authorization_response_iss_parameter_supported") is True,
        scopes=_names(fields, "scopes_supported", ()),
    )


def _tls_endpoints(aliases: object) -> TlsEndpoints:
    if not isinstance(aliases, dict):
        return TlsEndpoints()
    return TlsEndpoints(
        token=_endpoint(aliases, "token_endpoint"),
        device=_endpoint(aliases, "device_authorization_endpoint"),
        revoke=_endpoint(aliases, "revocation_endpoint"),
        introspect=_endpoint(aliases, "introspection_endpoint"),
    )


def _read_object(answer: Answer) -> dict[str, object]:
    if answer.cut_off or answer.too_long:
        raise UnreadableAnswer("cut_off" if answer.cut_off else "too_long", status=answer.status)
    try:
        fields = json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        is_page = answer.body.lstrip()[:1] == b"<"
        raise UnreadableAnswer("web_page" if is_page else "not_json", status=answer.status) from None
    if not isinstance(fields, dict):
        raise UnreadableAnswer("not_json", status=answer.status)
    return fields


def _endpoint(fields: dict[str, object], name: str) -> str:
    url = fields.get(name)
    if not isinstance(url, str) or not url:
        return ""
    _check(url)
    return url


def _check(url: str) -> None:
    origin_of(url)  # first, since what is told of the others must not hold a password
    if len(url) > LONGEST_URL:
        raise BadUrl(plain_words(url), f"at most {LONGEST_URL} characters")
    if "{" in url or "}" in url:
        raise BadUrl(url, "no braces")


def _names(fields: dict[str, object], key: str, absent: Absent) -> tuple[str, ...] | Absent:
    """Read a list of names that can be shown; what is none is left out."""
    value = fields.get(key)
    if not isinstance(value, list):
        return absent
    plain = (plain_words(one) for one in value[:MOST_NAMES] if isinstance(one, str))
    return tuple(one for one in plain if one)
