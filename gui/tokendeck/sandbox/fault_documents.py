"""Reads faults from JSON, for a sandbox in a process of its own."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from tokendeck.sandbox import faults
from tokendeck.sandbox.script import Endpoint, Place, ProviderId

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tokendeck.sandbox.faults import Fault
    from tokendeck.sandbox.message import Headers

    Reader: TypeAlias = Callable[[Any], object]


class Unclear(ValueError):
    """A document does not say what is to go wrong; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Plan:
    """These faults befall requests at `place`."""

    place: Place
    faults: tuple[Fault, ...]
    times: int | None
    """For so many requests; None until cleared."""


@dataclass(frozen=True, slots=True)
class SecretRotated:
    """The provider's client gets a new secret, now."""

    provider: ProviderId


@dataclass(frozen=True, slots=True)
class TokensRevoked:
    """Every token that the provider has issued is revoked, now."""

    provider: ProviderId


@dataclass(frozen=True, slots=True)
class SignInSecretRotated:
    """The application for which a person signs in gets a new secret, now."""

    provider: ProviderId


@dataclass(frozen=True, slots=True)
class RedirectUriRegistered:
    """The application for which a person signs in has this redirect URI from now on."""

    provider: ProviderId
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person consents, without a browser."""

    provider: ProviderId


Change: TypeAlias = SecretRotated | TokensRevoked | SignInSecretRotated | RedirectUriRegistered | SignedIn


def read_fault_document(body: bytes) -> Plan | Change:
    """
    Read what is to go wrong.

    `{"provider", "endpoint", "times", "faults": [{"kind", …}, …]}`: a kind is the fault's name in snake_case, what else
    is there are the fault's fields; without `times` the faults stand until cleared.
    `{"provider", "change"}` is done at once: a change is its class's name in snake_case, what else is there are fields.

    Raises:
        Unclear: it is neither.
        ValueError: a fault that cannot be, in the fault's own words.

    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unclear("JSON is expected.") from error
    if isinstance(document, dict) and "change" in document:
        rest = dict(document)
        make, readers = CHANGES[str(_one_of(*CHANGES)(rest.pop("change")))]
        return make(**_members(rest, readers, readers))
    members = _members(document, PLAN_READERS, ("provider", "endpoint", "faults"))
    return Plan(Place(members["provider"], members["endpoint"]), members["faults"], members.get("times"))


def _members(value: object, readers: Mapping[str, Reader], required: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unclear(f"An object with {', '.join(readers)} is expected.")
    if unknown := value.keys() - readers.keys():
        raise Unclear(f"{', '.join(sorted(unknown))}: known here are {', '.join(readers) or 'none'}.")
    if missing := set(required) - value.keys():
        raise Unclear(f"{', '.join(sorted(missing))}: missing.")
    return {name: readers[name](one) for name, one in value.items()}


def _fault(value: object) -> Fault:
    rest = dict(value) if isinstance(value, dict) else {}
    kind = _one_of(*KINDS)(rest.pop("kind", None))
    make, readers = KINDS[str(kind)]
    required = [
        one.name
        for one in dataclasses.fields(make)
        if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    ]
    return make(**_members(rest, readers, required))


def _faults(value: object) -> tuple[Fault, ...]:
    return tuple(_fault(one) for one in _typed(list)(value))


def _one_of(*choices: str) -> Reader:
    def read(value: object) -> object:
        if value not in choices:
            raise Unclear(f"One of {', '.join(choices)} is expected.")
        return value

    return read


def _typed(*kinds: type) -> Callable[[object], Any]:
    def read(value: object) -> object:
        if type(value) not in kinds:  # to isinstance, true is a number
            raise Unclear(f"{' or '.join(kind.__name__ for kind in kinds)} is expected, not {type(value).__name__}.")
        return value

    return read


def _seconds_or_moment(value: object) -> object:
    if not isinstance(value, str):
        return _typed(int, str)(value)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise Unclear("A moment needs its offset from UTC.")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Unclear("A moment within the calendar is expected.") from error


def _headers(value: object) -> Headers:
    text = _typed(str)
    return tuple((name, text(one)) for name, one in _typed(dict)(value).items())


def _bytes(value: object) -> bytes:
    return bytes(_typed(str)(value), "utf-8")


def _anything(value: object) -> object:
    return value


PLAN_READERS: Mapping[str, Reader] = {
    "provider": _one_of(*get_args(ProviderId)),
    "endpoint": _one_of(*get_args(Endpoint)),
    "times": _typed(int),
    "faults": _faults,
}
ANY_PROVIDER = _one_of(*get_args(ProviderId))
SIGNING_IN = _one_of("payt")
CHANGES: Mapping[str, tuple[type[Change], Mapping[str, Reader]]] = {
    "secret_rotated": (SecretRotated, {"provider": ANY_PROVIDER}),
    "tokens_revoked": (TokensRevoked, {"provider": ANY_PROVIDER}),
    "sign_in_secret_rotated": (SignInSecretRotated, {"provider": SIGNING_IN}),
    "redirect_uri_registered": (RedirectUriRegistered, {"provider": SIGNING_IN, "redirect_uri": _typed(str)}),
    "signed_in": (SignedIn, {"provider": SIGNING_IN}),
}
KINDS: Mapping[str, tuple[type[Fault], Mapping[str, Reader]]] = {
    "delay": (faults.Delay, {"seconds": _typed(int, float)}),
    "hold": (faults.Hold, {"processed": _typed(bool)}),
    "too_many_requests": (faults.TooManyRequests, {"retry_after": _seconds_or_moment, "reset_s": _typed(int)}),
    "server_error": (faults.ServerError, {"status": _typed(int)}),
    "captive_portal": (faults.CaptivePortal, {}),
    "redirect": (faults.Redirect, {"location": _typed(str), "status": _typed(int)}),
    "gigantic_body": (faults.GiganticBody, {"size_bytes": _typed(int)}),
    "canned_answer": (faults.CannedAnswer, {"status": _typed(int), "headers": _headers, "body": _bytes}),
    "truncated": (faults.Truncated, {}),
    "reset": (faults.Reset, {"processed": _typed(bool)}),
    "closed": (faults.Closed, {"processed": _typed(bool)}),
    "odd_expires_in": (faults.OddExpiresIn, {"value": _anything}),
    "no_expires_in": (faults.NoExpiresIn, {}),
    "short_lifetime": (faults.ShortLifetime, {"seconds": _typed(int)}),
    "same_token": (faults.SameToken, {}),
    "odd_token": (faults.OddToken, {"text": _typed(str)}),
    "odd_token_type": (faults.OddTokenType, {"value": _anything}),
    "narrowed_scope": (faults.NarrowedScope, {"scope": _typed(str)}),
    "clock_off": (faults.ClockOff, {"seconds": _typed(int, float)}),
    "address_off_list": (faults.AddressOffList, {}),
}
