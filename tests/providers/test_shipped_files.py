"""What every shipped file owes its readers. A new file is visited without a line here."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.providers.samples import SHIPPED, connection, mint
from tokendeck.core.expiry import NotStated
from tokendeck.core.moment import Moment
from tokendeck.core.preview import preview_text
from tokendeck.core.request import build_call, check_fields, connection_values, origins_of
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from tokendeck.core.provider import Provider

FILES = sorted(SHIPPED.glob("*.toml"))
MOST_FIELDS = 4
LEAST_CONTRAST = 4.5
"""Of white text: WCAG 2.2, section 1.4.3."""

every_file = pytest.mark.parametrize("provider", Catalog(SHIPPED).providers(), ids=lambda one: one.id)


def test_all_files_are_right() -> None:
    catalog = Catalog(SHIPPED)

    assert [(error.file, error.key, error.expected) for error in catalog.problems] == []
    assert len(catalog.providers()) == len(FILES)
    assert {one.id for one in catalog.providers()} == {file.stem for file in FILES}


@every_file
def test_a_file_says_where_its_facts_are_from(provider: Provider) -> None:
    assert provider.shipped
    assert provider.source.page
    assert provider.source.read.isoformat() == "2026-11-20"


@every_file
def test_only_https_is_spoken(provider: Provider) -> None:
    for grant in provider.grants:
        made = connection(provider.id, grant.id, **_filled(provider))

        assert all(origin.startswith("https://") for origin in origins_of(provider, made))


@every_file
def test_every_request_can_be_built_from_the_examples(provider: Provider) -> None:
    for grant in provider.grants:
        made = connection(provider.id, grant.id, **_filled(provider))
        secrets = {one.key: Secret(f"secret-{one.key}") for one in provider.fields_of(grant.id) if one.secret}
        values = connection_values(provider, made, secrets)

        if not grant.needs_person:
            sent = preview_text(mint(provider, made, **{key: one.reveal() for key, one in secrets.items()}))
            assert "secret-" not in sent
        for call in provider.test_calls:
            assert build_call(call, values, _token()).origin in origins_of(provider, made)


@every_file
def test_the_form_is_short_and_its_examples_are_accepted(provider: Provider) -> None:
    for grant in provider.grants:
        fields = provider.fields_of(grant.id)
        filled = {one.key: Secret("x") if one.secret else one.example or "x" for one in fields}

        assert len(fields) <= MOST_FIELDS
        assert list(check_fields(provider, grant.id, filled)) == []


@every_file
def test_help_is_one_short_sentence(provider: Provider) -> None:
    for one in provider.fields:
        assert len(one.help) <= 60
        assert not one.help or one.help.endswith(".")


@every_file
def test_white_text_stands_out_from_the_monogram(provider: Provider) -> None:
    assert 1.05 / (_luminance(provider.color) + 0.05) >= LEAST_CONTRAST


@every_file
def test_calls_that_one_click_makes_change_nothing(provider: Provider) -> None:
    assert all(call.is_safe for call in provider.test_calls)


@every_file
def test_every_assumption_gives_its_reason(provider: Provider) -> None:
    assert all(one.why.endswith(".") for one in provider.assumptions)


def test_each_file_reads_as_plain_toml() -> None:
    for file in FILES:
        assert tomllib.loads(file.read_text(encoding="utf-8"))["id"] == file.stem


def _filled(provider: Provider) -> dict[str, str]:
    return {one.key: one.example or "x" for one in provider.fields if not one.secret}


def _token() -> TokenSet:
    asked_at = Moment(datetime(2026, 11, 20, tzinfo=UTC), 0.0, "boot")
    return TokenSet(Secret("token"), None, TokenFacts(asked_at, NotStated()))


def _luminance(color: str) -> float:
    parts = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
