from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tokendeck.core.client_proof import BasicAuth, ClientAssertion, ClientCertificate
from tokendeck.core.preview import Span, SpanKind, preview, preview_text
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import MASK, Secret, Text

URL = "https://checkout.partner.example/checkout/oauth2/token"
FORM = {"grant_type": "client_credentials", "scope": Text("a b"), "client_secret": Text(Secret("s3cret"))}

SHA_256_OF_THREE_ZEROS = hashlib.sha256(bytes(3)).digest().hex(":").upper()


def test_a_form_request_is_shown_as_it_is_sent() -> None:
    request = Request(
        "POST",
        URL,
        BodyKind.FORM,
        FORM,
        {"X-Tenant": Text("t"), "X-Key": Text("k ", Secret("s3cret"))},
        BasicAuth(Text("s6BhdRkqt3"), Text(Secret("gX1fBat3bV")), form_encoded=False),
    )

    assert preview_text(request).splitlines() == [
        f"POST {URL}",
        f"Authorization: Basic base64(s6BhdRkqt3:{MASK})",
        "Content-Type: application/x-www-form-urlencoded",
        "X-Tenant: t",
        f"X-Key: k {MASK}",
        "",
        "grant_type=client_credentials",
        "&scope=a+b",
        f"&client_secret={MASK}",
    ]


def test_a_content_type_of_the_requests_own_is_shown_once() -> None:
    request = Request("POST", URL, BodyKind.JSON, {"a": 1}, {"content-type": Text("application/json; charset=utf-8")})

    assert preview_text(request).splitlines()[1:3] == ["content-type: application/json; charset=utf-8", ""]


def test_form_encoding_before_basic_is_told() -> None:
    basic = BasicAuth(Text("id"), Text(Secret("s")), form_encoded=True)

    assert f"Basic form-encoded, then base64(id:{MASK})" in preview_text(Request("POST", URL, proof=basic))


@pytest.mark.parametrize("body", [BodyKind.FORM, BodyKind.JSON, BodyKind.MULTIPART])
def test_what_is_signed_when_it_is_sent_is_a_mask_until_then(body: BodyKind) -> None:
    proof = ClientAssertion(
        Text("shop"), Text(Secret("pem")), "key", is_shared=False, audience=Text(URL), key_id=Text()
    )

    text = preview_text(Request("POST", URL, body, {"a": Text("b")}, proof=proof))

    assert text.count("client_assertion") == 2
    assert text.count(MASK) == 1
    assert "pem" not in text


@pytest.mark.parametrize(
    ("certificates", "shown"),
    [
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", f"SHA-256 {SHA_256_OF_THREE_ZEROS}"),
        ("-----BEGIN CERTIFICATE-----\nA*\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE----- A* -----END C"),
        ("gapfor0gap", "gapfor0gap"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", MASK),
    ],
)
def test_a_certificate_is_shown_by_its_fingerprint(certificates: str, shown: str) -> None:
    proof = ClientCertificate(Text(certificates), "certificate", Text(Secret("pem")), "key")

    lines = preview_text(Request("POST", URL, proof=proof)).splitlines()

    assert lines[1].startswith(f"TLS client certificate: {shown}")
    assert "PRIVATE" not in lines[1]
    assert lines[2] == f"TLS private key: {MASK}"


def test_a_multipart_body_shows_its_values_as_they_are() -> None:
    text = preview_text(Request("POST", URL, BodyKind.MULTIPART, FORM))

    assert "Content-Type: multipart/form-data" in text
    assert text.endswith(f"grant_type=client_credentials\nscope=a b\nclient_secret={MASK}")


def test_a_json_body_is_laid_out() -> None:
    parameters = {"merchantId": Text("m"), "nested": {"secret": Text(Secret("s")), "list": [Text("a"), 1]}}

    text = preview_text(Request("POST", URL, BodyKind.JSON, parameters))

    assert text.split("\n\n")[1].splitlines() == [
        "{",
        '  "merchantId": "m",',
        '  "nested": {',
        f'    "secret": "{MASK}",',
        '    "list": [',
        '      "a",',
        "      1",
        "    ]",
        "  }",
        "}",
    ]


def test_json_breaks_no_line_inside_a_value() -> None:
    (_, _, blank, opening, value, closing) = preview(Request("POST", URL, BodyKind.JSON, {"a": Text("b\u2028c\x85d")}))

    assert blank == ()
    assert [span.text for line in (opening, value, closing) for span in line] == ["{", '  "a": "b\u2028c\x85d"', "}"]


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("https://api.test/a?b=c", "https://api.test", "/a?b=c"),
        ("https://api.test", "https://api.test", ""),
        ("https://api.test?b", "https://api.test", "?b"),
        ("HTTPS://API.test:8443/A", "HTTPS://API.test:8443", "/A"),
    ],
)
def test_a_request_without_a_body_is_one_line(url: str, origin: str, path: str) -> None:
    assert preview(Request("GET", url)) == [
        (
            Span(SpanKind.METHOD, "GET"),
            Span(SpanKind.VALUE, " "),
            Span(SpanKind.ORIGIN, origin),
            Span(SpanKind.PATH, path),
        )
    ]


@pytest.mark.promise(1)
@given(st.text(min_size=1), st.sampled_from([BodyKind.FORM, BodyKind.JSON, BodyKind.MULTIPART, BodyKind.NONE]))
def test_no_preview_depends_on_a_secret(secret: str, body: BodyKind) -> None:
    assume(secret)

    assert _preview_with(secret, body) == _preview_with("another", body)


def _preview_with(secret: str, body: BodyKind) -> str:
    hidden = Text("before ", Secret(secret))
    basic = BasicAuth(hidden, hidden, form_encoded=False)
    return preview_text(Request("POST", URL, body, {"a": hidden, "b": Text(Secret(secret))}, {"X": hidden}, basic))
