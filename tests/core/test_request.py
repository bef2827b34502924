from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import METHODS, connection, exchange, facts, grant, provider
from tokendeck.core.client_proof import BasicAuth, ClientCertificate
from tokendeck.core.errors import BadUrl, FieldError
from tokendeck.core.preview import preview_text
from tokendeck.core.provider import BodyKind, ClientAuth, ClientAuthMethod, Environment, Field, TestCall
from tokendeck.core.request import (
    Request,
    build_call,
    build_mint,
    check_fields,
    connection_values,
    origins_of,
)
from tokendeck.core.secret import Secret, Text
from tokendeck.core.template import Template
from tokendeck.core.token import TokenSet

BASE = "https://api.paysera.test"
VALUES: dict[str, str | Secret] = {"base_url": BASE, "client_id": "shop", "client_secret": Secret("s3cret")}
NOTHING_OPTIONAL: frozenset[str] = frozenset()


def parsed(value: object) -> object:
    """Turn the strings of a JSON value into templates."""
    match value:
        case str():
            return Template.parse(value)
        case dict():
            return {key: parsed(item) for key, item in value.items()}
        case list():
            return [parsed(item) for item in value]
        case _:
            return value


def revealed(value: object) -> object:
    match value:
        case Text():
            return value.reveal()
        case dict():
            return {key: revealed(item) for key, item in value.items()}
        case list():
            return [revealed(item) for item in value]
        case _:
            return value


def test_values_are_base_urls_then_fields_then_secrets() -> None:
    filled = connection(values={"client_id": "shop", "scope": ""})

    values = connection_values(provider(), filled, {"client_secret": Secret("s"), "unused": Secret("")})

    assert values == {"base_url": BASE, "client_id": "shop", "client_secret": Secret("s")}


def test_a_base_url_with_a_query_is_refused_since_no_path_can_follow_it() -> None:
    moved = connection(overrides={"base_url": "https://api.paysera.test/?tenant=1"})

    with pytest.raises(BadUrl):
        connection_values(provider(), moved, {})


@pytest.mark.parametrize("where", ["overrides", "values"])
def test_a_base_url_of_the_connection_moves_every_base_url(where: str) -> None:
    two = (Environment("production", "Production", production=True, base_urls={"base_url": BASE, "auth": BASE}),)
    moved = connection(values={"client_id": "shop"}) if where == "overrides" else connection()
    moved = connection(**{where: {**getattr(moved, where), "base_url": "http://127.0.0.1:9/x/"}})

    values = connection_values(provider(environments=two), moved, {})

    assert (values["base_url"], values["auth"]) == ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x")


def test_an_environment_of_the_users_own_has_only_what_the_user_said() -> None:
    own = connection(environment="staging", overrides={"base_url": "https://staging.test"}, values={})

    assert connection_values(provider(), own, {}) == {"base_url": "https://staging.test"}


def test_a_mint_is_built_from_its_exchange() -> None:
    built = build_mint(
        exchange(
            parameters={"grant_type": "client_credentials", "scope": Template.parse("{scope}"), "n": 1},
            headers={"X-Client": Template.parse("{client_id}"), "X-Tenant": Template.parse("{tenant}")},
        ),
        VALUES,
        optional=frozenset({"scope", "tenant"}),
    )

    assert built.method == "POST"
    assert built.url == BASE + "/token"
    assert built.origin == "https://api.paysera.test:443"
    assert built.parameters == {"grant_type": "client_credentials", "n": 1}
    assert built.headers == {"X-Client": Text("shop")}
    assert built.proof is None


@pytest.mark.promise(43)
@pytest.mark.parametrize(
    ("method", "form_encoded"), [(ClientAuthMethod.BASIC, False), (ClientAuthMethod.BASIC_ENCODED, True)]
)
def test_basic_credentials_are_kept_apart_until_they_are_sent(method: ClientAuthMethod, *, form_encoded: bool) -> None:
    auth = ClientAuth(method, Template.parse("{client_id}"), Template.parse("{client_secret}"))

    built = build_mint(exchange(client_auth=auth, parameters={}), VALUES, optional=NOTHING_OPTIONAL)

    assert built.proof == BasicAuth(Text("shop"), Text(Secret("s3cret")), form_encoded)


