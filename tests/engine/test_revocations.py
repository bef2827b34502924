"""Taking tokens back at the provider, and asking it about them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import BASE, exchange, provider
from tokendeck.core.errors import (
    ConfigurationRefused,
    NetworkStep,
    NoSuchConnection,
    NotOffered,
    ProviderBusy,
    Unreachable,
    VaultLocked,
)
from tokendeck.core.secret import Secret, Text
from tokendeck.core.template import Template
from tokendeck.engine.events import NotRevoked

if TYPE_CHECKING:
    from tests.engine.rig import Rig
    from tokendeck.core.provider import Provider


def revoking() -> Provider:
    one = provider(refreshes=True)
    about = exchange(token="{token}", token_type_hint="{token_type_hint}", client_secret="{client_secret}")
    grant = replace(
        one.grants[0],
        revoke=replace(about, url=Template.parse("{base_url}/revoke")),
        introspect=replace(about, url=Template.parse("{base_url}/introspect")),
    )
    return replace(one, grants=(grant,))


def asked(rig: Rig) -> list[tuple[str, object, object]]:
    return [
        (request.url.removeprefix(BASE), request.parameters["token"], request.parameters["token_type_hint"])
        for request in rig.endpoint.sent
    ]


REFRESH = ("/revoke", Text(Secret("refresh")), Text("refresh_token"))
ACCESS = ("/revoke", Text(Secret("access")), Text("access_token"))


@pytest.fixture
async def acme(rig: Rig) -> str:
    rig.use(revoking())
    acme = await rig.add("Acme")
    await rig.give(acme, "access", refresh_token="refresh")
    return acme


def not_revoked(rig: Rig) -> list[NotRevoked]:
    return [event for event in rig.events if isinstance(event, NotRevoked)]


async def test_both_tokens_are_revoked_and_forgotten(rig: Rig, acme: str) -> None:
    await rig.engine.revoke(acme)

    assert asked(rig) == [REFRESH, ACCESS]
    assert await rig.vault.tokens(acme) is None
    assert rig.engine.record(acme).token is None
    assert (await rig.vault.credentials(acme)).secrets["client_secret"] == Secret("s3cret")


async def test_an_edit_that_comes_while_tokens_are_revoked_stays(rig: Rig, acme: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    revoking = asyncio.create_task(rig.engine.revoke(acme))
    await rig.endpoint.arrived.wait()
    renamed = replace(rig.engine.record(acme).connection, name="Renamed")

    await rig.engine.edit(renamed, {})
    rig.endpoint.gate.set()
    await revoking

    assert rig.engine.record(acme).connection == renamed
    assert await rig.vault.tokens(acme) is None


async def test_a_sign_in_that_comes_while_tokens_are_revoked_stays(rig: Rig, acme: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    revoking = asyncio.create_task(rig.engine.revoke(acme))
    await rig.endpoint.arrived.wait()

    await rig.give(acme, "signed in again")
    rig.endpoint.gate.set()
    await revoking

    assert (await rig.vault.tokens(acme)).access_token == Secret("signed in again")


async def test_tokens_that_were_revoked_are_forgotten_also_once_the_vault_is_locked(rig: Rig, acme: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    revoking = asyncio.create_task(rig.engine.revoke(acme))
    await rig.endpoint.arrived.wait()

    rig.engine.lock()
    rig.endpoint.gate.set()
    await revoking

    assert rig.engine.record(acme).token is None
    assert rig.engine.status(acme).word == "locked"


async def test_without_a_refresh_token_there_is_one_to_revoke(rig: Rig, acme: str) -> None:
    await rig.give(acme, "access")

    await rig.engine.revoke(acme)

    assert asked(rig) == [ACCESS]


async def test_without_any_token_there_is_nothing_to_revoke(rig: Rig) -> None:
    rig.use(revoking())

    await rig.engine.revoke(await rig.add("Acme"))

    assert rig.endpoint.sent == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((503, {}), ProviderBusy),
        ((401, {"error": "invalid_client"}), ConfigurationRefused),
        ((400, {"error": "unsupported_token_type"}), ConfigurationRefused),
        (Unreachable("api.example.test", NetworkStep.CONNECT), Unreachable),
    ],
)
async def test_what_was_not_revoked_is_told_and_kept(rig: Rig, acme: str, reply: object, kind: type[Exception]) -> None:
    rig.endpoint.script.append(reply)

    with pytest.raises(kind):
        await rig.engine.revoke(acme)

    kept = await rig.vault.tokens(acme)
    assert kept is not None
    assert kept.refresh_token == Secret("refresh")


async def test_a_provider_that_revokes_refresh_tokens_only_has_done_its_part(rig: Rig, acme: str) -> None:
    rig.endpoint.script += [(200, {}), (400, {"error": "unsupported_token_type"})]

    await rig.engine.revoke(acme)

    assert await rig.vault.tokens(acme) is None


async def test_an_access_token_alone_that_cannot_be_revoked_is_told(rig: Rig, acme: str) -> None:
    await rig.give(acme, "access")
    rig.endpoint.script.append((400, {"error": "unsupported_token_type"}))

    with pytest.raises(ConfigurationRefused):
        await rig.engine.revoke(acme)


async def test_where_no_endpoint_is_named_nothing_is_offered(rig: Rig) -> None:
    acme = await rig.add("Acme")
    await rig.give(acme, "access")

    with pytest.raises(NotOffered, match="revoke"):
        await rig.engine.revoke(acme)
    with pytest.raises(NotOffered, match="introspect"):
        await rig.engine.introspect(acme)


@pytest.mark.promise(49)
async def test_a_deleted_connections_tokens_are_revoked_once_nobody_can_bring_it_back(rig: Rig, acme: str) -> None:
    await rig.engine.delete(acme)
    await rig.advance(9)
    early = list(rig.endpoint.sent)
    await rig.advance(1)

    assert early == []
    assert asked(rig) == [REFRESH, ACCESS]
    assert not_revoked(rig) == []
    assert await rig.vault.tokens(acme) is None


@pytest.mark.promise(49)
async def test_quitting_revokes_what_was_deleted(rig: Rig, acme: str) -> None:
    await rig.engine.delete(acme)

    await rig.engine.drain()

    assert asked(rig) == [REFRESH, ACCESS]


async def test_what_was_brought_back_is_not_revoked(rig: Rig, acme: str) -> None:
    await rig.engine.delete(acme)

    await rig.engine.undo_delete(acme)
    await rig.advance(60)

    assert rig.endpoint.mints == len(rig.endpoint.sent), "nothing but renewals"


async def test_what_is_being_revoked_can_no_longer_be_brought_back(rig: Rig, acme: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    await rig.engine.delete(acme)
    await rig.advance(10)

    with pytest.raises(NoSuchConnection, match="Acme"):
        await rig.engine.undo_delete(acme)

    rig.endpoint.gate.set()
    await rig.engine.drain()
    assert asked(rig) == [REFRESH, ACCESS]


@pytest.mark.promise(49)
@pytest.mark.parametrize("reply", [(503, {}), Unreachable("api.example.test", NetworkStep.CONNECT)])
async def test_a_deleted_connection_that_is_not_revoked_is_told(rig: Rig, acme: str, reply: object) -> None:
    connection = rig.engine.record(acme).connection
    rig.endpoint.script.append(reply)

    await rig.engine.delete(acme)
    await rig.advance(10)

    (event,) = not_revoked(rig)
    assert event.connection == connection
    assert isinstance(event.error, ProviderBusy | Unreachable)
    assert await rig.vault.tokens(acme) is None


@pytest.mark.promise(49)
async def test_what_a_locked_vault_keeps_is_told_as_not_revoked(rig: Rig, acme: str) -> None:
    await rig.engine.delete(acme)
    rig.engine.lock()

    await rig.engine.drain()

    (event,) = not_revoked(rig)
    assert isinstance(event.error, VaultLocked)


async def test_a_connection_without_tokens_is_deleted_without_a_word(rig: Rig) -> None:
    rig.use(revoking())
    acme = await rig.add("Acme")

    await rig.engine.delete(acme)
    await rig.engine.drain()

    assert (rig.endpoint.sent, not_revoked(rig)) == ([], [])


async def test_a_connection_whose_descriptor_is_gone_is_deleted_without_a_word(rig: Rig, acme: str) -> None:
    await rig.engine.delete(acme)
    rig.catalog.by_id = {}

    await rig.engine.drain()

    assert (rig.endpoint.sent, not_revoked(rig)) == ([], [])


async def test_a_mute_provider_keeps_nobody_from_quitting(rig: Rig, acme: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    await rig.engine.delete(acme)

    await rig.engine.drain(patience_s=0.01)

    (event,) = not_revoked(rig)
    assert isinstance(event.error, Unreachable)
    assert (event.error.host, event.error.timed_out) == ("api.example.test", True)


async def test_the_provider_says_whether_a_token_is_good(rig: Rig, acme: str) -> None:
    rig.endpoint.script.append({"active": True, "scope": "read", "exp": 1_800_000_000, "sub": "access"})

    told = await rig.engine.introspect(acme)

    assert asked(rig) == [("/introspect", ACCESS[1], ACCESS[2])]
    assert told.active
    assert told.asked_at == rig.clock.wall
    assert told.claims["exp"] == datetime.fromtimestamp(1_800_000_000, UTC)
    assert told.claims["scope"] == "read"
    assert "access" not in str(told.claims["sub"])


async def test_without_a_token_there_is_nothing_to_ask_about(rig: Rig) -> None:
    rig.use(revoking())

    with pytest.raises(NotOffered):
        await rig.engine.introspect(await rig.add("Acme"))
