"""What a connection says differently from its descriptor."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.providers.samples import ACME, SHIPPED, connection, mint
from tokendeck.core.errors import DescriptorError, UnknownProvider
from tokendeck.core.provider import BodyKind, ClientAuthMethod, Provider, RenewalPolicy
from tokendeck.core.secret import Text
from tokendeck.core.template import Template
from tokendeck.providers import catalog as catalog_module
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path

CC = "grants.client_credentials"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    (tmp_path / "acme.toml").write_text(ACME, encoding="utf-8")
    return Catalog(SHIPPED, tmp_path)


def overridden(catalog: Catalog, overrides: dict[str, str], grant: str = "client_credentials") -> Provider:
    return catalog.provider_for(connection("acme", grant, overrides))


def test_a_dotted_key_changes_one_value_and_nothing_else(catalog: Catalog) -> None:
    provider = overridden(catalog, {f"{CC}.body": "form", f"{CC}.parameters.nested": "flat"})

    assert provider.grant("client_credentials").mint.body is BodyKind.FORM
    assert catalog.provider("acme").grant("client_credentials").mint.body is BodyKind.JSON
    assert provider.grant("authorization_code") == catalog.provider("acme").grant("authorization_code")
    assert not provider.shipped


def test_a_short_key_means_the_connections_own_grant(catalog: Catalog) -> None:
    provider = overridden(catalog, {"body": "multipart", "renewal.lead_s": "120"}, "authorization_code")

    grant = provider.grant("authorization_code")
    assert (grant.mint.body, grant.renewal.lead) == (BodyKind.MULTIPART, timedelta(minutes=2))
    assert provider.grant("client_credentials") == catalog.provider("acme").grant("client_credentials")


def test_every_type_is_read_from_its_text(catalog: Catalog) -> None:
    provider = overridden(
        catalog,
        {
            "renewal.policy": "ahead",
            "renewal.every_s": "90.5",
            "lifetime_s": "60",
            "url": "{api}/token",
            "client_auth.method": "basic",
            "client_auth.user": "{client_id}",
            "client_auth.password": "{client_secret}",
            "parameters.nested.secrets[1]": "7",
            "parameters.nested.secrets[3]": "False",
            "parameters.tenant": "12",
            "headers.X-Trace": "yes",
            "answer.expires_in": "data.ttl",
            "environments.test_company.production": "true",
            "fields[2].required": "TRUE",
            "hazards.allow_list.grants": "client_credentials, authorization_code",
            "meanings[0].status": "401",
            "rate.requests": "5",
            "test_calls.ping.url": "{api}/pong",
            "test_calls.pong.name": "Pong",
            "test_calls.pong.url": "{api}/pong",
            "rotation": "Never.",
        },
    )

    grant = provider.grant("client_credentials")
    assert (grant.renewal.policy, grant.renewal.every) == (RenewalPolicy.AHEAD, timedelta(seconds=90.5))
    assert grant.declared_lifetime == timedelta(seconds=60)
    assert (grant.mint.url, grant.mint.client_auth.method) == (Template.parse("{api}/token"), ClientAuthMethod.BASIC)
    assert grant.mint.parameters["nested"] == {"secrets": [Template.parse("{client_secret}"), 7, 2.5, False]}
    assert grant.mint.parameters["tenant"] == Template.parse("12")
    assert set(grant.mint.headers) == {"X-Audience", "X-Trace"}
    assert (grant.answer.access_token, grant.answer.expires_in) == ("data.token", "data.ttl")
    assert provider.environments[1].production
    assert provider.fields[2].required
    assert provider.hazards[0].grants == ("client_credentials", "authorization_code")
    assert provider.meanings[0].status == 401
    assert provider.rate is not None
    assert provider.rate.requests == 5
    assert [call.url.source for call in provider.test_calls] == ["{api}/pong", "{api}/pong"]
    assert provider.rotation == "Never."


WRONG = [
    ({"bdoy": "form"}, "bdoy", "perhaps body"),
    ({f"{CC}.bdoy": "form"}, f"{CC}.bdoy", "perhaps body"),
    ({"body": "xml"}, "body", "one of: none, form, json, multipart"),
    ({"renewal.lead_s": "soon"}, "renewal.lead_s", "a number of seconds"),
    ({"renewal.lead_s": "nan"}, "renewal.lead_s", "a number of seconds"),
    ({"renewal.policy": "ON_USE"}, "renewal.policy", "one of: ahead"),
    ({"never_expires": "yes"}, "never_expires", "true or false"),
    ({"rate.requests": "1.5"}, "rate.requests", "a whole number"),
    ({"client_auth": "basic"}, "client_auth", "a table"),
    ({"url": "http://elsewhere.example/token"}, "url", "https"),
    ({"url": "{auth}/token?s={client_secret}"}, "url", "without the secret"),
    ({"test_calls.ping.url": "{api}/{client_secret}"}, "test_calls.ping.url", "without the secret"),
    ({"environments.production.base_urls.api": "http://a.example"}, "environments.production.base_urls.api", "https"),
    ({"color": "blue"}, "color", "six hexadecimal digits"),
    ({"id": "other"}, "id", "that a connection may set"),
    ({"fields[1].secret": "false"}, "fields[1].secret", "that a connection may set"),
    ({"fields[1].key": "other"}, "fields[1].key", "that a connection may set"),
    ({"fields": "none"}, "fields", "an array of tables"),
    ({"source.read": "2020-01-01"}, "source.read", "that a connection may set"),
    ({"assumptions[0].why": "x"}, "assumptions[0].why", "that a connection may set"),
    ({"fields[9].label": "x"}, "fields[9].label", "that the provider's file has"),
    ({"fields.label": "x"}, "fields.label", "that the provider's file has"),
    ({"name.first": "x"}, "name.first", "that the provider's file has"),
    ({"renewal..lead_s": "1"}, "renewal..lead_s", "a dotted key"),
    ({"[0]": "1"}, "[0]", "that the provider's file has"),
    ({" ": "1"}, " ", "a known key"),
    # The override is right by itself; what it breaks elsewhere is named.
    ({"body": "form"}, f"{CC}.parameters.nested", "only a JSON body"),
]


@pytest.mark.parametrize(("overrides", "key", "expected"), WRONG, ids=[next(iter(one[0])) for one in WRONG])
def test_a_wrong_override_is_named_as_it_was_spelled(
    catalog: Catalog, overrides: dict[str, str], key: str, expected: str
) -> None:
    with pytest.raises(DescriptorError) as caught:
        overridden(catalog, overrides)

    assert (caught.value.file, caught.value.key) == ("Web shop", key)
    assert expected in caught.value.expected


def test_an_override_of_an_unknown_provider_is_no_override(catalog: Catalog) -> None:
    with pytest.raises(UnknownProvider):
        catalog.provider_for(connection("nobody", "client_credentials", {"body": "form"}))


@pytest.mark.promise(10)
def test_an_override_cannot_make_a_secret_public(catalog: Catalog) -> None:
    made = connection("acme", "client_credentials", {"headers.X-Copy": "{client_secret}"}, client_id="acme-1")

    request = mint(catalog.provider_for(made), made, client_secret="s3cret")

    assert isinstance(request.headers["X-Copy"], Text)
    assert request.headers["X-Copy"].is_secret


def test_one_reading_serves_all_connections_with_the_same_overrides(catalog: Catalog) -> None:
    first, second = (connection("acme", "client_credentials", {"lifetime_s": "60"}) for _ in range(2))

    assert catalog.provider_for(first) is catalog.provider_for(second)


def test_typing_an_override_does_not_fill_the_memory(catalog: Catalog) -> None:
    for seconds in range(1, catalog_module.MOST_VARIANTS + 2):
        overridden(catalog, {"lifetime_s": str(seconds)})

    assert len(catalog._variants) == 1


def test_reloading_forgets_what_was_read_with_overrides(catalog: Catalog) -> None:
    before = overridden(catalog, {"lifetime_s": "60"})

    catalog.reload()

    after = overridden(catalog, {"lifetime_s": "60"})
    assert after == before
    assert after is not before
    assert after.source.read == date(2026, 11, 20)
