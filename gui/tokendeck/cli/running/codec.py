"""Values and errors as lines of JSON, and back. A closed table: what is not in it, no line can make."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from tokendeck.core import errors
from tokendeck.core.connection import Connection
from tokendeck.core.errors import EndOfSignIn, Hindrance, NetworkStep, TlsFault, TokendeckError
from tokendeck.core.expiry import At, ExpirySource, Never, NotStated
from tokendeck.core.moment import Moment
from tokendeck.core.prompts import BrowserPrompt, DevicePrompt
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut
from tokendeck.core.verdict import Step, Verdict, VerdictKind

PROTOCOL = 1
"""Changes with the meaning of a line."""

KIND = "is"
VALUES = (
    *(At, Never, NotStated, Moment, TokenFacts, TokenSet, Verdict, Connection, VaultOpen, VaultOpening, VaultShut),
    *(BrowserPrompt, DevicePrompt),
)
WORDS = (EndOfSignIn, ExpirySource, Guard, Hindrance, NetworkStep, Step, TlsFault, VerdictKind)
KINDS: dict[str, type] = {kind.__name__: kind for kind in (*VALUES, *WORDS, Secret, datetime, timedelta)}
ERRORS: dict[str, type[TokendeckError]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, TokendeckError)
}


class Garbled(ValueError):
    """A line that this version does not understand."""


def to_line(message: Mapping[str, object]) -> bytes:
    """Give one line, secrets in clear: only for the socket. Raises `TypeError` for what the table does not have."""
    return json.dumps({key: encode(value) for key, value in message.items()}).encode("ascii") + b"\n"


def from_line(line: bytes) -> dict[str, Any]:
    """Read what `to_line` wrote. Raises `Garbled`, which quotes nothing."""
    try:
        message = json.loads(line)
        return {key: decode(value) for key, value in message.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        raise Garbled from None


def encode(value: object) -> object:
    """Give what JSON can say of a value; tuples become arrays, mappings and the rest objects that name their kind."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [encode(one) for one in value]
        case Mapping():
            return {KIND: "Mapping", "of": {key: encode(one) for key, one in value.items()}}
        case Secret():
            return {KIND: "Secret", "text": value.reveal()}
        case datetime():
            return {KIND: "datetime", "at": value.isoformat()}
        case timedelta():
            whole = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
            return {KIND: "timedelta", **whole}
        case Enum() if isinstance(value, WORDS):
            return {KIND: type(value).__name__, "value": value.value}
        case TokendeckError() if type(value) in ERRORS.values():
            return {KIND: type(value).__name__, **{key: encode(fact) for key, fact in vars(value).items()}}
        case _ if isinstance(value, VALUES) and is_dataclass(value):
            facts = {one.name: encode(getattr(value, one.name)) for one in fields(value)}
            return {KIND: type(value).__name__, **facts}
        case _:
            raise TypeError(type(value).__name__)


def decode(value: Any) -> Any:  # noqa: ANN401 - whatever was encoded
    """Give the value back. Raises what `from_line` makes `Garbled` of."""
    if isinstance(value, list):
        return tuple(decode(one) for one in value)
    if not isinstance(value, dict):
        return value
    facts = dict(value)
    kind = facts.pop(KIND)
    if kind == "Mapping":
        return {key: decode(one) for key, one in facts["of"].items()}
    if kind == "datetime":
        return datetime.fromisoformat(facts["at"])
    facts = {key: decode(one) for key, one in facts.items()}
    return _error(ERRORS[kind], facts) if kind in ERRORS else KINDS[kind](**facts)


def _error(kind: type[TokendeckError], facts: dict[str, Any]) -> TokendeckError:
    """Build an error from its facts, and add those that it was given only after it was built."""
    parameters = inspect.signature(kind.__init__).parameters
    error = kind(**{key: fact for key, fact in facts.items() if key in parameters})
    for key, fact in facts.items():
        if key not in parameters:
            setattr(error, key, fact)
    return error
