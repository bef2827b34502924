"""A field's value stays one JSON value, whatever it holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.providers.samples import connection, mint, read, shipped
from tokendeck.oauth.wire import encode

HOSTILE = ('"', '\\"', '", "admin": true, "x": "', "{client_secret}", "{{", "}", "\u2028", "\0", "\ufeff", "\r\n")
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
hostile = st.sampled_from(HOSTILE)


def cases(text: str, hostile: str) -> list[tuple[str, str]]:
    """Give pairs of values: four from one draw, since drawing takes far longer than trying."""
    return [(text, hostile), (hostile, text), (text + hostile, hostile + text), (hostile + text + hostile, text)]


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
@settings(max_examples=1250)
@given(texts, hostile)
def test_a_flat_template_sends_each_value_as_it_is(text: str, hostile: str) -> None:
    for merchant, secret in cases(text, hostile):
        made = connection("payos", merchantId=merchant)

        sent = json.loads(encode(mint(PAYOS, made, clientSecret=secret)).content)

        assert sent == {"merchantId": merchant, "clientSecret": secret}


@pytest.mark.promise(20)
@settings(max_examples=1250)
@given(texts, hostile)
def test_a_nested_template_sends_each_value_as_it_is(text: str, hostile: str) -> None:
    for who, key in cases(text, hostile):
        sent = json.loads(encode(mint(NESTED, connection("nested", id=who), key=key)).content)

        assert sent == {"login": {"who": who, "keys": [key, f"<{who}>"]}, "{id}": "{id}"}


PAYOS = shipped("payos")
