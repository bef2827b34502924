"""A Secret Service that answers nonsense, refuses, or dies in the middle: nothing is lost, written over or deleted."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jeepney import Message

    from tests.secret_service import SecretService
    from tests.storage.odd_service import Answer
    from tokendeck.core.vault import VaultState

if sys.platform != "linux":
    pytest.skip("only Linux has the Secret Service", allow_module_level=True)

from jeepney import new_error

from tests.storage.odd_service import COLLECTION, ITEM, PROMPT, OddService, dismissing, returning
from tests.storage.samples import make_connection, why, why_not_set_up
from tokendeck.core.errors import KeyLost, KeyringLocked, KeyringMissing, KeyringMute
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.storage import open_storage

OPEN = VaultOpen(Guard.KEYRING, "Secret Service")
PATIENCE = timedelta(seconds=20)
"""Nothing here waits for the deadline."""


@pytest.fixture
def service(secret_service: SecretService) -> Iterator[OddService]:
    secret_service.vanish()
    with OddService(secret_service.address) as service:
        yield service


async def opened(home: Path) -> VaultState:
    storage = open_storage(home, guard=KeyringGuard(), deadline=PATIENCE)
    state = await storage.vault.open()
    await storage.close()
    return state


async def filled(home: Path) -> str:
    """Set a vault up with one secret in it; give the connection's id."""
    storage = open_storage(home, guard=KeyringGuard(), deadline=PATIENCE)
    assert await storage.vault.open() == OPEN
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret("1")})
    await storage.close()
    return connection.id


async def secret_of(home: Path, connection_id: str) -> str:
    storage = open_storage(home, guard=KeyringGuard(), deadline=PATIENCE)
    assert await storage.vault.open() == OPEN
    secrets = await storage.vault.secrets_to_edit(connection_id)
    await storage.close()
    return secrets["a"].reveal()


NONSENSE: dict[str, tuple[str, Answer]] = {
    "a label that is a bare number": ("Label", returning("u", 7)),
    "no label at all": ("Label", returning(None)),
    "a lock without its wrapping": ("Locked", returning("b", False)),  # noqa: FBT003 - a body of D-Bus
    "a session that is a number": ("OpenSession", returning("u", 1)),
    "a session whose key is text": ("OpenSession", returning("vo", ("s", "x"), "/session")),
    "entries that are text": ("SearchItems", returning("s", "none")),
    "entries that are nothing": ("SearchItems", returning(None)),
    "a secret that is text": ("GetSecret", returning("s", "x")),
    "a secret of two parts": ("GetSecret", returning("(oay)", ("/session", b"x"))),
    "an error of its own": ("GetSecret", lambda call: new_error(call, "org.example.Odd", "s", ("it is Tuesday",))),
    "an error without words": ("GetSecret", lambda call: new_error(call, "org.freedesktop.DBus.Error.NoReply")),
}


@pytest.mark.promise(4)
@pytest.mark.parametrize(("name", "answer"), NONSENSE.values(), ids=NONSENSE)
async def test_nonsense_is_no_keyring_and_the_vault_opens_once_it_ends(
    service: OddService, store_home: Path, name: str, answer: Answer
) -> None:
    connection_id = await filled(store_home)
    kept = service.secret
    service.odd = {name: answer}

    trouble = why(await opened(store_home))
    service.odd = {}

    assert type(trouble) is KeyringMissing
    assert "Error" not in trouble.detail
    assert (service.secret, service.written, service.deleted) == (kept, [kept], 0)
    assert await secret_of(store_home, connection_id) == "1"


@pytest.mark.promise(3)
@pytest.mark.promise(4)
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        *NONSENSE.values(),
        ("CreateItem", returning(None)),
        ("CreateItem", returning("uu", 1, 2)),
    ],
    ids=[*NONSENSE, "a new entry that is nothing", "a new entry of numbers"],
)
async def test_nonsense_at_the_first_start_sets_nothing_up_and_the_next_one_does(
    service: OddService, store_home: Path, name: str, answer: Answer
) -> None:
    service.odd = {name: answer}

    first = await opened(store_home)
    service.odd = {}
    second = await opened(store_home)

    assert type(why_not_set_up(first)) is KeyringMissing
    assert second == OPEN
    assert service.deleted == 0


@pytest.mark.promise(4)
@pytest.mark.parametrize("secret", [b"", b"\xff\xfe", b"text", b"QUFB", b"A" * 43 + b"="])
async def test_an_item_with_another_secret_is_a_lost_key_and_stays(
    service: OddService, store_home: Path, secret: bytes
) -> None:
    connection_id = await filled(store_home)
    kept, service.secret = service.secret, secret

    state = await opened(store_home)

    assert type(why(state)) is KeyLost
    assert (service.secret, service.written, service.deleted) == (secret, [kept], 0)
    service.secret = kept
    assert await secret_of(store_home, connection_id) == "1"


