"""Who may ask an issuer for tokens: the ways for a client to prove itself that its metadata offers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass, field, replace
from tokendeck.core.provider import SigningAlgorithm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tokendeck.core.metadata import IssuerMetadata

TLS_METHODS = frozenset({"tls_client_auth", "self_signed_tls_client_auth"})
"""RFC 8705, sections 2.1.1 and 2.2.1; to the client they are one."""


@dataclass(frozen=True, slots=True)
class FieldLines:
    """What a descriptor says of a field, beside its key and grants."""

    label: str
    lines: tuple[str, ...] = ()


SECRET = FieldLines("Client secret", ("secret = true",))
PRIVATE_KEY = FieldLines("Private key", ("secret = true", "multiline = true"))
CERTIFICATE = FieldLines("Certificate", ("multiline = true", 'help = "Its own first, then those that vouch for it."'))
KEY_ID = FieldLines("Key ID", ("required = false", 'help = "The name of the key at the provider, if it has one."'))


@dataclass(frozen=True, slots=True)
class Client:
    """One way for a client to prove itself."""

    suffix: str
    """Ends the ids of its grants."""

    name: str = ""
    """Ends the names of its grants; empty where none need be told from others."""

    auth: str = ""
    """The `client_auth` table of its grants; empty where its parameters say who it is."""

    parameters: dict[str, str] = field(default_factory=dict)
    """What it sends of itself in a body."""

    fields: Mapping[str, FieldLines] = field(default_factory=dict)
    """What it is asked for beside its id, by key."""

    signs: bool = False
    """Whether it proves itself by a statement that is for the token endpoint: RFC 7523, section 3."""

    shows_certificate: bool = False

    def grant_id(self, kind: str) -> str:
        """Give the id of its grant of a kind."""
        return f"{kind}{self.suffix}"


PUBLIC = Client("_public", "no client secret", parameters={"client_id": "{client_id}"})
"""One that cannot prove itself: RFC 6749, section 2.1."""


def clients_of(found: IssuerMetadata) -> list[Client]:
    """
    Give the ways to prove oneself that both sides know, those first that most clients have.

    The first leaves the grants their own ids, so that `authorization_code` is there wherever any is. A shared secret
    signs only where it is not taken as it is.
    """
    by_secret = [*_by_secret(found)]
    by_signing = [*_by_private_key(found), *([] if by_secret else _by_signed_secret(found))]
    ways = [*by_secret, *by_signing, *_by_certificate(found)]
    return [replace(way, suffix="") if way is ways[0] else way for way in ways]


def _by_secret(found: IssuerMetadata) -> Iterator[Client]:
    fields = {"client_secret": SECRET}
    if "client_secret_basic" in found.client_auth:
        table = '{ method = "basic_encoded", user = "{client_id}", password = "{client_secret}" }'
        yield Client("", auth=table, fields=fields)
    elif "client_secret_post" in found.client_auth:
        yield Client("", parameters=PUBLIC.parameters | {"client_secret": "{client_secret}"}, fields=fields)


def _by_signed_secret(found: IssuerMetadata) -> Iterator[Client]:
    if "client_secret_jwt" in found.client_auth and (algorithms := _algorithms(found, shared=True)) is not None:
        table = 'method = "client_secret_jwt", user = "{client_id}", password = "{client_secret}"'
        fields = {"client_secret": SECRET}
        yield Client("_secret", "client secret that signs", f"{{ {table}{algorithms} }}", fields=fields, signs=True)


def _by_private_key(found: IssuerMetadata) -> Iterator[Client]:
    if "private_key_jwt" in found.client_auth and (algorithms := _algorithms(found, shared=False)) is not None:
        table = 'method = "private_key_jwt", user = "{client_id}", password = "{private_key}", key_id = "{key_id}"'
        fields = {"private_key": PRIVATE_KEY, "key_id": KEY_ID}
        yield Client("_private_key", "private key", f"{{ {table}{algorithms} }}", fields=fields, signs=True)


def _by_certificate(found: IssuerMetadata) -> Iterator[Client]:
    if TLS_METHODS & set(found.client_auth):
        table = '{ method = "tls", user = "{client_id}", certificate = "{certificate}", key = "{private_key}" }'
        fields = {"certificate": CERTIFICATE, "private_key": PRIVATE_KEY}
        yield Client("_certificate", "certificate", table, fields=fields, shows_certificate=True)


def _algorithms(found: IssuerMetadata, *, shared: bool) -> str | None:
    """Give how the table goes on where the issuer says what it takes; None where none of that is known here."""
    if found.signing is None:
        return ""
    known = [one.value for one in SigningAlgorithm if one.takes_shared_secret is shared and one.value in found.signing]
    return f", algorithm = {json.dumps(known)}" if known else None
