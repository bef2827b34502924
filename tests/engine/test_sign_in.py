"""Signing in: one attempt at a time, and a token at its end or a reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import BASE
from tests.engine.signing_in import PASTED, answer, begin, ended, signed_in
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import (
    ConfigurationRefused,
    FieldError,
    NetworkStep,
    NoSuchConnection,
    NothingToSignIn,
    NotThisSignIn,
    SignInRefused,
    StoreUnwritable,
    TokendeckError,
    Unreachable,
    VaultLocked,
)
from tokendeck.core.provider import RateBudget
from tokendeck.core.redirect import LoopbackRedirect
from tokendeck.core.secret import Secret, Text
from tokendeck.core.status import Live
from tokendeck.engine.events import StatusChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rig import Rig


@pytest.fixture
async def acme(rig: Rig) -> str:
    rig.use(signed_in())
    return await rig.add("Acme")


async def test_what_a_browser_brings_becomes_a_saved_token(rig: Rig, acme: str) -> None:
    rig.endpoint.refresh_token = "refresh"

    sign_in = await begin(rig, acme)
    browser = rig.listener.come_back(answer(sign_in, code="c0de"))
    tokens = await sign_in.outcome()

    assert rig.listener.opened == [LoopbackRedirect()]
    assert sign_in.prompt.link.startswith(f"{BASE}/authorize?client_id=id&response_type=code&")
    assert not sign_in.prompt.is_pasted
    (sent,) = rig.endpoint.sent
    assert {name: text.reveal() for name, text in sent.parameters.items() if isinstance(text, Text)} == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "code_verifier": sign_in.verifier.reveal(),
        "redirect_uri": "http://127.0.0.1:49152/callback",
        "client_secret": "s3cret",
    }
    assert await rig.vault.tokens(acme) == tokens
    assert tokens.refresh_token == Secret("refresh-1")
    assert isinstance(rig.engine.status(acme), Live)
    assert browser.told == [None]
    assert (rig.listener.is_open, rig.engine.signing_in(), sign_in.is_over) == (False, None, True)


async def test_a_new_sign_in_ends_what_forbade_to_ask(rig: Rig, acme: str) -> None:
    await rig.give(acme, "old", refresh_token="dead")
    await rig.ledger.note_trouble(acme, Trouble(TroubleKind.SIGN_IN, rig.clock.wall, "invalid_grant"))
    await rig.engine.load()

    sign_in = await begin(rig, acme)
    rig.listener.come_back(answer(sign_in, code="c"))
    tokens = await sign_in.outcome()

    assert tokens.refresh_token is None, "the old one belongs to the grant that is gone"
    assert rig.engine.record(acme).trouble is None


@pytest.mark.promise(14)
async def test_strangers_end_nothing_and_the_wait_goes_on(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme)
    strangers = [rig.listener.come_back(query) for query in ("code=c", "code=c&state=other", "state=&error=x")]
    await rig.settle()

    assert [type(told) for one in strangers for told in one.told] == [NotThisSignIn] * 3
    assert (rig.endpoint.sent, sign_in.is_over) == ([], False)
    rig.listener.come_back(answer(sign_in, code="c"))
    await sign_in.outcome()
    assert len(rig.endpoint.sent) == 1


@pytest.mark.promise(14)
async def test_a_replayed_answer_brings_no_second_request(rig: Rig, acme: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    sign_in = await begin(rig, acme)

    browsers = [rig.listener.come_back(answer(sign_in, code="c")) for _ in range(3)]
    await rig.settle()
    exchanging = sign_in.is_exchanging
    rig.endpoint.gate.set()
    await sign_in.outcome()

    assert exchanging
    assert len(rig.endpoint.sent) == 1
    assert browsers[0].told == [None]
    assert all(isinstance(one.told[0], NotThisSignIn) for one in browsers[1:])


async def test_the_provider_may_say_no(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme)

    browser = rig.listener.come_back(answer(sign_in, error="access_denied"))
    error = await ended(sign_in)

    assert isinstance(error, SignInRefused)
    assert browser.told == [error]
    assert rig.endpoint.sent == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((400, {"error": "invalid_grant"}), SignInRefused),
        ((401, {"error": "invalid_client"}), ConfigurationRefused),
        (Unreachable("api.example.test", NetworkStep.CONNECT), Unreachable),
    ],
)
async def test_a_code_that_brings_no_token_leaves_everything_as_it_was(
    rig: Rig, acme: str, reply: object, kind: type[TokendeckError]
) -> None:
    await rig.give(acme, "old", refresh_token="alive")
    before = rig.engine.record(acme)
    rig.endpoint.script.append(reply)

    sign_in = await begin(rig, acme)
    browser = rig.listener.come_back(answer(sign_in, code="c"))
    error = await ended(sign_in)

    assert type(error) is kind
    assert browser.told == [error]
    assert rig.engine.record(acme) == before
    kept = await rig.vault.tokens(acme)
    assert kept is not None
    assert (kept.access_token, kept.refresh_token) == (Secret("old"), Secret("alive"))


async def test_a_code_costs_a_request_of_the_rate_budget(rig: Rig) -> None:
    rig.use(replace(signed_in(), rate=RateBudget(50, timedelta(minutes=1))))
    acme = await rig.add("Acme")
    sign_in = await begin(rig, acme)

    rig.listener.come_back(answer(sign_in, code="c"))
    await sign_in.outcome()

    assert rig.engine.budget_left(rig.engine.record(acme).connection) == 49


async def test_where_the_browser_ends_elsewhere_its_address_is_pasted(rig: Rig) -> None:
    rig.use(signed_in())
    acme = await rig.add("Acme", values={"client_id": "id", "redirect_uri": PASTED})

    sign_in = await begin(rig, acme)
    with pytest.raises(NotThisSignIn):
        sign_in.paste("https://example.com/elsewhere?code=c")
    sign_in.paste(f"{PASTED}?{answer(sign_in, code='c')}")
    await sign_in.outcome()

    assert sign_in.prompt.is_pasted
    assert rig.listener.opened == []
    assert rig.endpoint.sent[0].parameters["redirect_uri"] == Text(PASTED)


async def test_a_refusal_may_be_pasted(rig: Rig) -> None:
    rig.use(signed_in())
    acme = await rig.add("Acme", values={"client_id": "id", "redirect_uri": PASTED})
    sign_in = await begin(rig, acme)

    sign_in.paste(f"{PASTED}?{answer(sign_in, error='access_denied')}")

    assert isinstance(await ended(sign_in), SignInRefused)


async def test_a_grant_that_needs_nobody_is_told_so(rig: Rig) -> None:
    acme = await rig.add("Acme")

    with pytest.raises(NothingToSignIn):
        await rig.engine.sign_in(acme)

    assert not rig.listener.is_open


async def test_a_field_that_the_link_needs_is_asked_for_before_anything_is_opened(rig: Rig) -> None:
    rig.use(signed_in(client_id="{tenant}"))
    acme = await rig.add("Acme")

    with pytest.raises(FieldError):
        await rig.engine.sign_in(acme)

    assert not rig.listener.is_open


async def test_nothing_is_begun_while_the_vault_is_shut(rig: Rig, acme: str) -> None:
    rig.engine.lock()

    with pytest.raises(VaultLocked):
        await rig.engine.sign_in(acme)

    assert rig.engine.signing_in() is None


async def test_nothing_is_begun_for_a_connection_that_is_not_there(rig: Rig) -> None:
    with pytest.raises(NoSuchConnection):
        await rig.engine.sign_in("0" * 32)


async def test_a_token_that_no_disk_took_is_told_and_kept_in_memory(rig: Rig, acme: str) -> None:
    rig.vault.error = StoreUnwritable("store", "full")
    sign_in = await begin(rig, acme)
    rig.listener.come_back(answer(sign_in, code="c"))
    error = await ended(sign_in)

    rig.vault.error = None
    tokens = await rig.engine.token(acme)

    assert isinstance(error, StoreUnwritable)
    assert tokens.access_token == Secret("token-1")
    assert len(rig.endpoint.sent) == 1


async def test_quitting_saves_a_token_that_no_disk_took(rig: Rig, acme: str) -> None:
    rig.vault.error = StoreUnwritable("store", "full")
    sign_in = await begin(rig, acme)
    rig.listener.come_back(answer(sign_in, code="c"))
    await ended(sign_in)
    rig.vault.error = None

    await rig.engine.drain()

    kept = await rig.vault.tokens(acme)
    assert kept.access_token == Secret("token-1")


async def test_whatever_crashes_ends_the_attempt_and_closes_its_port(
    rig: Rig, acme: str, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.engine.sign_in", "signing in crashed")
    rig.endpoint.script.append(ZeroDivisionError())
    sign_in = await begin(rig, acme)

    rig.listener.come_back(answer(sign_in, code="c"))
    with pytest.raises(ZeroDivisionError):
        await sign_in.outcome()

    assert (rig.listener.is_open, rig.engine.signing_in()) == (False, None)


async def test_everybody_hears_of_an_attempts_turns(rig: Rig, acme: str) -> None:
    rig.events.clear()

    sign_in = await begin(rig, acme)
    begun = list(rig.events)
    sign_in.cancel()
    await ended(sign_in)
    await rig.settle()

    assert begun == [StatusChanged(acme)]
    assert rig.events == [StatusChanged(acme)] * 2
