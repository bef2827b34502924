"""A descriptor file as a whole: TOML tables into a `Provider`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import BadUrl
from tokendeck.core.origin import origin_of
from tokendeck.core.provider import Assumption, Environment, Field, Hazard, Meaning, Provider, RateBudget, Source
from tokendeck.providers.grants import read_grant, read_test_call
from tokendeck.providers.table import Table
from tokendeck.providers.tree import holds
from tokendeck.providers.vocabulary import RESERVED_NAMES, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
"""What a template can name."""

COLOR = re.compile(r"#[0-9a-fA-F]{6}")
PLAIN_COLOR = "#475467"
STATUSES = range(100, 600)

TOP_KEYS = (
    *("id", "name", "monogram", "color", "rotation", "source", "environments", "fields", "grants"),
    *("test_calls", "rate", "hazards", "meanings", "assumptions"),
)


def read_provider(values: Mapping[str, object], file: str, *, shipped: bool) -> Provider:
    """
    Read a descriptor's tables.

    Args:
        values: the tables as tomllib gives them, where an `Override` may take the place of any value.
        file: for complaints.
        shipped: whether the file came with the program.

    Raises:
        DescriptorError: the first thing that is wrong.

    """
    table = Table(values, file)
    provider_id = _id(table.text("id"), table, "id")
    name = table.text("name")
    source = _read_source(table.table("source"))
    environments = tuple(_read_environment(one, key) for key, one in table.tables("environments"))
    if not environments:
        raise table.error("environments", "at least one, such as [environments.production]")
    fields = _read_fields(table)
    _check_names(table, environments, fields)
    provider = Provider(
        id=provider_id,
        name=name,
        monogram=_monogram(table, name),
        color=_color(table),
        source=source,
        environments=environments,
        fields=fields,
        grants=tuple(
            read_grant(one, _id(key, one), Vocabulary.of(environments, _applying(fields, key)))
            for key, one in table.tables("grants")
        ),
        test_calls=tuple(
            read_test_call(one, _id(key, one), Vocabulary.of(environments, _applying(fields, None)))
            for key, one in table.tables("test_calls")
        ),
        rate=_read_rate(table.table("rate")) if "rate" in table else None,
        hazards=tuple(_read_hazard(one, _id(key, one)) for key, one in table.tables("hazards")),
        meanings=tuple(_read_meaning(one) for one in table.rows("meanings")),
        rotation=table.prose("rotation", ""),
        assumptions=tuple(_read_assumption(one, values) for one in table.rows("assumptions")),
        shipped=shipped,
    )
    table.finish()
    _check_grant_ids(table, provider)
    return provider


def _id(text: str, table: Table, key: str = "") -> str:
    if not ID.fullmatch(text):
        raise table.error(key, "an id: a small letter, then small letters, digits, _ and -, at most 40")
    return text


def _applying(fields: tuple[Field, ...], grant_id: str | None) -> tuple[Field, ...]:
    """Give the fields of one grant; for None those of every grant."""
    return tuple(one for one in fields if not one.grants or grant_id in one.grants)


def _monogram(table: Table, name: str) -> str:
    longest = 2
    monogram = table.text("monogram", name.strip()[:longest])
    if len(monogram) > longest:
        raise table.error("monogram", "one or two characters")
    return monogram


def _color(table: Table) -> str:
    color = table.text("color", PLAIN_COLOR)
    if not COLOR.fullmatch(color):
        raise table.error("color", 'six hexadecimal digits, such as "#0b6bff"')
    return color


def _read_source(table: Table) -> Source:
    source = Source(page=table.prose("page"), read=table.date("read"), url=table.text("url", ""))
    if source.url:
        _check_url(table, "url", source.url)
    table.finish()
    return source


def _read_environment(table: Table, environment_id: str) -> Environment:
    single, named = table.text(BASE_URL, ""), table.table("base_urls")
    if single and named:
        raise table.error(BASE_URL, "either this or base_urls")
    urls = {BASE_URL: single} if single else {name: named.text(name) for name in named.names()}
    for name, url in urls.items():
        where = table if single else named
        if not NAME.fullmatch(name):
            raise where.error(name, "a name of letters, digits and _")
        _check_url(where, name, url)
        if "?" in url:
            raise where.error(name, "a base URL, without a ? part")
    environment = Environment(
        id=_id(environment_id, table),
        name=table.text("name", environment_id.replace("_", " ").capitalize()),
        production=table.flag("production", default=True),
        base_urls={name: url.rstrip("/") for name, url in urls.items()},
    )
    table.finish()
    return environment


def _check_url(table: Table, key: str, url: str) -> None:
    try:
        origin_of(url)
    except BadUrl as error:
        raise table.error(key, error.expected) from None


def _read_fields(table: Table) -> tuple[Field, ...]:
    fields: list[Field] = []
    for row in table.rows("fields"):
        field = _read_field(row)
        if field.key in {one.key for one in fields}:
            raise row.error("key", f"a key of its own: another field is called {field.key}")
        fields.append(field)
    return tuple(fields)


def _read_field(table: Table) -> Field:
    key = table.text("key")
    if not NAME.fullmatch(key) or key in RESERVED_NAMES:
        raise table.error("key", "a name of letters, digits and _ that Tokendeck does not fill in itself")
    field = Field(
        key=key,
        label=table.text("label"),
        secret=table.flag("secret", default=False),
        required=table.flag("required", default=True),
        example=table.text("example", ""),
        help=table.prose("help", ""),
        pattern=table.text("pattern", ""),
        pattern_hint=table.prose("pattern_hint", ""),
        is_url=table.flag("is_url", default=key == BASE_URL),
        multiline=table.flag("multiline", default=False),
        grants=table.texts("grants"),
    )
    _check_pattern(table, field)
    if field.multiline and (field.is_url or field.pattern):
        raise table.error("multiline", "either this or a pattern or is_url: several lines are PEM text")
    if key == BASE_URL and (field.secret or not field.is_url):
        raise table.error("secret" if field.secret else "is_url", "a URL that everybody may see: base_url is one")
    table.finish()
    return field


def _check_pattern(table: Table, field: Field) -> None:
    try:
        pattern = re.compile(field.pattern)
    except re.error as error:
        raise table.error("pattern", f"a regular expression ({error})") from None
    if field.pattern and field.example and not pattern.fullmatch(field.example):
        raise table.error("example", "a value that the pattern accepts")


def _check_names(table: Table, environments: tuple[Environment, ...], fields: tuple[Field, ...]) -> None:
    """Every name means one thing, and has a value wherever it is used."""
    bases = {name for one in environments for name in one.base_urls}
    keys = {one.key for one in fields}
    for index, one in enumerate(fields):
        if one.key in bases and one.key != BASE_URL:
            raise table.error(f"fields[{index}].key", f"a key of its own: {one.key} is a base URL")
    for environment in environments:
        missing = sorted(bases - environment.base_urls.keys())
        if missing and BASE_URL not in keys:
            raise table.error(
                f"environments.{environment.id}", f"a base URL called {missing[0]}, as another environment has"
            )


def _read_rate(table: Table) -> RateBudget:
    per = table.seconds("per_s", least=1)
    if per is None:
        raise table.error("per_s", "a number of seconds, 1 or more")
    rate = RateBudget(
        requests=table.whole_number("requests", range(1, 1_000_001)),
        per=per,
        limit_header=table.text("limit_header", ""),
        remaining_header=table.text("remaining_header", ""),
        reset_header=table.text("reset_header", ""),
    )
    table.finish()
    return rate


def _read_hazard(table: Table, hazard_id: str) -> Hazard:
    hazard = Hazard(hazard_id, table.prose("text"), table.texts("grants"))
    table.finish()
    return hazard


def _read_meaning(table: Table) -> Meaning:
    meaning = Meaning(
        status=table.whole_number("status", STATUSES),
        text=table.prose("text"),
        token_revoked=table.flag("token_revoked", default=False),
    )
    table.finish()
    return meaning


def _read_assumption(table: Table, values: Mapping[str, object]) -> Assumption:
    assumption = Assumption(key=table.text("key"), why=table.prose("why"))
    if not holds(values, assumption.key):
        raise table.error("key", "the dotted key of something that this file says")
    table.finish()
    return assumption


def _check_grant_ids(table: Table, provider: Provider) -> None:
    ids = {one.id for one in provider.grants}
    if not ids:
        raise table.error("grants", "at least one, such as [grants.client_credentials]")
    wanted = [(f"fields[{index}]", one.grants) for index, one in enumerate(provider.fields)]
    wanted += [(f"hazards.{one.id}", one.grants) for one in provider.hazards]
    for key, grants in wanted:
        if set(grants) - ids:
            raise table.error(f"{key}.grants", "ids of grants: " + ", ".join(sorted(ids)))
