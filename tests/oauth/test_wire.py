"""A request's bytes."""

from __future__ import annotations

import json
from base64 import b64decode
from email.parser import BytesParser
from urllib.parse import parse_qsl, unquote, unquote_plus

import pytest

from tokendeck.core.client_proof import BasicAuth
from tokendeck.core.errors import FieldError
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text
from tokendeck.oauth.wire import encode

AWKWARD = 's%3cret:/+ &=~ü"\\\r\n'


def request(body: BodyKind = BodyKind.NONE, parameters: dict[str, object] | None = None, **headers: str) -> Request:
    named = {name.replace("_", "-"): Text(Secret(value)) for name, value in headers.items()}
    return Request("POST", "https://a.example/t", body, parameters or {}, named)


def basic(user: str, password: str, *, form_encoded: bool = False) -> Request:
    return Request("POST", "https://a.example/t", proof=BasicAuth(Text(user), Text(Secret(password)), form_encoded))


def test_a_form_round_trips_any_text() -> None:
    wire = encode(request(BodyKind.FORM, {"grant_type": Text("client_credentials"), "a&b": Text("x", Secret(AWKWARD))}))

    assert wire.headers[b"Content-Type"] == b"application/x-www-form-urlencoded"
    assert parse_qsl(wire.content.decode("ascii"), strict_parsing=True) == [
        ("grant_type", "client_credentials"),
        ("a&b", f"x{AWKWARD}"),
    ]


def test_json_round_trips_any_text_and_nest() -> None:
    parameters: dict[str, object] = {"a": Text(Secret(AWKWARD)), "b": {"c": [Text("d"), 1, 2.5, True]}}

    wire = encode(request(BodyKind.JSON, parameters))

    assert wire.headers[b"Content-Type"] == b"application/json"
    assert json.loads(wire.content) == {"a": AWKWARD, "b": {"c": ["d", 1, 2.5, True]}}


def test_multipart_round_trips_any_text() -> None:
    wire = encode(request(BodyKind.MULTIPART, {'gr"ant': Text("client_credentials"), "x": Text(Secret(AWKWARD))}))

    whole = b"Content-Type: " + wire.headers[b"Content-Type"] + b"\r\n\r\n" + wire.content
    parts = [part for part in BytesParser().parsebytes(whole).walk() if not part.is_multipart()]
    assert [part.get_param("name", header="content-disposition") for part in parts] == ["gr%22ant", "x"]
    assert parts[0].get_payload() == "client_credentials"
    assert f"\r\n\r\n{AWKWARD}\r\n--".encode() in wire.content


def test_multipart_boundaries_cannot_be_guessed() -> None:
    same = request(BodyKind.MULTIPART, {"a": Text("b")})

    assert encode(same).headers != encode(same).headers


@pytest.mark.promise(43)
def test_basic_credentials_go_plain_where_the_descriptor_says_so() -> None:
    header = encode(basic("client/+ &=~", "s%3cret:/+ &=~")).headers[b"Authorization"]

    assert b64decode(header.removeprefix(b"Basic ")).decode() == "client/+ &=~:s%3cret:/+ &=~"


@pytest.mark.promise(43)
def test_basic_credentials_go_form_encoded_where_the_descriptor_says_so() -> None:
    header = encode(basic("cli:ent ü", "s%3cret:/+ &=~", form_encoded=True)).headers[b"Authorization"]

    user, _, password = b64decode(header.removeprefix(b"Basic ")).decode("ascii").partition(":")
    assert (unquote_plus(user), unquote_plus(password)) == ("cli:ent ü", "s%3cret:/+ &=~")
    assert (unquote(user), unquote(password)) == ("cli:ent ü", "s%3cret:/+ &=~")  # as Authlib's servers read it
    assert password == "s%253cret%3A%2F%2B%20%26%3D~"


def test_a_plain_user_name_with_a_colon_is_refused() -> None:
    with pytest.raises(FieldError) as caught:
        encode(basic("cli:ent", "secret"))

    assert caught.value.key == "user name"


@pytest.mark.parametrize(("user", "password", "key"), [("a\nb", "c", "user name"), ("a", "b\x00", "password")])
def test_control_characters_in_basic_credentials_are_refused(user: str, password: str, key: str) -> None:
    with pytest.raises(FieldError) as caught:
        encode(basic(user, password))

    assert caught.value.key == key


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00", "a\x7f", "\ta", " a", "a ", "a\x0bb"])
def test_a_header_cannot_be_injected(value: str) -> None:
    with pytest.raises(FieldError) as caught:
        encode(request(X_Field=value))

    assert caught.value.key == "X-Field"


def test_text_that_is_no_unicode_is_refused_in_every_place() -> None:
    half = "\ud83d"

    for made in (
        request(BodyKind.FORM, {"a": Text(half)}),
        request(BodyKind.JSON, {"a": Text(half)}),
        request(BodyKind.MULTIPART, {"a": Text(half)}),
        request(X_Field=half),
        basic(half, "secret"),
        basic("user", half, form_encoded=True),
    ):
        with pytest.raises(FieldError):
            encode(made)


def test_headers_of_the_request_win_over_our_own() -> None:
    headers = encode(request(BodyKind.JSON, {}, accept="text/plain", CONTENT_TYPE="application/json; charset=utf-8"))

    sent = {name.lower(): value for name, value in headers.headers.items()}
    assert len(sent) == len(headers.headers)
    assert sent[b"accept"] == b"text/plain"
    assert sent[b"content-type"] == b"application/json; charset=utf-8"


def test_every_request_says_who_asks_and_for_what() -> None:
    headers = encode(request()).headers

    assert headers[b"User-Agent"].startswith(b"Tokendeck/")
    assert headers[b"Accept"] == b"application/json"
    assert b"Content-Type" not in headers


@pytest.mark.promise(44)
@pytest.mark.parametrize("body", [BodyKind.FORM, BodyKind.JSON, BodyKind.MULTIPART])
def test_secrets_of_16_kib_fit_into_every_body(body: BodyKind) -> None:
    secret = "aB3_" * 4096

    assert secret.encode() in encode(request(body, {"client_secret": Text(Secret(secret))})).content
