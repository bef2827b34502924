"""A field's value stays one JSON value, whatever it holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.providers.samples import connection, mint, read, shipped
from tokendeck.oauth.wire import encode

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
hostile = st.sampled_from(
    ['"', '\\"', '", "admin": true, "x": "', "{client_secret}", "{{", "}", "\u2028", "\0", "\ufeff"]
)
values = st.one_of(texts, hostile, st.builds(lambda a, b: a + b, hostile, texts))

NESTED = read(
    """
    id = "nested"
    name = "Nested"
    source = { page = "Nested", read = 2026-11-20 }
    environments.production.base_url = "https://nested.example"
    fields = [{ key = "id", label = "Id" }, { key = "key", label = "Key", secret = true }]

    [grants.client_credentials]
    url = "{base_url}/token"
    body = "json"
    parameters = { login = { who = "{id}", keys = ["{key}", "<{id}>"] }, "{id}" = "{{id}}" }
    """
)


@pytest.mark.promise(20)
@settings(max_examples=2500)
@given(merchant=values, secret=values)
def test_a_flat_template_sends_each_value_as_it_is(merchant: str, secret: str) -> None:
    made = connection("payos", merchantId=merchant)

    sent = json.loads(encode(mint(PAYOS, made, clientSecret=secret)).content)

    assert sent == {"merchantId": merchant, "clientSecret": secret}


@pytest.mark.promise(20)
@settings(max_examples=2500)
@given(who=values, key=values)
def test_a_nested_template_sends_each_value_as_it_is(who: str, key: str) -> None:
    sent = json.loads(encode(mint(NESTED, connection("nested", id=who), key=key)).content)

    assert sent == {"login": {"who": who, "keys": [key, f"<{who}>"]}, "{id}": "{id}"}


PAYOS = shipped("payos")
