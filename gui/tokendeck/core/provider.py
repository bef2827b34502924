"""What a descriptor file says about a provider; every value frozen, every fact from the vendor's page."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, timedelta

    from tokendeck.core.template import Template


class GrantKind(Enum):
    """How tokens are come by."""

    CLIENT_CREDENTIALS = "client_credentials"
    """RFC 6749, section 4.4, and its vendors' dialects that name no grant: id and secret for a token."""

    AUTHORIZATION_CODE = "authorization_code"
    """RFC 6749, section 4.1: a person signs in."""

    DEVICE_CODE = "device_code"
    """RFC 8628: a person signs in on another device."""


class BodyKind(Enum):
    """How a request's parameters travel."""

    NONE = "none"
    FORM = "form"
    JSON = "json"
    MULTIPART = "multipart"


class ClientAuthMethod(Enum):
    """How the client proves itself at the token endpoint. Exactly one method is ever used: RFC 6749, section 2.3."""

    NONE = "none"
    """Nothing beside the parameters, which may hold id and secret themselves."""

    BASIC = "basic"
    """HTTP Basic over the plain id and secret: RFC 7617."""

    BASIC_ENCODED = "basic_encoded"
    """HTTP Basic over the form-encoded id and secret: RFC 6749, section 2.3.1."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    """A statement signed with the client's private key: RFC 7523, section 2.2."""

    CLIENT_SECRET_JWT = "client_secret_jwt"  # noqa: S105 - a method's name, not a secret
    """The same, signed with the secret that both sides know."""

    TLS = "tls"
    """The client's own certificate, shown while TLS begins: RFC 8705, section 2.1."""


class SigningAlgorithm(Enum):
    """What a statement is signed with: RFC 7518, section 3.1, and RFC 8037."""

    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"
    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"

    @property
    def takes_shared_secret(self) -> bool:
        """Whether both sides use the same secret; otherwise a private key and its public one."""
        return self.value.startswith("HS")


class RenewalPolicy(Enum):
    """When a new token is asked for."""

    AHEAD = "ahead"
    """In the background, the lead before the old one ends."""

    ON_USE = "on_use"
    """For every copy and every test call a token of its own; nothing runs in the background."""

    MANUAL = "manual"
    """Only when a person asks."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a user fills in; the form is generated from these."""

    key: str
    label: str
    secret: bool = False
    required: bool = True
    example: str = ""
    help: str = ""
    pattern: str = ""
    """Regular expression that the whole value must match; empty means anything."""

    pattern_hint: str = ""
    """What `pattern` wants, as a phrase for people."""

    is_url: bool = False
    multiline: bool = False
    """Whether it is PEM text: a private key where the field is secret, certificates where it is not."""

    grants: tuple[str, ...] = ()
    """Ids of the grants that need the field; empty means all."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One of the provider's installations."""

    id: str
    name: str
    production: bool
    base_urls: Mapping[str, str]
    """By the name that templates use; empty where the connection brings its own `base_url`."""


@dataclass(frozen=True, slots=True)
class ClientAuth:
    """How the client authenticates, and with which fields."""

    method: ClientAuthMethod
    user: Template | None = None
    """The client id."""

    password: Template | None = None
    """The shared secret, or the private key in PEM form."""

    algorithms: tuple[SigningAlgorithm, ...] = ()
    """Of a signed statement: the first that fits the key; none means the usual one for it."""

    key_id: Template | None = None
    audience: Template | None = None
    """Whom a signed statement is for; None means the URL that it is sent to."""

    certificate: Template | None = None
    """Shown while TLS begins; None but for that method."""


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """Where things are in a token endpoint's answer: dotted paths into the JSON object."""

    access_token: str = "access_token"  # noqa: S105 - a path, not a secret
    token_type: str = "token_type"  # noqa: S105 - a path, not a secret
    expires_in: str = "expires_in"
    refresh_token: str = "refresh_token"  # noqa: S105 - a path, not a secret
    scope: str = "scope"
    error: str = "error"
    error_description: str = "error_description"


