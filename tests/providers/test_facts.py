"""The five providers, fact by fact: what each request looks like on the wire against what the vendor's page sends."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from tests.providers.samples import SHIPPED, connection, mint, shipped
from tokendeck.core.client_proof import BasicAuth
from tokendeck.core.preview import preview_text
from tokendeck.core.provider import BodyKind, ClientAuthMethod, GrantKind, RateBudget, Renewal, RenewalPolicy
from tokendeck.core.request import build_mint, connection_values
from tokendeck.core.secret import Secret
from tokendeck.oauth.wire import encode
from tokendeck.providers.catalog import Catalog

FIVE_MINUTES = timedelta(seconds=300)


def test_payos_sends_what_its_curl_sends() -> None:
    made = connection("payos", merchantId="YOUR_MERCHANT_ID")

    request = mint(shipped("payos"), made, clientSecret="YOUR_CLIENT_SECRET")

    wire = encode(request)
    assert (request.method, request.url) == ("POST", "https://api.payos.money/api/v1/oauth2/token")
    assert wire.headers[b"Content-Type"] == b"application/json"
    assert b"Authorization" not in wire.headers
    assert json.loads(wire.content) == {"merchantId": "YOUR_MERCHANT_ID", "clientSecret": "YOUR_CLIENT_SECRET"}


def test_payos_is_previewed_with_its_secret_masked() -> None:
    made = connection("payos", merchantId="YOUR_MERCHANT_ID")

    shown = preview_text(mint(shipped("payos"), made, clientSecret="YOUR_CLIENT_SECRET"))

    assert shown == (
        "POST https://api.payos.money/api/v1/oauth2/token\n"
        "Content-Type: application/json\n"
        "\n"
        "{\n"
        '  "merchantId": "YOUR_MERCHANT_ID",\n'
        '  "clientSecret": "••••••••"\n'
        "}"
    )


def test_payos_is_silent_about_lifetimes_refresh_requests_and_rates() -> None:
    provider = shipped("payos")
    (grant,) = provider.grants

    assert (grant.declared_lifetime, grant.never_expires, grant.refresh) == (None, False, None)
    assert grant.renewal == Renewal(RenewalPolicy.AHEAD, FIVE_MINUTES, every=None)
    assert (provider.rate, provider.rotation, provider.hazards) == (None, "", ())
    assert "grants.client_credentials.answer.access_token" in {one.key for one in provider.assumptions}


def test_payos_documents_a_call() -> None:
    (call,) = shipped("payos").test_calls

    assert (call.method, call.url.source, call.headers) == ("GET", "{base_url}/api/v1/payment", {})


def test_paysera_sends_what_its_curl_sends() -> None:
    made = connection("paysera", client_id="YOUR_CLIENT_ID")

    request = mint(shipped("paysera"), made, client_secret="YOUR_CLIENT_SECRET")

    wire = encode(request)
    assert request.url == "https://api.paysera.com/auth/realms/Paysera/protocol/openid-connect/token"
    assert wire.headers[b"Content-Type"] == b"application/x-www-form-urlencoded"
    assert wire.content == (b"grant_type=client_credentials&client_id=YOUR_CLIENT_ID&client_secret=YOUR_CLIENT_SECRET")


def test_paysera_renews_five_minutes_ahead_and_refreshes_nothing() -> None:
    provider = shipped("paysera")
    (grant,) = provider.grants

    assert grant.renewal == Renewal(RenewalPolicy.AHEAD, FIVE_MINUTES)
    assert (grant.declared_lifetime, grant.refresh) == (timedelta(hours=1), None)


def test_paysera_allows_fifty_requests_a_minute_and_tells_by_three_headers() -> None:
    assert shipped("paysera").rate == RateBudget(
        50,
        timedelta(minutes=1),
        limit_header="X-RateLimit-Limit",
        remaining_header="X-RateLimit-Remaining",
        reset_header="X-RateLimit-Reset",
    )


def test_paysera_documents_a_call_with_a_content_type() -> None:
    (call,) = shipped("paysera").test_calls

    assert (call.id, call.method) == ("methods", "GET")
    assert call.url.source == "{base_url}/checkout-project/integration/v1/methods"
    assert {name: value.source for name, value in call.headers.items()} == {"Content-Type": "application/json"}


def test_pyng_sends_what_its_example_sends() -> None:
    made = connection("pyng", base_url="https://sample.pyng.com.au", username="s6BhdRkqt3", scope="pyng_defined_scope")

    request = mint(shipped("pyng"), made, password="gX1fBat3bV")

    wire = encode(request)
    assert request.url == "https://sample.pyng.com.au/checkout/oauth2/token"
    assert wire.headers[b"Authorization"] == b"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"
    assert wire.headers[b"Content-Type"] == b"application/x-www-form-urlencoded"
    assert wire.content == b"grant_type=client_credentials&scope=pyng_defined_scope"


def test_pyng_leaves_its_host_to_the_connection() -> None:
    provider = shipped("pyng")

    assert [(one.id, one.base_urls) for one in provider.environments] == [("production", {})]
    assert [one.key for one in provider.fields] == ["base_url", "username", "password", "scope"]
    assert all(one.required for one in provider.fields)
    assert provider.grants[0].declared_lifetime is None
    assert provider.test_calls == ()


PAYT_BASIC = (
    b"Basic cS1ReW5uYkREWFZGSkNIVVBnNThFV0hIMm41a0NXYVdZZUo1bFZRTkk3QTpNcTRFMlZGTnNzcjVpQTdaN0xBZFM4MnZtNTl3Qm9n"
    b"NVE1SGw2Si1Pc0w0"
)


def test_payt_sends_the_basic_credentials_of_its_curl_and_a_form() -> None:
    client_id, _, client_secret = b64decode(PAYT_BASIC.removeprefix(b"Basic ")).decode().partition(":")

    request = mint(shipped("payt"), connection("payt", client_id=client_id), client_secret=client_secret)

    wire = encode(request)
    assert request.url == "https://api.paytsoftware.com/oauth/token"
    assert wire.headers[b"Authorization"] == PAYT_BASIC
    assert wire.headers[b"Content-Type"] == b"application/x-www-form-urlencoded"
    assert wire.content == b"grant_type=client_credentials"


@pytest.mark.parametrize(
    ("body", "content_type", "content"),
    [
        ("json", b"application/json", b'{"grant_type": "client_credentials"}'),
        ("multipart", b"multipart/form-data", b'name="grant_type"\r\n\r\nclient_credentials\r\n'),
    ],
)
def test_payt_sends_another_body_where_the_connection_says_so(body: str, content_type: bytes, content: bytes) -> None:
    made = connection("payt", "client_credentials", {"body": body}, client_id="id")
    provider = Catalog(SHIPPED).provider_for(made)

    wire = encode(mint(provider, made, client_secret="secret"))

    assert wire.headers[b"Content-Type"].startswith(content_type)
    assert content in wire.content


def test_payt_tokens_never_expire_with_client_credentials_and_live_two_hours_otherwise() -> None:
    provider = shipped("payt")
    static, signed_in = provider.grant("client_credentials"), provider.grant("authorization_code")

    assert (static.never_expires, static.declared_lifetime, static.refresh) == (True, None, None)
    assert (signed_in.never_expires, signed_in.declared_lifetime) == (False, timedelta(hours=2))
    assert signed_in.kind is GrantKind.AUTHORIZATION_CODE


def test_payt_refreshes_with_a_refresh_token() -> None:
    provider = shipped("payt")
    made = connection("payt", "authorization_code", client_id="id", redirect_uri="https://example.com/callbacks/payt")
    refresh = provider.grant("authorization_code").refresh
    assert refresh is not None
    values = connection_values(provider, made, {"client_secret": Secret("s"), "refresh_token": Secret("r/1")})

    request = build_mint(refresh, values, optional=frozenset())

    assert request.url == "https://api.paytsoftware.com/oauth/token"
    assert isinstance(request.proof, BasicAuth)
    assert parse_qsl(encode(request).content.decode()) == [("grant_type", "refresh_token"), ("refresh_token", "r/1")]


def test_payt_exchanges_a_code_with_the_registered_redirect_uri() -> None:
    provider = shipped("payt")
    made = connection("payt", "authorization_code", client_id="id", redirect_uri="https://example.com/callbacks/payt")
    code = {"client_secret": Secret("s"), "code": Secret("c"), "code_verifier": Secret("v")}

    request = build_mint(
        provider.grant("authorization_code").mint, connection_values(provider, made, code), optional=frozenset()
    )

    assert dict(parse_qsl(encode(request).content.decode())) == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "https://example.com/callbacks/payt",
        "code_verifier": "v",
    }


def test_payt_asks_for_a_redirect_uri_only_where_a_person_signs_in() -> None:
    provider = shipped("payt")

    assert [one.key for one in provider.fields_of("client_credentials")] == ["client_id", "client_secret"]
    assert [one.key for one in provider.fields_of("authorization_code")][2:] == ["redirect_uri"]


def test_payt_assumes_its_authorize_url_and_lets_it_be_changed() -> None:
    url = "https://app.paytsoftware.com/oauth/authorize"
    made = connection("payt", "authorization_code", {"authorize.url": url})

    provider = Catalog(SHIPPED).provider_for(made)

    assert "grants.authorization_code.authorize.url" in {one.key for one in provider.assumptions}
    changed = provider.grant("authorization_code").authorize
    assert changed is not None
    assert changed.url.source == url


@pytest.mark.parametrize("grant", ["client_credentials", "authorization_code"])
def test_payt_warns_that_a_call_from_elsewhere_destroys_the_token(grant: str) -> None:
    provider = shipped("payt")

    (hazard,) = provider.hazards_of(grant)

    assert "revoke the token" in hazard.text
    assert "e-mail" in hazard.text
    (meaning,) = provider.meanings
    assert (meaning.status, meaning.token_revoked) == (403, True)
    assert provider.test_calls == ()


def test_payt_says_what_rotating_the_secret_does() -> None:
    assert shipped("payt").rotation.startswith("Live tokens stay valid until they expire")


def test_paysecurez_sends_what_its_curl_sends() -> None:
    made = connection("paysecurez", client_id="your-client-id")

    request = mint(shipped("paysecurez"), made, client_secret="your-secret")

    wire = encode(request)
    assert request.url == "https://api.paysecurez.com/api/token"
    assert wire.headers[b"Content-Type"] == b"application/json"
    assert wire.content == b'{"client_id": "your-client-id", "client_secret": "your-secret"}'


def test_paysecurez_gets_a_new_token_for_each_use() -> None:
    (grant,) = shipped("paysecurez").grants

    assert grant.renewal.policy is RenewalPolicy.ON_USE
    assert (grant.declared_lifetime, grant.refresh) == (timedelta(minutes=30), None)


def test_paysecurez_keeps_its_words_under_error() -> None:
    (grant,) = shipped("paysecurez").grants

    assert (grant.answer.error, grant.answer.error_description) == ("error", "error")
    assert shipped("paysecurez").test_calls == ()


@pytest.mark.parametrize("provider_id", ["payos", "paysecurez"])
def test_who_names_no_grant_is_sent_none(provider_id: str) -> None:
    (grant,) = shipped(provider_id).grants

    assert "grant_type" not in grant.mint.parameters
    assert grant.kind is GrantKind.CLIENT_CREDENTIALS
    assert grant.mint.body is BodyKind.JSON


@pytest.mark.parametrize("provider_id", ["pyng", "payt"])
def test_basic_credentials_are_not_form_encoded_first(provider_id: str) -> None:
    assert {grant.mint.client_auth.method for grant in shipped(provider_id).grants} == {ClientAuthMethod.BASIC}


@pytest.mark.parametrize("provider_id", ["payos", "paysera", "payt", "paysecurez"])
def test_no_page_asks_for_a_scope_but_pyng(provider_id: str) -> None:
    assert all("scope" not in grant.mint.parameters for grant in shipped(provider_id).grants)


@pytest.mark.parametrize("provider_id", ["payos", "paysera", "pyng", "payt", "paysecurez"])
def test_pages_name_production_only(provider_id: str) -> None:
    assert [(one.id, one.production) for one in shipped(provider_id).environments] == [("production", True)]


@pytest.mark.parametrize("provider_id", ["payos", "paysera", "pyng", "payt", "paysecurez"])
def test_a_base_url_moves_every_url(provider_id: str) -> None:
    provider = shipped(provider_id)
    made = connection(
        provider_id, "client_credentials", {"base_url": "http://127.0.0.1:8123"}, redirect_uri="https://a.example"
    )
    values = connection_values(provider, made, {})

    urls = [grant.mint.url for grant in provider.grants] + [call.url for call in provider.test_calls]
    urls += [grant.authorize.url for grant in provider.grants if grant.authorize]

    assert all(url.fill(values).reveal().startswith("http://127.0.0.1:8123/") for url in urls)
