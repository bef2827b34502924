"""Signing in on another device: RFC 8628."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import BASE, exchange, provider
from tests.engine.signing_in import ended
from tokendeck.core.errors import (
    ConfigurationRefused,
    EndOfSignIn,
    NetworkStep,
    NotThisSignIn,
    ProviderBusy,
    SignInEnded,
    SignInRefused,
    TokendeckError,
    Unreachable,
)
from tokendeck.core.prompts import DevicePrompt
from tokendeck.core.provider import GrantKind
from tokendeck.core.secret import Secret, Text
from tokendeck.engine.attempts import DeviceSignIn

if TYPE_CHECKING:
    from tests.engine.rig import Rig
    from tokendeck.core.provider import Provider

GIVEN = {
    "device_code": "d3vice",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://example.test/device",
    "expires_in": 600,
    "interval": 5,
}
PENDING = (400, {"error": "authorization_pending"})
SLOW_DOWN = (400, {"error": "slow_down"})


def with_devices() -> Provider:
    one = provider(kind=GrantKind.DEVICE_CODE, refreshes=True)
    grant = replace(
        one.grants[0],
        device=exchange(client_id="{client_id}"),
        mint=exchange(grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code="{device_code}"),
    )
    return replace(one, grants=(grant,))


@pytest.fixture
async def acme(rig: Rig) -> str:
    rig.use(with_devices())
    return await rig.add("Acme")


async def begin(rig: Rig, connection_id: str, *answers: object) -> DeviceSignIn:
    rig.endpoint.script += [GIVEN, *answers]
    sign_in = await rig.engine.sign_in(connection_id)
    assert isinstance(sign_in, DeviceSignIn)
    return sign_in


async def test_the_provider_is_asked_at_its_pace_until_the_person_is_done(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme, PENDING, PENDING)

    await rig.advance(15, step=1)
    tokens = await sign_in.outcome()

    assert sign_in.prompt == DevicePrompt("WDJB-MJHT", "https://example.test/device", "")
    assert rig.endpoint.sent[0].url == f"{BASE}/token"
    assert rig.endpoint.sent[1].parameters["device_code"] == Text(Secret("d3vice"))
    assert len(rig.endpoint.sent) == 4
    assert await rig.vault.tokens(acme) == tokens
    assert rig.engine.signing_in() is None


async def test_nobody_is_asked_before_the_interval_is_over(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme, PENDING)

    await rig.advance(4, step=1)
    early = len(rig.endpoint.sent)
    await rig.advance(1)

    assert (early, len(rig.endpoint.sent)) == (1, 2)
    sign_in.cancel()


@pytest.mark.parametrize(
    ("reply", "pause_s"),
    [
        (SLOW_DOWN, 10),
        ((503, {}), 10),
        ((429, {}, {"retry-after": "30"}), 30),
        (Unreachable("api.example.test", NetworkStep.CONNECT, timed_out=True), 10),
    ],
    ids=["slow down", "trouble", "retry after", "unreachable"],
)
async def test_trouble_is_no_end_and_makes_the_questions_rarer(
    rig: Rig, acme: str, reply: object, pause_s: int
) -> None:
    sign_in = await begin(rig, acme, reply, PENDING)
    await rig.advance(5)

    await rig.advance(pause_s - 1, step=1)
    early = len(rig.endpoint.sent)
    await rig.advance(1)
    late = len(rig.endpoint.sent)
    await rig.advance(pause_s)
    await sign_in.outcome()

    assert (early, late) == (2, 3)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("access_denied", SignInRefused), ("invalid_client", ConfigurationRefused), ("invalid_grant", SignInRefused)],
)
async def test_a_refusal_ends_the_attempt(rig: Rig, acme: str, code: str, kind: type[TokendeckError]) -> None:
    sign_in = await begin(rig, acme, (400, {"error": code}))

    await rig.advance(5)

    assert type(await ended(sign_in)) is kind
    assert len(rig.endpoint.sent) == 2


async def test_a_code_that_the_provider_calls_expired_was_not_used_in_time(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme, (400, {"error": "expired_token"}))

    await rig.advance(5)
    error = await ended(sign_in)

    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.TIMED_OUT


@pytest.mark.promise(13)
async def test_nobody_is_asked_once_the_code_has_expired(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme, *[PENDING] * 200)

    await rig.advance(600, step=5)
    error = await ended(sign_in)
    asked = len(rig.endpoint.sent)
    await rig.advance(60, step=5)

    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.TIMED_OUT
    assert len(rig.endpoint.sent) == asked <= 121


async def test_a_person_may_give_up(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme)

    sign_in.cancel()
    error = await ended(sign_in)
    await rig.advance(30, step=5)

    assert isinstance(error, SignInEnded)
    assert len(rig.endpoint.sent) == 1


async def test_there_is_no_address_to_paste(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme)

    with pytest.raises(NotThisSignIn):
        sign_in.paste("https://example.test/device")

    sign_in.cancel()


async def test_without_a_code_nothing_begins(rig: Rig, acme: str) -> None:
    rig.endpoint.script.append((503, {}))

    with pytest.raises(ProviderBusy):
        await rig.engine.sign_in(acme)

    assert rig.engine.signing_in() is None
