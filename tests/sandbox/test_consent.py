"""The page on which a person is asked, and the address on which the browser ends."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.sandbox.application import AUTHORIZE, VERIFIER
from tests.sandbox.person import ConsentPage, decide
from tokendeck.sandbox import Sandbox, ServerError

if TYPE_CHECKING:
    from tests.sandbox.application import App
    from tests.sandbox.clients import HandClock
    from tokendeck.sandbox import ProviderId


async def test_a_consent_leads_to_tokens_that_open_the_api(app: App) -> None:
    back = await app.sent_back(app.url())

    answer = await app.redeem(back["code"])

    assert back.keys() == {"code", "state"}
    assert back["state"] == "some state"
    assert answer.json().keys() == {"access_token", "refresh_token"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert await app.is_live(answer.json()["access_token"])


async def test_an_application_without_pkce_and_state_is_served(app: App) -> None:
    back = await app.sent_back(app.url(state=None, code_challenge=None, code_challenge_method=None))

    answer = await app.redeem(back["code"], code_verifier=None)

    assert back.keys() == {"code"}
    assert answer.status_code == 200


async def test_a_denial_is_sent_back_as_such(app: App) -> None:
    assert await app.sent_back(app.url(), "Deny") == {"error": "access_denied", "state": "some state"}


async def test_the_consent_page_is_plain_and_escapes_what_it_shows(app: App) -> None:
    app.caller.sandbox.sign_in.register('https://example.com/callbacks?provider=payt&x="><script>alert(1)</script>')

    shown = await app.caller.http.get(app.url())

    page = ConsentPage(shown.text)
    assert "script" not in shown.text.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
    assert app.fields["redirect_uri"] in page.text
    assert app.fields["client_id"] in page.text
    assert page.action == AUTHORIZE
    assert page.buttons.keys() == {"Allow", "Deny"}
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]


async def test_a_redirect_uri_with_a_query_keeps_it(app: App) -> None:
    app.caller.sandbox.sign_in.register("https://example.com/oauth/callbacks?provider=payt")

    location = await decide(app.caller.http, app.url(state="a&b=c"), "Deny")

    assert location == ("https://example.com/oauth/callbacks?provider=payt&error=access_denied&state=a%26b%3Dc")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "https://example.com/callbacks/payt"},
    ],
)
async def test_who_is_not_known_to_be_asking_is_refused_on_the_page(app: App, changes: dict[str, str | None]) -> None:
    shown = await app.caller.http.get(app.url(**changes))

    assert shown.status_code == 400
    assert "Location" not in shown.headers
    assert "bad_request" in ConsentPage(shown.text).text
    assert ConsentPage(shown.text).action == ""


@pytest.mark.parametrize(
    "near", ["/", "?", "#", "?a=b", "/../callback", "%2F"], ids=["slash", "?", "fragment", "query", "path", "escape"]
)
async def test_a_redirect_uri_that_is_nearly_the_registered_one_is_another(app: App, near: str) -> None:
    shown = await app.caller.http.get(app.url(redirect_uri=app.fields["redirect_uri"] + near))

    assert (shown.status_code, "Location" in shown.headers) == (400, False)


async def test_another_loopback_port_is_another_redirect_uri(app: App) -> None:
    shown = await app.caller.http.get(app.url(redirect_uri="http://127.0.0.1:1/callback"))

    assert (shown.status_code, "Location" in shown.headers) == (400, False)


@pytest.mark.parametrize("query", ["", "?", "?a=%zz", "?a=%ff", "?client_id=a&client_id=a", "?%C3%A9=1"])
async def test_a_malformed_authorize_url_is_refused_on_the_page(app: App, query: str) -> None:
    shown = await app.caller.http.get(AUTHORIZE + query)

    assert (shown.status_code, "Location" in shown.headers) == (400, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "bad_request"),
        ({"scope": "everything"}, "bad_request"),
        ({"client_secret": "x"}, "bad_request"),
        ({"code_challenge_method": "plain"}, "bad_request"),
        ({"code_challenge_method": None}, "bad_request"),
        ({"code_challenge": None}, "bad_request"),
        ({"code_challenge": "short"}, "bad_request"),
        ({"code_challenge": VERIFIER}, "bad_request"),
    ],
)
async def test_a_wrong_request_of_a_known_application_is_sent_back(
    app: App, changes: dict[str, str | None], error: str
) -> None:
    assert await app.sent_back(app.url(**changes)) == {"error": error, "state": "some state"}


async def test_a_page_is_answered_once_by_one_of_its_buttons(app: App) -> None:
    page = ConsentPage((await app.caller.http.get(app.url())).text)
    allowed = page.hidden | dict([page.buttons["Allow"]])

    first = await app.caller.http.post(AUTHORIZE, data=allowed)
    again = await app.caller.http.post(AUTHORIZE, data=allowed)
    other = ConsentPage((await app.caller.http.get(app.url())).text)
    neither = await app.caller.http.post(AUTHORIZE, data=other.hidden | {"decision": "maybe"})
    less = await app.caller.http.post(AUTHORIZE, data=other.hidden)

    assert first.status_code == 303
    assert {one.status_code for one in (again, neither, less)} == {400}


async def test_the_authorize_endpoint_takes_get_and_a_form(app: App) -> None:
    put = await app.caller.http.put(app.url())
    posted = await app.caller.http.post(AUTHORIZE, json={})

    assert (put.status_code, put.headers["Allow"]) == (405, "GET, POST")
    assert posted.status_code == 415


async def test_the_authorize_endpoint_can_misbehave(app: App) -> None:
    app.caller.sandbox.inject("payt", "authorize", ServerError(), times=1)

    assert (await app.caller.http.get(app.url())).status_code == 503


@pytest.mark.parametrize("provider", ["payos", "paysera", "pyng", "paysecurez"])
def test_only_payt_has_an_authorize_endpoint(provider: ProviderId) -> None:
    with pytest.raises(ValueError, match="Only Payt"):
        Sandbox().inject(provider, "authorize", ServerError())


@pytest.mark.parametrize(
    "uri",
    ["", "/callback", "https://", "https://:80/", "https://a/#top", "ftp://a/", "https://a/b c", "https://a/ü"],
)
def test_what_is_no_redirect_uri_cannot_be_registered(uri: str) -> None:
    with pytest.raises(ValueError, match="redirect URI"):
        Sandbox().sign_in.register(uri)


async def test_starting_registers_a_loopback_redirect_uri_for_good(clock: HandClock) -> None:
    sandbox = Sandbox(now=clock)
    before = sandbox.sign_in.fields
    async with sandbox:
        first = sandbox.sign_in.fields["redirect_uri"]
        elsewhere = sandbox.base_url
    async with sandbox:
        second = sandbox.sign_in.fields["redirect_uri"]

    assert "redirect_uri" not in before
    assert first == second
    assert first.startswith("http://127.0.0.1:")
    assert first.endswith("/callback")
    assert urlsplit(first).port != urlsplit(elsewhere).port
