"""What an attempt to sign in sends, and which answer it takes for its own."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tokendeck.core.errors import FieldError, IssuerMismatch, NotThisSignIn, ProviderBusy, SignInRefused
from tokendeck.core.provider import Authorize, GrantKind
from tokendeck.core.secret import Secret
from tokendeck.core.sign_in import Attempt, begin_attempt, code_challenge, read_answer, read_pasted_address, stand_ins
from tokendeck.core.template import Template

REDIRECT = "https://example.com/cb"
ISSUER = "https://auth.example.com"


def authorize(url: str = "{base}/authorize", *, issuer: str = "", names_issuer: bool = False) -> Authorize:
    parameters = {"client_id": Template.parse("{client_id}"), "scope": Template.parse("{scope}")}
    return Authorize(Template.parse(url), parameters, issuer, names_issuer)


def begin(by: Authorize | None = None, **values: str) -> Attempt:
    return begin_attempt(
        by or authorize(),
        {"base": "https://auth.example.com", "client_id": "me & you", **values},
        optional=frozenset({"scope"}),
        redirect_uri=REDIRECT,
        draw=secrets.token_bytes,
    )


def sent(attempt: Attempt) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(attempt.link).query, strict_parsing=True).items()}


def answer(attempt: Attempt, **fields: str) -> str:
    fields = {"state": attempt.state.reveal(), **fields}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())


def test_the_link_says_who_asks_for_what_and_where_to_come_back() -> None:
    attempt = begin(scope="read write")

    assert attempt.link.startswith("https://auth.example.com/authorize?")
    assert "+" not in attempt.link
    assert sent(attempt) == {
        "response_type": "code",
        "client_id": "me & you",
        "scope": "read write",
        "redirect_uri": REDIRECT,
        "state": attempt.state.reveal(),
        "code_challenge": code_challenge(attempt.verifier.reveal()),
        "code_challenge_method": "S256",
    }


def test_an_address_with_parameters_of_its_own_keeps_them() -> None:
    attempt = begin(authorize("{base}/authorize?tenant=7"))

    assert sent(attempt)["tenant"] == "7"


def test_an_optional_field_that_is_empty_is_left_out() -> None:
    assert "scope" not in sent(begin())


def test_a_field_that_is_needed_is_asked_for() -> None:
    with pytest.raises(FieldError, match="tenant"):
        begin(authorize("{base}/{tenant}/authorize"))


@pytest.mark.promise(16)
def test_the_challenge_is_the_one_of_rfc_7636_appendix_b() -> None:
    assert (
        code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


@pytest.mark.promise(14)
@pytest.mark.promise(16)
def test_ten_thousand_attempts_share_neither_state_nor_verifier() -> None:
    by = authorize()

    attempts = [begin(by) for _ in range(10_000)]

    verifiers = {attempt.verifier.reveal() for attempt in attempts}
    states = {attempt.state.reveal() for attempt in attempts}
    assert len(verifiers | states) == 20_000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in verifiers | states)
    challenged = {sent(attempt)["code_challenge"] for attempt in attempts[:100]}
    assert challenged == {
        urlsafe_b64encode(sha256(attempt.verifier.reveal().encode()).digest()).decode().rstrip("=")
        for attempt in attempts[:100]
    }


def test_the_code_of_its_own_answer_is_taken() -> None:
    attempt = begin()

    assert read_answer(answer(attempt, code="4/0Ab+c d~"), attempt) == Secret("4/0Ab+c d~")


@pytest.mark.promise(14)
@pytest.mark.parametrize(
    ("query", "flaw"),
    [
        ("", "no_state"),
        ("code=c", "no_state"),
        ("code=c&state=", "no_state"),
        ("code=c&state=other", "other_state"),
        ("code=c&state=%C3%A4", "other_state"),
        ("code=c&state={state}x", "other_state"),
        ("code=c&state={state}&state={state}", "doubled"),
        ("code=c&state=other&state={state}", "doubled"),
        ("code=c&code=d&state={state}", "doubled"),
        ("state={state}", "no_code"),
        ("code=&state={state}", "no_code"),
        ("code=%0d%0ax&state={state}", "no_code"),
        ("code=%FF&state={state}", "unreadable"),
        ("&".join(f"a{number}=1" for number in range(60)), "unreadable"),
    ],
)
def test_what_is_not_its_own_answer_ends_nothing(query: str, flaw: str) -> None:
    attempt = begin()

    with pytest.raises(NotThisSignIn) as caught:
        read_answer(query.replace("{state}", attempt.state.reveal()), attempt)

    assert caught.value.flaw == flaw


@pytest.mark.promise(15)
@pytest.mark.parametrize("field", [{"code": "c"}, {"error": "access_denied"}], ids=["a code", "an error"])
@pytest.mark.parametrize(
    ("found", "names_issuer"),
    [
        ("https://evil.example.com", False),
        (f"{ISSUER}/", True),
        (ISSUER.upper(), True),
        ("", True),
        ("", False),
        (None, True),
    ],
)
def test_another_issuers_answer_is_refused(found: str | None, names_issuer: bool, field: dict[str, str]) -> None:  # noqa: FBT001 - a parameter of the table
    attempt = begin(authorize(issuer=ISSUER, names_issuer=names_issuer))
    issuer = {} if found is None else {"iss": found}

    with pytest.raises(IssuerMismatch) as caught:
        read_answer(answer(attempt, **field, **issuer), attempt)

    assert (caught.value.expected, caught.value.found) == (ISSUER, found or "")
    assert caught.value.code == field.get("error", "")


@pytest.mark.promise(15)
@pytest.mark.parametrize(
    ("by", "issuer"),
    [
        (authorize(issuer=ISSUER, names_issuer=True), {"iss": ISSUER}),
        (authorize(issuer=ISSUER), {}),
        (authorize(), {"iss": "https://anything.example.com"}),
    ],
    ids=["the right one", "none where none is promised", "any where ours is not known"],
)
def test_the_right_issuers_answer_is_taken(by: Authorize, issuer: dict[str, str]) -> None:
    attempt = begin(by)

    assert read_answer(answer(attempt, code="c", **issuer), attempt) == Secret("c")


def test_a_refusal_brings_the_providers_code_and_plain_words() -> None:
    attempt = begin()

    with pytest.raises(SignInRefused) as caught:
        read_answer(answer(attempt, error="access_denied", error_description="No,\u202e\nnot <b>you"), attempt)

    assert (caught.value.code, caught.value.words) == ("access_denied", "No, not <b>you")


@pytest.mark.parametrize("code", ["temporarily_unavailable", "server_error"])
def test_trouble_at_the_provider_passes(code: str) -> None:
    attempt = begin()

    with pytest.raises(ProviderBusy) as caught:
        read_answer(answer(attempt, error=code), attempt)

    assert caught.value.code == code


def test_a_pasted_address_may_be_wrapped_and_is_read_whole() -> None:
    attempt = begin()
    address = f"{REDIRECT}?{answer(attempt, code='abc')}#fragment"

    wrapped = f"  {address[:30]}\n   {address[30:]} \n"

    assert read_pasted_address(wrapped, attempt) == Secret("abc")


@pytest.mark.promise(14)
@pytest.mark.parametrize(
    "where",
    [
        "http://example.com/cb",
        "https://example.com/cb/",
        "https://example.com:444/cb",
        "https://evil.example.com/cb",
        "example.com/cb",
        "https://[example.com/cb",
        "",
    ],
)
def test_an_address_elsewhere_is_not_taken(where: str) -> None:
    attempt = begin()

    with pytest.raises(NotThisSignIn) as caught:
        read_pasted_address(f"{where}?{answer(attempt, code='abc')}", attempt)

    assert caught.value.flaw == "address"


@pytest.mark.parametrize(
    ("kind", "redirect_uri", "named"),
    [
        (GrantKind.CLIENT_CREDENTIALS, "", {}),
        (GrantKind.DEVICE_CODE, "", {"device_code": Secret("code")}),
        (
            GrantKind.AUTHORIZATION_CODE,
            "",
            {
                "code": Secret("code"),
                "code_verifier": Secret("verifier"),
                "redirect_uri": "http://127.0.0.1:…/callback",
            },
        ),
        (
            GrantKind.AUTHORIZATION_CODE,
            REDIRECT,
            {"code": Secret("code"), "code_verifier": Secret("verifier"), "redirect_uri": REDIRECT},
        ),
    ],
)
def test_the_last_request_can_be_shown_before_anybody_signs_in(
    kind: GrantKind, redirect_uri: str, named: dict[str, str | Secret]
) -> None:
    assert stand_ins(kind, redirect_uri) == named
