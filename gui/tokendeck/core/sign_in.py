"""
One attempt to sign in with a browser: an authorization code (RFC 6749, section 4.1) with PKCE (RFC 7636).

Pure rules: what goes into the link, and which answer is the attempt's own.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tokendeck.core.answers import plain_words
from tokendeck.core.errors import IssuerMismatch, NotThisSignIn, ProviderBusy, SignInRefused
from tokendeck.core.frozen import dataclass
from tokendeck.core.provider import GrantKind
from tokendeck.core.redirect import LoopbackRedirect
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tokendeck.core.provider import Authorize

LONGEST_WAIT = timedelta(seconds=300)
"""For how long an attempt waits for the browser."""

RANDOM_BYTES = 32
"""256 bits for `state` and for the verifier, whose 43 characters are the fewest that RFC 7636, section 4.1, allows."""

MOST_ANSWER_FIELDS = 50
PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: what was sent along, and what its answer must bring back."""

    link: str
    """The address that the browser opens."""

    redirect_uri: str
    state: Secret
    verifier: Secret
    issuer: str
    """Compared with the answer's `iss`; empty where the provider's is not known."""

    names_issuer: bool


def begin_attempt(
    authorize: Authorize,
    values: Mapping[str, str | Secret],
    *,
    optional: frozenset[str],
    redirect_uri: str,
    draw: Callable[[int], bytes],
) -> Attempt:
    """
    Give a new attempt with a `state` and a verifier of its own.

    Args:
        authorize: the grant's.
        values: from `connection_values`.
        optional: fields that may stay empty; a parameter that names an empty one is left out.
        redirect_uri: where the browser is sent back to, port included.
        draw: gives so many random bytes, fit for secrets.

    Raises:
        FieldError: a required field is empty.

    """
    state, verifier = _random_text(draw), _random_text(draw)
    absent = optional - values.keys()
    parameters = {
        name: template.fill(values).reveal()
        for name, template in authorize.parameters.items()
        if not template.names & absent
    }
    parameters |= {
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    url = authorize.url.fill(values).reveal()
    joint = "&" if "?" in url else "?"
    return Attempt(
        link=f"{url}{joint}{urlencode(parameters, quote_via=quote)}",
        redirect_uri=redirect_uri,
        state=Secret(state),
        verifier=Secret(verifier),
        issuer=authorize.issuer,
        names_issuer=authorize.names_issuer,
    )


def stand_ins(kind: GrantKind, redirect_uri: str) -> dict[str, str | Secret]:
    """Give what stands for what signing in brings, where the request that it ends in is shown beforehand."""
    match kind:
        case GrantKind.CLIENT_CREDENTIALS:
            return {}
        case GrantKind.AUTHORIZATION_CODE:
            return {
                "code": Secret("code"),
                "code_verifier": Secret("verifier"),
                "redirect_uri": redirect_uri or LoopbackRedirect().uri("…"),
            }
        case GrantKind.DEVICE_CODE:
            return {"device_code": Secret("code")}
        case _:
            assert_never(kind)


def code_challenge(verifier: str) -> str:
    """Give the S256 challenge of a verifier: RFC 7636, section 4.2."""
    return _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def read_answer(query: str, attempt: Attempt) -> Secret:
    """
    Give the code that a browser brought back.

    Args:
        query: the part of the address behind its `?`.
        attempt: the only one that is waited for.

    Raises:
        NotThisSignIn: the answer is not this attempt's, or nothing that can be read; the wait goes on.
        IssuerMismatch: it is of another issuer; the attempt is over.
        SignInRefused, ProviderBusy: it says why there is no code; the attempt is over.

    """
    fields = _read_fields(query)
    state = fields.get("state")
    if not state:
        raise NotThisSignIn("no_state")
    if not hmac.compare_digest(state.encode(), attempt.state.reveal().encode()):
        raise NotThisSignIn("other_state")
    _check_issuer(fields, attempt)
    if "error" in fields:
        raise _refusal(plain_words(fields["error"]), plain_words(fields.get("error_description", "")))
    code = fields.get("code", "")
    if not code or not all(" " <= character <= "~" for character in code):
        raise NotThisSignIn("no_code")
    return Secret(code)


def read_pasted_address(text: str, attempt: Attempt) -> Secret:
    """Give the code in the address that a browser ended on, copied whole. Raises as `read_answer` does."""
    address = "".join(text.split())  # a mail program or a terminal may have wrapped it
    try:
        ended_on, expected = urlsplit(address), urlsplit(attempt.redirect_uri)
    except ValueError:
        raise NotThisSignIn("address") from None
    if (ended_on.scheme, ended_on.netloc.lower(), ended_on.path) != (
        expected.scheme,
        expected.netloc.lower(),
        expected.path,
    ):
        raise NotThisSignIn("address")
    return read_answer(ended_on.query, attempt)


def _read_fields(query: str) -> dict[str, str]:
    """Read a query whose names are all different: RFC 6749, section 3.1, forbids to repeat one."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_ANSWER_FIELDS)
    except ValueError:
        raise NotThisSignIn("unreadable") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NotThisSignIn("doubled")
    return fields


def _check_issuer(fields: Mapping[str, str], attempt: Attempt) -> None:
    """Compare letter by letter, on answers that bring an error too: RFC 9207, section 2.4."""
    found = fields.get("iss")
    if not attempt.issuer or (found is None and not attempt.names_issuer):
        return
    if found != attempt.issuer:
        raise IssuerMismatch(attempt.issuer, plain_words(found or ""), plain_words(fields.get("error", "")))


def _refusal(code: str, words: str) -> SignInRefused | ProviderBusy:
    if code in PASSING_ERRORS:
        return ProviderBusy(code=code, words=words)
    return SignInRefused(code=code, words=words)


def _random_text(draw: Callable[[int], bytes]) -> str:
    return _base64url(draw(RANDOM_BYTES))


def _base64url(data: bytes) -> str:
    """Encode without padding: RFC 7636, appendix A."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
