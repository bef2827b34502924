"""How a connection's token is renewed, as it applies to the token at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.expiry import Never, NotStated
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.renewal import effective_lead
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from datetime import timedelta

    from tokendeck.core.provider import Grant
    from tokendeck.core.token import TokenFacts
    from tokendeck.core.wording import Wording


def renewal_words(grant: Grant, token: TokenFacts | None, wording: Wording) -> tuple[str, str]:
    """Give what happens, and quietly why; the second may be empty."""
    match grant.renewal.policy:
        case RenewalPolicy.ON_USE:
            return translate("Renewal", "a new token for every copy and every test"), ""
        case RenewalPolicy.MANUAL:
            return translate("Renewal", "only when you ask"), ""
        case RenewalPolicy.AHEAD:
            return _in_the_background(grant, token, wording)
        case _:
            assert_never(grant.renewal.policy)


def _in_the_background(grant: Grant, token: TokenFacts | None, wording: Wording) -> tuple[str, str]:
    if token is None:
        if grant.never_expires:
            return _never_needed()
        return _before_the_end(grant, grant.declared_lifetime, wording)
    match token.expiry:
        case Never():
            return _never_needed()
        case NotStated():
            return _unknown_end(grant, wording)
        case _:
            return _before_the_end(grant, token.lifetime(), wording)


def _never_needed() -> tuple[str, str]:
    return translate("Renewal", "not needed"), translate("Renewal", "the token never expires")


def _unknown_end(grant: Grant, wording: Wording) -> tuple[str, str]:
    why = translate("Renewal", "no lifetime is stated")
    if grant.renewal.every is None:
        return translate("Renewal", "when a test call is answered 401, or when you ask"), why
    words = translate("Renewal", "in the background, whenever the token is {span} old")
    return words.format(span=wording.duration(grant.renewal.every)), why


def _before_the_end(grant: Grant, lifetime: timedelta | None, wording: Wording) -> tuple[str, str]:
    words = translate("Renewal", "in the background, about {lead} before it expires")
    if lifetime is None:
        rule = translate("Renewal", "or a fifth of its lifetime, where that is less")
        return words.format(lead=wording.duration(grant.renewal.lead)), rule
    lead = effective_lead(grant.renewal, lifetime)
    why = ""
    if lead < grant.renewal.lead:
        why = translate("Renewal", "a fifth of a lifetime of {span}").format(span=wording.duration(lifetime))
    return words.format(lead=wording.duration(lead)), why