@pytest.mark.promise(4)
async def test_a_service_that_gives_back_another_secret_than_it_was_told_guards_nothing(
    service: OddService, store_home: Path
) -> None:
    service.odd = {"GetSecret": returning("(oayays)", ("/session", b"", b"A" * 43 + b"=", "text/plain"))}

    state = await opened(store_home)

    assert type(why_not_set_up(state)) is KeyLost


LOCKED = returning("v", ("b", True))
NO_COLLECTION: Answer = lambda call: new_error(call, "org.freedesktop.Secret.Error.NoSuchObject")  # noqa: E731 - one of a row of answers


@pytest.mark.promise(4)
@pytest.mark.parametrize(
    "odd",
    [
        {"Locked": LOCKED, "Unlock": returning("aoo", [], PROMPT)},
        {"Locked": LOCKED, "Unlock": returning("aoo", [ITEM], "/")},
        {"Label": NO_COLLECTION, "CreateCollection": returning("oo", "/", PROMPT)},
    ],
    ids=["to unlock", "unlocked in words alone", "to make a collection"],
)
async def test_a_prompt_that_is_dismissed_is_a_locked_keyring_and_nothing_changes(
    service: OddService, store_home: Path, odd: dict[str, Answer]
) -> None:
    connection_id = await filled(store_home)
    kept = service.secret
    service.odd = {**odd, "Prompt": dismissing}

    state = await opened(store_home)
    service.odd = {}

    assert type(why(state)) is KeyringLocked
    assert (service.secret, service.written, service.deleted) == (kept, [kept], 0)
    assert await secret_of(store_home, connection_id) == "1"


TO_UNLOCK = {"Locked": LOCKED, "Unlock": returning("aoo", [], PROMPT)}
TO_MAKE = {"Label": NO_COLLECTION, "CreateCollection": returning("oo", "/", PROMPT)}
PROMPTS = [(TO_UNLOCK, ("ao", [COLLECTION])), (TO_MAKE, ("o", COLLECTION))]


@pytest.mark.parametrize(("odd", "result"), PROMPTS, ids=["to unlock", "to make a collection"])
async def test_a_prompt_that_a_person_answers_opens_the_vault(
    service: OddService, store_home: Path, odd: dict[str, Answer], result: tuple[str, object]
) -> None:
    service.odd = {**odd, "Prompt": service.agreeing(result)}

    state = await opened(store_home)

    assert state == OPEN
    assert "Prompt" in service.asked


@pytest.mark.promise(4)
@pytest.mark.parametrize(("odd", "result"), PROMPTS, ids=["to unlock", "to make a collection"])
async def test_a_service_that_falls_silent_after_its_prompt_was_answered_is_mute_not_locked(
    service: OddService, odd: dict[str, Answer], result: tuple[str, object]
) -> None:
    silent = threading.Event()

    def fall_silent(_: Message) -> tuple[Message, ...]:
        silent.set()
        return ()

    guard = KeyringGuard()
    service.odd = {**odd, "Prompt": service.agreeing(result, SearchItems=fall_silent)}
    reading = asyncio.ensure_future(guard.read("a vault", lambda _: True))
    await asyncio.to_thread(silent.wait)

    trouble = guard.silence(timedelta(seconds=1))

    assert type(trouble) is KeyringMute
    reading.cancel()


@pytest.mark.promise(3)
@pytest.mark.promise(4)
async def test_a_prompt_to_write_that_is_dismissed_sets_nothing_up(service: OddService, store_home: Path) -> None:
    service.odd = {"CreateItem": returning("oo", "/", PROMPT), "Prompt": dismissing}

    first = await opened(store_home)
    service.odd = {}

    assert type(why_not_set_up(first)) is KeyringLocked
    assert await opened(store_home) == OPEN


@pytest.mark.promise(4)
@pytest.mark.parametrize("call", ["Label", "Locked", "OpenSession", "SearchItems", "GetSecret"])
async def test_a_service_that_dies_while_it_is_asked_is_missing_at_once(
    secret_service: SecretService, store_home: Path, call: str
) -> None:
    secret_service.vanish()
    with OddService(secret_service.address) as service:
        connection_id = await filled(store_home)
        kept = service.secret
        service.odd = {call: service.die}

        state = await opened(store_home)

    assert type(why(state)) is KeyringMissing
    with OddService(secret_service.address, secret=kept):
        assert await secret_of(store_home, connection_id) == "1"


@pytest.mark.promise(3)
@pytest.mark.parametrize("is_written", [False, True])
async def test_a_service_that_dies_while_it_is_told_the_key_leaves_a_vault_that_opens(
    secret_service: SecretService,
    store_home: Path,
    is_written: bool,  # noqa: FBT001 - a table
) -> None:
    secret_service.vanish()
    with OddService(secret_service.address) as service:
        service.odd = {"GetSecret" if is_written else "CreateItem": service.die}

        state = await opened(store_home)
        kept = service.secret

    assert type(why_not_set_up(state)) is KeyringMissing
    assert (kept is not None) == is_written
    with OddService(secret_service.address, secret=kept) as service:
        assert await opened(store_home) == OPEN
        assert len(service.written) == (0 if is_written else 1)