@pytest.mark.promise(43)
@pytest.mark.parametrize("method", list(ClientAuthMethod))
def test_a_secret_goes_out_in_one_way_at_a_time(method: ClientAuthMethod) -> None:
    certificate = Template.parse("{certificate}")
    auth = ClientAuth(method, Template.parse("{client_id}"), Template.parse("{client_secret}"), certificate=certificate)
    both = exchange(
        client_auth=auth,
        parameters={name: Template.parse(f"{{{name}}}") for name in ("client_id", "client_secret")},
        headers={"X-Secret": Template.parse("k {client_secret}")},
    )

    built = build_mint(both, VALUES | {"certificate": "public"}, optional=NOTHING_OPTIONAL)

    in_the_body = {"client_id", *(["client_secret"] if method is ClientAuthMethod.NONE else [])}
    assert built.parameters.keys() == in_the_body
    assert bool(built.headers) is (method is ClientAuthMethod.NONE)
    assert (built.proof is None) is (method is ClientAuthMethod.NONE)


def test_a_missing_required_field_is_named() -> None:
    with pytest.raises(FieldError) as caught:
        build_mint(exchange(), {"base_url": BASE, "client_id": "shop"}, optional=NOTHING_OPTIONAL)

    assert caught.value.key == "client_secret"


@pytest.mark.promise(10)
def test_no_secret_ever_stands_in_a_url() -> None:
    leaking = exchange(url=Template.parse("{base_url}/token?key={client_secret}"))

    with pytest.raises(FieldError):
        build_mint(leaking, VALUES, optional=NOTHING_OPTIONAL)


def test_a_url_that_nothing_is_sent_to_is_refused() -> None:
    with pytest.raises(BadUrl):
        build_mint(exchange(), VALUES | {"base_url": "http://api.paysera.test"}, optional=NOTHING_OPTIONAL)


def test_nested_parameters_lose_only_what_is_empty() -> None:
    nested = {"a": {"b": "{client_id}", "c": "{scope}"}, "d": ["{scope}", "{client_id}", True], "e": None}

    built = build_mint(exchange(body=BodyKind.JSON, parameters=parsed(nested)), VALUES, optional=frozenset({"scope"}))

    assert revealed(built.parameters) == {"a": {"b": "shop"}, "d": ["shop", True]}


@pytest.mark.promise(20)
@given(value=st.text(min_size=1), secret=st.booleans())
def test_in_json_a_field_value_stays_one_value(value: str, *, secret: bool) -> None:
    template = parsed({"merchant": {"id": "{client_id}", "also": ["<{client_id}>"]}, "fixed": 1})
    filled: dict[str, str | Secret] = {"base_url": BASE, "client_id": Secret(value) if secret else value}

    built = build_mint(exchange(body=BodyKind.JSON, parameters=template), filled, optional=NOTHING_OPTIONAL)

    assert json.loads(json.dumps(revealed(built.parameters))) == {
        "merchant": {"id": value, "also": [f"<{value}>"]},
        "fixed": 1,
    }


@pytest.mark.promise(20)
@given(st.text(min_size=1))
def test_the_preview_of_json_is_json(value: str) -> None:
    template = parsed({"id": "{client_id}"})
    built = build_mint(
        exchange(body=BodyKind.JSON, parameters=template),
        {"base_url": BASE, "client_id": value},
        optional=NOTHING_OPTIONAL,
    )

    assert json.loads(preview_text(built).split("\n\n", 1)[1]) == {"id": value}


