"""What a JSON Web Token says of itself, in words; nothing here is verified, only the provider can do that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tokendeck.core.answers import plain_words
from tokendeck.core.jwt import numeric_date
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.core.jwt import Jwt
    from tokendeck.core.moment import Moment
    from tokendeck.core.wording import Wording

TIME_CLAIMS = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})
"""NumericDates: RFC 7519, section 4.1, and OpenID Connect Core, sections 2 and 5.1."""


def summary(jwt: Jwt) -> str:
    """Say in a line whom the token is for and who issued it."""
    subject = next((text for name in ("azp", "client_id", "sub") if (text := _text(jwt.claims.get(name)))), "")
    issuer = _issuer(_text(jwt.claims.get("iss")))
    if subject and issuer:
        return translate("Claims", "issued for {subject} by {issuer}").format(subject=subject, issuer=issuer)
    if subject:
        return translate("Claims", "issued for {subject}").format(subject=subject)
    if issuer:
        return translate("Claims", "issued by {issuer}").format(issuer=issuer)
    return translate("Claims", "names neither issuer nor subject")


def rows(jwt: Jwt, wording: Wording, now: Moment) -> list[tuple[str, str]]:
    """Give name and value of everything in header and claims; times in words."""
    names = claim_names()
    header = [
        (f"{name} · {names.get(name, translate('Claims', 'header'))}", _text(item)) for name, item in jwt.header.items()
    ]
    claims = [
        (f"{name} · {names[name]}" if name in names else name, _value(name, item, wording, now))
        for name, item in jwt.claims.items()
    ]
    return [(plain_words(name), value) for name, value in header + claims]


def claim_names() -> dict[str, str]:
    """Give what people call the registered names."""
    return {
        "alg": translate("Claims", "algorithm"),
        "aud": translate("Claims", "audience"),
        "auth_time": translate("Claims", "signed in"),
        "azp": translate("Claims", "authorized party"),
        "exp": translate("Claims", "expires"),
        "iat": translate("Claims", "issued"),
        "iss": translate("Claims", "issuer"),
        "jti": translate("Claims", "token id"),
        "kid": translate("Claims", "key"),
        "nbf": translate("Claims", "not before"),
        "scope": translate("Claims", "scope"),
        "sub": translate("Claims", "subject"),
        "typ": translate("Claims", "type"),
    }


def _value(name: str, item: object, wording: Wording, now: Moment) -> str:
    when = numeric_date(item) if name in TIME_CLAIMS else None
    return _text(item) if when is None else wording.when(when, now)


def _text(item: object) -> str:
    if item is None:
        return ""
    return plain_words(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False))


def _issuer(text: str) -> str:
    """Give an issuer's URL without what everybody knows."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    return f"{parts.netloc}{parts.path}".rstrip("/") or text
