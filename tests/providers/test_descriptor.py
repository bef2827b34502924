"""What a descriptor file says, read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.providers.samples import ACME, MINIMAL, connection, mint, read
from tokendeck.core.preview import preview_text
from tokendeck.core.provider import (
    AnswerShape,
    Assumption,
    Authorize,
    BodyKind,
    ClientAuth,
    ClientAuthMethod,
    Environment,
    Field,
    GrantKind,
    Hazard,
    Meaning,
    RateBudget,
    Renewal,
    RenewalPolicy,
    Source,
)
from tokendeck.core.template import Template


def test_everything_that_a_file_says_arrives() -> None:
    provider = read(ACME)

    assert (provider.id, provider.name, provider.monogram, provider.color) == ("acme", "Acme Pay", "Ac", "#123456")
    assert provider.source == Source("Acme: Authentication", date(2026, 11, 20), "https://acme.example/docs")
    assert provider.environments[1] == Environment(
        "test_company",
        "Test company",
        production=False,
        base_urls={"api": "https://api.test.acme.example", "auth": "https://auth.test.acme.example"},
    )
    assert provider.fields[0] == Field(
        "client_id", "Client ID", example="acme-1", pattern="acme-[0-9]+", pattern_hint="acme- and a number"
    )
    assert provider.fields[1] == Field("client_secret", "Client secret", secret=True, help="Shown once.")
    assert provider.fields[3] == Field("redirect_uri", "Redirect URI", is_url=True, grants=("authorization_code",))
    assert provider.rate == RateBudget(50, timedelta(seconds=60), reset_header="X-Reset")
    assert provider.hazards == (
        Hazard("allow_list", "A call from elsewhere revokes the token.", ("client_credentials",)),
    )
    assert provider.meanings == (Meaning(403, "From elsewhere.", token_revoked=True),)
    assert provider.rotation == "Rotate monthly."
    assert provider.assumptions == (
        Assumption("grants.client_credentials.answer.access_token", "The page shows no answer."),
    )
    assert not provider.shipped


def test_a_grant_arrives_whole() -> None:
    provider = read(ACME)

    grant = provider.grant("client_credentials")

    assert grant.kind is GrantKind.CLIENT_CREDENTIALS
    assert grant.name == "Client credentials"
    assert grant.mint.body is BodyKind.JSON
    assert grant.mint.client_auth == ClientAuth(ClientAuthMethod.NONE)
    assert grant.answer == AnswerShape(access_token="data.token")
    assert grant.renewal == Renewal(RenewalPolicy.MANUAL, timedelta(seconds=30), timedelta(minutes=10))
    assert grant.declared_lifetime == timedelta(hours=1)
    assert (grant.never_expires, grant.refresh, grant.authorize) == (False, None, None)


def test_a_json_mint_keeps_its_nest_of_values() -> None:
    provider = read(ACME)

    request = mint(provider, connection("acme", client_id="acme-1"), client_secret="s3cret")

    assert preview_text(request) == (
        "POST https://auth.acme.example/token?tenant=acme-1\n"
        "Content-Type: application/json\n"
        "\n"
        "{\n"
        '  "id": "acme-1",\n'
        '  "secret": "••••••••",\n'
        '  "nested": {\n'
        '    "secrets": [\n'
        '      "••••••••",\n'
        "      1,\n"
        "      2.5,\n"
        "      true\n"
        "    ]\n"
        "  }\n"
        "}"
    )


def test_a_grant_that_a_person_signs_in_for_has_an_address_and_a_refresh() -> None:
    grant = read(ACME).grant("authorization_code")

    assert (grant.kind, grant.name, grant.needs_person) == (GrantKind.AUTHORIZATION_CODE, "Signing in", True)
    assert grant.authorize == Authorize(
        url=Template.parse("{auth}/authorize"),
        parameters={"client_id": Template.parse("{client_id}"), "audience": Template.parse("{audience}")},
        issuer="https://auth.example",
        names_issuer=True,
    )
    assert grant.never_expires


def test_constants_of_a_form_are_text() -> None:
    parameters = read(ACME).grant("authorization_code").mint.parameters

    assert (parameters["offline"], parameters["version"]) == (Template.parse("true"), Template.parse("2"))


def test_a_refresh_is_as_the_mint_where_it_says_nothing() -> None:
    grant = read(ACME).grant("authorization_code")

    assert grant.refresh is not None
    assert (grant.refresh.url, grant.refresh.method, grant.refresh.body) == (
        grant.mint.url,
        grant.mint.method,
        grant.mint.body,
    )
    assert grant.mint.client_auth.method is ClientAuthMethod.BASIC
    assert grant.refresh.client_auth.method is ClientAuthMethod.BASIC_ENCODED
    assert set(grant.refresh.parameters) == {"grant_type", "refresh_token"}


def test_five_lines_are_a_descriptor() -> None:
    provider = read(MINIMAL)

    grant = provider.grant("client_credentials")
    assert (provider.monogram, provider.color) == ("Mi", "#475467")
    assert provider.environments == (
        Environment("production", "Production", production=True, base_urls={"base_url": "https://mini.example"}),
    )
    assert (grant.mint.method, grant.mint.body, grant.mint.parameters) == ("POST", BodyKind.FORM, {})
    assert grant.answer == AnswerShape()
    assert grant.renewal == Renewal(RenewalPolicy.AHEAD, timedelta(seconds=300))
    assert (provider.test_calls, provider.rate, provider.hazards, provider.meanings) == ((), None, (), ())
    assert (provider.rotation, provider.assumptions, provider.source.url) == ("", (), "")


def test_silence_about_lifetimes_stays_silence() -> None:
    grant = read(MINIMAL).grant("client_credentials")

    assert (grant.declared_lifetime, grant.never_expires) == (None, False)


@pytest.mark.parametrize(
    "added",
    [
        pytest.param('method = "GET"\nbody = "none"', id="a GET without a body"),
        pytest.param(
            'kind = "device_code"\ndevice = { url = "{base_url}/device" }\nparameters = { code = "{device_code}" }',
            id="another device",
        ),
        pytest.param('client_auth = { method = "none" }', id="no client authentication, spelled out"),
        pytest.param('refresh = { headers = { X-A = "{refresh_token}" } }', id="a refresh with headers of its own"),
    ],
)
def test_dialects_that_the_format_can_say(added: str) -> None:
    text = MINIMAL.replace("grants.client_credentials.url", f"[grants.main]\n{_kinded(added)}\nurl")

    assert read(text).grants[0].id == "main"


def test_a_base_url_may_be_a_field_of_the_connection() -> None:
    text = MINIMAL.replace('.base_url = "https://mini.example"', ".name = 'Production'")

    provider = read('fields = [{ key = "base_url", label = "Base URL" }]\n' + text)

    assert provider.fields[0].is_url
    request = mint(provider, connection("mini", base_url="https://mine.example/"))
    assert request.url == "https://mine.example/token"


def test_a_whole_url_may_be_a_field() -> None:
    text = MINIMAL.replace("{base_url}/token", "{token_url}")

    provider = read('fields = [{ key = "token_url", label = "Token URL", is_url = true }]\n' + text)

    assert mint(provider, connection("mini", token_url="https://mine.example/t")).url == "https://mine.example/t"


def test_a_code_may_travel_deep_inside_json() -> None:
    text = MINIMAL.replace(
        "grants.client_credentials.url",
        "[grants.authorization_code]\n"
        'authorize = { url = "{base_url}/authorize" }\n'
        'body = "json"\n'
        'parameters = { to = "{redirect_uri}", grant = { codes = ["{code}", "{code_verifier}"] } }\n'
        "url",
    )

    grant = read(text).grant("authorization_code")

    assert grant.mint.parameters == {
        "to": Template.parse("{redirect_uri}"),
        "grant": {"codes": [Template.parse("{code}"), Template.parse("{code_verifier}")]},
    }


def _kinded(added: str) -> str:
    return added if "kind" in added else f'kind = "client_credentials"\n{added}'