@pytest.mark.promise(10)
def test_the_token_travels_in_the_authorization_header_only() -> None:
    tokens = TokenSet(Secret("t0ken"), None, facts())
    call = TestCall("c", "Call", "GET", Template.parse("{base_url}/x"), {"X-Id": Template.parse("{client_id}")})

    built = build_call(call, VALUES, tokens)

    assert built == Request(
        "GET", BASE + "/x", headers={"X-Id": Text("shop"), "Authorization": Text("Bearer ", Secret("t0ken"))}
    )


def test_a_call_shows_the_certificate_by_which_its_token_was_got() -> None:
    tokens = TokenSet(Secret("t0ken"), None, facts())
    call = TestCall("c", "Call", "GET", Template.parse("{base_url}/x"))
    names = {name: Template.parse(f"{{{name}}}") for name in ("client_id", "private_key", "certificate")}
    shows = ClientAuth(
        ClientAuthMethod.TLS,
        user=names["client_id"],
        password=names["private_key"],
        certificate=names["certificate"],
    )
    signs = ClientAuth(ClientAuthMethod.PRIVATE_KEY_JWT, user=names["client_id"], password=names["private_key"])
    filled = {**VALUES, "certificate": "public", "private_key": Secret("pem")}

    bound, free = (
        build_call(call, filled, tokens, grant=grant(mint=exchange(client_auth=auth))) for auth in (shows, signs)
    )

    assert bound.proof == ClientCertificate(Text("public"), "certificate", Text(Secret("pem")), "private_key")
    assert free.proof is None


def test_the_origins_to_confirm_are_token_endpoints_first_then_calls() -> None:
    one = grant(
        mint=exchange(url=Template.parse("{auth}/token")), refresh=exchange(url=Template.parse("{auth}/refresh"))
    )
    elsewhere = TestCall("c", "Call", "GET", Template.parse("https://calls.test:8443/x"))
    urls = {"base_url": BASE, "auth": "https://auth.test"}
    described = provider(
        one_grant=one,
        environments=(Environment("production", "Production", production=True, base_urls=urls),),
        test_calls=(METHODS, elsewhere),
    )

    assert origins_of(described, connection()) == (
        "https://auth.test:443",
        "https://api.paysera.test:443",
        "https://calls.test:8443",
    )


FIELDS = (
    Field("host", "Base URL", is_url=True),
    Field("client_id", "Client id", pattern="[0-9]+", pattern_hint="digits", example="20417"),
    Field("code", "Code", required=False, pattern="[a-z]", example="x"),
    Field("client_secret", "Client secret", secret=True),
    Field("other", "Other", grants=("another",)),
)
GOOD: dict[str, str | Secret] = {"host": BASE, "client_id": "20417", "client_secret": Secret("s")}


@pytest.mark.parametrize(
    ("changes", "complaints"),
    [
        ({}, []),
        ({"code": "y"}, []),
        ({"client_secret": Secret(" ")}, [("client_secret", "a value")]),
        ({"client_id": ""}, [("client_id", "a value")]),
        ({"client_id": "x"}, [("client_id", "digits")]),
        ({"code": "yy"}, [("code", "text like x")]),
        ({"host": "api.test"}, [("host", "an absolute https URL")]),
        ({"client_secret": Secret("a\nb")}, [("client_secret", "one line, without control characters")]),
        ({"client_secret": Secret("a\x7fb")}, [("client_secret", "one line, without control characters")]),
        ({"host": "", "client_id": "x"}, [("host", "a value"), ("client_id", "digits")]),
    ],
)
def test_fields_are_checked_in_the_forms_order(
    changes: dict[str, str | Secret], complaints: list[tuple[str, str]]
) -> None:
    found = check_fields(provider(fields=FIELDS), "main", GOOD | changes)

    assert [(error.key, error.expected) for error in found] == complaints


def test_fields_that_the_provider_does_not_have_are_named() -> None:
    found = list(check_fields(provider(fields=FIELDS), "main", GOOD | {"zzz": "1", "other": "2"}))

    assert [error.key for error in found] == ["other", "zzz"]
    assert "client_secret" in found[0].expected
