"""From what was typed for `add` to the connection it means."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tokendeck.cli.errors import Mistyped
from tokendeck.core.answers import plain_words
from tokendeck.core.connection import BASE_URL, composed
from tokendeck.core.errors import UnknownProvider
from tokendeck.core.masking import SECRET_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokendeck.core.provider import Field, Grant, Provider
    from tokendeck.core.secret import Secret
    from tokendeck.engine.ports import Catalog


PLACEHOLDER = re.compile(r"(?<!\{)\{\w+\}")


@dataclass(slots=True)
class Filled:
    """What was given for a connection, sorted by where it belongs."""

    values: dict[str, str] = field(default_factory=dict)
    """Fields that are not secret, by key."""

    overrides: dict[str, str] = field(default_factory=dict)
    """Dotted keys of the descriptor, and `base_url` where that is no field."""

    secrets: dict[str, Secret] = field(default_factory=dict)
    """Fields that are secret, by key."""

    @property
    def moves_base_url(self) -> bool:
        """Whether requests go to a base URL of the user's own."""
        return bool(self.overrides.get(BASE_URL) or self.values.get(BASE_URL))


def choose_provider(catalog: Catalog, typed: str) -> Provider:
    """Give the provider of this id, in any case of letters. Raises `UnknownProvider`."""
    providers = catalog.providers()
    found = [one for one in providers if one.id.casefold() == typed.strip().casefold()]
    if not found:
        raise UnknownProvider(typed, tuple(one.id for one in providers))
    return found[0]


def check_name(typed: str) -> str:
    """Give the name as it is kept. Raises `Mistyped` for one that no list could show."""
    name = composed(typed)
    if not name or plain_words(name) != name:
        raise Mistyped("A connection's name is one line of plain text, 300 characters at most.")
    return name


def choose_grant(provider: Provider, typed: str | None) -> Grant:
    """Give the grant of this id, or the first that needs no person, or the first. Raises `Mistyped`."""
    if typed is None:
        return next((one for one in provider.grants if not one.needs_person), provider.grants[0])
    for one in provider.grants:
        if one.id.casefold() == typed.casefold():
            return one
    raise Mistyped(f"{provider.name} has no grant {typed}; it has {_listed(one.id for one in provider.grants)}.")


def choose_environment(provider: Provider, typed: str | None, filled: Filled) -> str:
    """Give the environment's id, or a name of the user's own where a base URL says where that is. Raises `Mistyped`."""
    if typed is None:
        return provider.environments[0].id
    for one in provider.environments:
        if one.id.casefold() == typed.casefold():
            return one.id
    if not filled.moves_base_url:
        raise Mistyped(
            f"{provider.name} has no environment {typed}; it has {_listed(one.id for one in provider.environments)}. "
            f"For one of your own, say where it is: --set {BASE_URL}=https://…"
        )
    return check_name(typed)


def fill(provider: Provider, grant: Grant, settings: Iterable[tuple[str, str]], read: Mapping[str, Secret]) -> Filled:
    """
    Sort settings and what was read from a file into fields, secrets and overrides.

    Args:
        provider: says which fields there are.
        grant: the one chosen; the fields of another are unknown.
        settings: from `--set`, which wins over the file.
        read: from `--secrets-from`, fields of any kind.

    Raises:
        Mistyped: an unknown key, or a secret in `settings`.

    """
    fields = provider.fields_of(grant.id)
    filled = Filled()
    for key, secret in read.items():
        one = _field(fields, key)
        if one is None:
            # Without the key: it may be a secret that was put there alone and ends in =, as base64 does.
            known = _listed(each.key for each in fields)
            raise Mistyped(f"The secrets name a field that {provider.name} does not have; it has {known}.")
        if one.secret:
            filled.secrets[one.key] = secret
        else:
            filled.values[one.key] = secret.reveal()
    for key, value in settings:
        _set(provider, fields, filled, key, value)
    return filled


def _set(provider: Provider, fields: tuple[Field, ...], filled: Filled, key: str, value: str) -> None:
    one = _field(fields, key)
    if one is not None and one.secret:
        raise Mistyped(
            f"{one.key} is a secret, and the command line shows in process lists and in the shell's history. "
            "Leave it out to be asked for it, or hand it over with --secrets-from FILE."
        )
    if one is not None:
        filled.values[one.key] = value
    elif _folded(key) == _folded(BASE_URL):
        if not value.strip():
            raise Mistyped(
                f"{BASE_URL} is empty. Leave it out to use the provider's own, or say where requests are to go."
            )
        filled.overrides[BASE_URL] = value
    elif "." in key and _may_hold_secret(key, value):
        raise Mistyped(
            f"{key} would put a secret where process lists, the shell's history and the store show it in clear. "
            f"Name the field instead, as in --set {key}={{{_first_secret(fields)}}}, and hand the secret itself over "
            "with --secrets-from FILE."
        )
    elif "." in key:
        filled.overrides[key] = value
    else:
        raise Mistyped(
            f"{provider.name} has no field {key}; it has {_listed(each.key for each in fields)}. "
            f"{BASE_URL} and dotted keys of its file can be set too."
        )


def _may_hold_secret(key: str, value: str) -> bool:
    """Tell whether an override is sent where secrets are sent, and is no template over the connection's fields."""
    *above, last = key.split(".")
    is_sent = "parameters" in above or "headers" in above or above[-1:] == ["client_auth"]
    return is_sent and SECRET_KEY.search(last) is not None and PLACEHOLDER.search(value) is None


def _first_secret(fields: Iterable[Field]) -> str:
    return next((one.key for one in fields if one.secret), "field")


def _field(fields: Iterable[Field], key: str) -> Field | None:
    """Find a field by its key, exactly, or else without regard to case, `_` and `-`."""
    by_key = {one.key: one for one in fields}
    alike = [one for one in by_key.values() if _folded(one.key) == _folded(key)]
    return by_key.get(key) or (alike[0] if len(alike) == 1 else None)


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").casefold()


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