@dataclass(frozen=True, slots=True)
class Renewal:
    """When and how early to renew."""

    policy: RenewalPolicy
    lead: timedelta
    every: timedelta | None = None
    """Period at which a token of unknown lifetime is renewed; None means only after a 401."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to a token endpoint: a mint, or a refresh."""

    url: Template
    method: str
    body: BodyKind
    client_auth: ClientAuth
    parameters: Mapping[str, object]
    """
    By name: templates, constants of JSON, or dicts and lists of them; in a form only templates and constants.

    One whose template names an optional field that is empty is left out.
    """

    headers: Mapping[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authorize:
    """Where a person's browser is sent to sign in: RFC 6749, section 4.1.1."""

    url: Template
    parameters: Mapping[str, Template]
    """
    By name, beside what every attempt brings by itself: `client_id`, `scope`, what else the provider wants.

    They stand in a URL, so none holds a secret. One whose template names an optional field that is empty is left out.
    """

    issuer: str = ""
    """The provider's issuer identifier, compared with an answer's `iss` (RFC 9207); empty where it is not known."""

    names_issuer: bool = False
    """Whether every answer names the issuer, so that one without it is not the provider's: RFC 9207, section 2.4."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One way of coming by tokens."""

    id: str
    name: str
    kind: GrantKind
    mint: Exchange
    refresh: Exchange | None
    """How a refresh token is spent; None where the provider documents no such request."""

    answer: AnswerShape
    renewal: Renewal
    declared_lifetime: timedelta | None = None
    """What the page says where answers do not; None where it says nothing."""

    never_expires: bool = False
    """True only where the page says so."""

    authorize: Authorize | None = None
    """Where a person signs in; None but for an authorization code."""

    device: Exchange | None = None
    """How a device code is asked for (RFC 8628, section 3.1); None but for a device code."""

    revoke: Exchange | None = None
    """How a token is revoked (RFC 7009); None where the provider names no such request."""

    introspect: Exchange | None = None
    """How the provider is asked about a token (RFC 7662); None where it names no such request."""

    @property
    def needs_person(self) -> bool:
        """Whether tokens are come by only through a person signing in."""
        return self.kind is not GrantKind.CLIENT_CREDENTIALS


@dataclass(frozen=True, slots=True)
class RateBudget:
    """How many requests the provider allows, and the headers in which it tells what is left."""

    requests: int
    per: timedelta
    limit_header: str = ""
    remaining_header: str = ""
    reset_header: str = ""
    """Holds seconds until the window resets."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """A harm that an innocent call can do."""

    id: str
    text: str
    grants: tuple[str, ...] = ()
    """Ids of the grants it threatens; empty means all."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status of the provider's API means beyond HTTP."""

    status: int
    text: str
    token_revoked: bool = False


@dataclass(frozen=True, slots=True)
class TestCall:
    """A documented call by which credentials can be proven."""

    __test__ = False

    id: str
    name: str
    method: str
    url: Template
    headers: Mapping[str, Template] = field(default_factory=dict)

    @property
    def is_safe(self) -> bool:
        """Whether the method changes nothing: RFC 9110, section 9.2.1."""
        return self.method in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a descriptor's facts were read, and when."""

    page: str
    read: date
    url: str = ""
    """The page's address; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that no page states."""

    key: str
    """Dotted key in the descriptor."""

    why: str


@dataclass(frozen=True, slots=True)
class Provider:
    """What one descriptor file says."""

    id: str
    name: str
    monogram: str
    color: str
    """`#rrggbb`, the ground of the monogram."""

    source: Source
    environments: tuple[Environment, ...]
    fields: tuple[Field, ...]
    grants: tuple[Grant, ...]
    test_calls: tuple[TestCall, ...] = ()
    rate: RateBudget | None = None
    hazards: tuple[Hazard, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    rotation: str = ""
    """What the page says about rotating the secret; empty where it is silent."""

    assumptions: tuple[Assumption, ...] = ()
    shipped: bool = True
    """False for the user's own files."""

    def grant(self, grant_id: str) -> Grant:
        """Give the grant of this id; raises KeyError."""
        for grant in self.grants:
            if grant.id == grant_id:
                return grant
        raise KeyError(grant_id)

    def environment(self, environment_id: str) -> Environment | None:
        """Give the environment of this id; None for one that the user named."""
        return next((one for one in self.environments if one.id == environment_id), None)

    def fields_of(self, grant_id: str) -> tuple[Field, ...]:
        """Give the fields that a connection of this grant fills in."""
        return tuple(one for one in self.fields if not one.grants or grant_id in one.grants)

    def test_call(self, call_id: str) -> TestCall:
        """Give the test call of this id; raises KeyError."""
        for call in self.test_calls:
            if call.id == call_id:
                return call
        raise KeyError(call_id)

    def hazards_of(self, grant_id: str) -> tuple[Hazard, ...]:
        """Give the hazards that threaten a connection of this grant."""
        return tuple(one for one in self.hazards if not one.grants or grant_id in one.grants)
