"""Payt's application for which a person signs in, as its owner's program speaks for it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.sandbox.clients import TOKEN_PATHS, Caller, basic
from tests.sandbox.person import decide

if TYPE_CHECKING:
    import httpx

AUTHORIZE = "/oauth/authorize"
VERIFIER = "a-verifier-of-fifty-characters.and~some_more-12345"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@dataclass
class App:
    """The application's own side: it sends a person to the authorize endpoint, and redeems what comes back."""

    caller: Caller

    @property
    def fields(self) -> dict[str, str]:
        return self.caller.sandbox.sign_in.fields

    def url(self, **changes: str | None) -> str:
        """Give a right authorize URL with PKCE, but for `changes`; None takes one away."""
        wanted = {
            "response_type": "code",
            "client_id": self.fields["client_id"],
            "redirect_uri": self.fields["redirect_uri"],
            "state": "some state",
            **PKCE,
        } | changes
        given = {name: value for name, value in wanted.items() if value is not None}
        return f"{self.caller.sandbox.base_url}{AUTHORIZE}?{urlencode(given)}"

    async def sent_back(self, url: str, button: str = "Allow") -> dict[str, str]:
        """Give the parameters with which the browser comes back."""
        location = await decide(self.caller.http, url, button)
        assert location.startswith(self.fields["redirect_uri"])
        return dict(parse_qsl(urlsplit(location).query))

    async def ask(self, **parameters: str) -> httpx.Response:
        """Send a token request, authenticated as Payt has it."""
        authorization = basic(self.fields["client_id"], self.fields["client_secret"])
        return await self.caller.http.post(
            TOKEN_PATHS["payt"], data=parameters, headers={"Authorization": authorization}
        )

    async def redeem(self, code: str, **changes: str | None) -> httpx.Response:
        wanted = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.fields["redirect_uri"],
            "code_verifier": VERIFIER,
        } | changes
        return await self.ask(**{name: value for name, value in wanted.items() if value is not None})

    async def refresh(self, refresh_token: str) -> httpx.Response:
        return await self.ask(grant_type="refresh_token", refresh_token=refresh_token)

    async def code(self) -> str:
        return (await self.sent_back(self.url()))["code"]

    async def signed_in(self) -> dict[str, Any]:
        answer = await self.redeem(await self.code())
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def is_live(self, access_token: str) -> bool:
        return (await self.caller.call("payt", access_token)).status_code == 200


def refusal(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()["error"]
