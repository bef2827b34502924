"""The `client_auth` table: how the client proves itself, and with which fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.frozen import replace
from tokendeck.core.provider import BodyKind, ClientAuth, ClientAuthMethod, SigningAlgorithm
from tokendeck.providers.templates import template_at
from tokendeck.providers.vocabulary import Place

if TYPE_CHECKING:
    from tokendeck.core.template import Template
    from tokendeck.providers.table import Table
    from tokendeck.providers.vocabulary import Vocabulary

PRIVATE_KEY = "one field alone that is secret and multiline, such as {private_key}: a key in PEM form"
SHARED_SECRET = "one field alone that is secret, such as {client_secret}"  # noqa: S105 - a phrase, not a secret
CERTIFICATES = "one field alone that is multiline and not secret, such as {certificate}: certificates in PEM form"


SIGNED = frozenset({ClientAuthMethod.PRIVATE_KEY_JWT, ClientAuthMethod.CLIENT_SECRET_JWT})
BY_HEADER = frozenset({ClientAuthMethod.NONE, ClientAuthMethod.BASIC, ClientAuthMethod.BASIC_ENCODED})
"""Methods that send nothing in the body, or nothing of their own."""


def read_client_auth(table: Table, words: Vocabulary) -> ClientAuth:
    """Read the `client_auth` of a request's table; without one there is none. `words` are what templates may name."""
    auth = table.table("client_auth")
    method = auth.choice("method", ClientAuthMethod, ClientAuthMethod.BASIC if auth else ClientAuthMethod.NONE)
    read = _read(auth, method, words)
    auth.finish()
    return read


def for_token_endpoint(auth: ClientAuth, url: Template) -> ClientAuth:
    """
    Give how the client proves itself elsewhere than at the token endpoint, which is at `url`.

    What it signs names that endpoint wherever it is sent: RFC 7523, section 3.
    """
    return replace(auth, audience=auth.audience or url) if auth.method in SIGNED else auth


def check_carried(table: Table, auth: ClientAuth, body: BodyKind) -> None:
    """Refuse a request without a body where the client proves itself with parameters in it."""
    if body is BodyKind.NONE and auth.method not in BY_HEADER:
        raise table.error("body", f"a body: client_auth by {auth.method.value} sends parameters in it")


def _read(auth: Table, method: ClientAuthMethod, words: Vocabulary) -> ClientAuth:
    match method:
        case ClientAuthMethod.NONE:
            user, password = (
                template_at(auth, key, words, Place.NEEDED) if key in auth else None for key in ("user", "password")
            )
            return ClientAuth(method, user, password)
        case ClientAuthMethod.BASIC | ClientAuthMethod.BASIC_ENCODED:
            user = template_at(auth, "user", words, Place.NEEDED)
            return ClientAuth(method, user, template_at(auth, "password", words, Place.NEEDED))
        case ClientAuthMethod.PRIVATE_KEY_JWT | ClientAuthMethod.CLIENT_SECRET_JWT:
            return _read_signed(auth, method, words)
        case ClientAuthMethod.TLS:
            return ClientAuth(
                method,
                user=template_at(auth, "user", words, Place.NEEDED),
                password=_sole_field(auth, "key", words, PRIVATE_KEY, secret=True, multiline=True),
                certificate=_sole_field(auth, "certificate", words, CERTIFICATES, secret=False, multiline=True),
            )
        case _:
            assert_never(method)


def _read_signed(auth: Table, method: ClientAuthMethod, words: Vocabulary) -> ClientAuth:
    is_shared = method is ClientAuthMethod.CLIENT_SECRET_JWT
    algorithms = auth.choices("algorithm", SigningAlgorithm)
    if any(one.takes_shared_secret is not is_shared for one in algorithms):
        fitting = [one.value for one in SigningAlgorithm if one.takes_shared_secret is is_shared]
        raise auth.error("algorithm", f"one of: {', '.join(fitting)}")
    expected = SHARED_SECRET if is_shared else PRIVATE_KEY
    return ClientAuth(
        method,
        user=template_at(auth, "user", words, Place.NEEDED),
        password=_sole_field(auth, "password", words, expected, secret=True, multiline=not is_shared),
        algorithms=algorithms,
        key_id=template_at(auth, "key_id", words, Place.OMISSIBLE) if "key_id" in auth else None,
        audience=template_at(auth, "audience", words, Place.NEEDED) if "audience" in auth else None,
    )


def _sole_field(auth: Table, key: str, words: Vocabulary, expected: str, *, secret: bool, multiline: bool) -> Template:
    """Give a template that is one field and nothing else, so that complaints can name it."""
    template = template_at(auth, key, words, Place.NEEDED)
    fields = [words.fields.get(text) for text, is_name in template.pieces if is_name]
    if len(template.pieces) != 1 or not fields or fields[0] is None:
        raise auth.error(key, expected)
    if (fields[0].secret, fields[0].multiline) != (secret, multiline):
        raise auth.error(key, expected)
    return template
