"""Which names a template may use, and where: no secret in a URL, no optional field where it cannot be left out."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import BadUrl
from tokendeck.core.frozen import dataclass, replace
from tokendeck.core.origin import origin_of
from tokendeck.core.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.provider import Environment, Field

REFRESH_NAMES = frozenset({"refresh_token"})
SIGN_IN_NAMES = frozenset({"code", "code_verifier", "redirect_uri"})
DEVICE_NAMES = frozenset({"device_code"})
TOKEN_NAMES = frozenset({"token", "token_type_hint"})
RESERVED_NAMES = (REFRESH_NAMES | SIGN_IN_NAMES | DEVICE_NAMES | TOKEN_NAMES | {"access_token"}) - {"redirect_uri"}
"""Filled in by the program, so that no field may be called so. A registered redirect URI may be a field."""


class Place(Enum):
    """Where a template stands."""

    URL = auto()
    """Holds no secret, and nothing optional."""

    NEEDED = auto()
    """Cannot be left out, so it holds nothing optional."""

    OMISSIBLE = auto()
    """Is left out as a whole where an optional field is empty."""

    QUERY = auto()
    """Becomes part of a URL, so it holds no secret; left out as a whole where an optional field is empty."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a template may use: base URLs, fields, and what the program fills in while tokens are come by."""

    bases: Mapping[str, str]
    """A base URL to try out for each name that stands for one."""

    fields: Mapping[str, Field]
    flow: frozenset[str] = frozenset()
    """Filled in by the program, and secret."""

    @classmethod
    def of(cls, environments: tuple[Environment, ...], fields: tuple[Field, ...]) -> Vocabulary:
        """Give the names of one grant's `fields`, and of the base URLs."""
        bases = {name: url for one in environments for name, url in one.base_urls.items()}
        if any(one.key == BASE_URL for one in fields):
            bases.setdefault(BASE_URL, "https://base-url.example")
        return cls(bases, {one.key: one for one in fields if one.key not in bases})

    def with_flow(self, names: frozenset[str]) -> Vocabulary:
        """Give the same names and those that the program fills in."""
        return replace(self, flow=names - self.fields.keys())

    def complaint(self, template: Template, place: Place) -> str:
        """Say what should stand there instead; empty where the template is right."""
        for name in sorted(template.names - self.bases.keys()):
            field = self.fields.get(name)
            if field is None and name not in self.flow:
                known = ", ".join([*self.bases, *self.fields, *sorted(self.flow)])
                return f"names of base URLs and of fields that always apply here ({known}), not {{{name}}}"
            if place in {Place.URL, Place.QUERY} and (field is None or field.secret):
                return f"a URL without the secret {{{name}}}: secrets travel in bodies and headers only"
            if place in {Place.URL, Place.NEEDED} and field is not None and not field.required:
                return f"required fields only, and {{{name}}} is optional"
        return self._url_complaint(template) if place is Place.URL else ""

    def _url_complaint(self, template: Template) -> str:
        following = [*(text for text, _ in template.pieces[1:]), "/"]
        for (text, is_name), after in zip(template.pieces, following, strict=True):
            if is_name and text in self.bases and not after.startswith("/"):
                return f"a / after {{{text}}}"
        samples = {key: "https://field.example" if one.is_url else "x" for key, one in self.fields.items()}
        try:
            origin_of(template.fill({**samples, **self.bases}).reveal())
        except BadUrl as error:
            return error.expected
        return ""


def read_template(source: str) -> Template | str:
    """Give the template, or what should stand there instead."""
    try:
        return Template.parse(source)
    except ValueError as error:
        return f"a template without {error}"
