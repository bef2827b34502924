"""What a running app answers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from tokendeck.cli.program import Engine
from tokendeck.cli.running.attempts import Attempts
from tokendeck.cli.running.codec import PROTOCOL, Garbled, from_line, to_line
from tokendeck.core.errors import KeyringMute, NoSuchConnection, TokendeckError, VaultLocked
from tokendeck.core.frozen import replace
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from tokendeck.core.vault import VaultState

log = logging.getLogger(__name__)


class AppEngine(Engine, Protocol):
    """The part of `RefreshEngine` that a running app answers with."""

    @property
    def vault_state(self) -> VaultState:
        """How the vault stands."""
        ...


class Answers:
    """Carries requests out with the app's own engine, and never opens a vault that a person has locked."""

    def __init__(self, engine: AppEngine, *, begun: asyncio.Event, show: Callable[[str], None]) -> None:
        """
        Take what answers.

        Args:
            engine: the app's.
            begun: set once the app has tried to open its vault; before, nobody can tell whether it is locked.
            show: brings the window forward; takes the desktop's activation token, which may be empty.

        """
        self._engine = engine
        self._begun = begun
        self._show = show
        self._attempts = Attempts()

    async def answer(self, line: bytes) -> bytes:
        """Give the answer to one request. Raises nothing."""
        try:
            return to_line(await self._message(line))
        except Exception:
            log.exception("a request of the command line failed")
            return to_line({"failed": "crash"})

    async def _message(self, line: bytes) -> dict[str, object]:
        try:
            request = from_line(line)
            if request["protocol"] != PROTOCOL:
                return {"failed": "protocol"}
            if request["ask"] == "plain_token":
                return await self._plain_token(request["with"]["name"])
            return {"value": await self._carry_out(request["ask"], request["with"])}
        except TokendeckError as error:
            return {"error": error}
        except (Garbled, KeyError):
            return {"failed": "garbled"}

    async def _carry_out(self, ask: str, given: Mapping[str, Any]) -> object:
        engine = self._engine
        match ask:
            case "hello":
                return None
            case "show":
                self._show(given["activation"])
                return None
            case "vault":
                return await self._vault()
            case "token":
                await self._open()
                tokens = await engine.token(given["id"], min_valid=given["min_valid"], fresh=given["fresh"])
                return replace(tokens, refresh_token=None)
            case "refresh":
                await self._open()
                tokens = await engine.refresh(given["id"])
                return replace(tokens, access_token=Secret(""), refresh_token=None)  # only its facts are told
            case "test":
                await self._open()
                verdict = await engine.test(given["id"], given["call"], confirmed=given["confirmed"])
                return replace(verdict, body="")  # up to 1 MiB that the command line does not print
            case "add":
                await self._open()
                await engine.add(given["connection"], given["secrets"])
                return None
            case "confirm":
                await self._open()
                await engine.confirm(given["id"], given["origins"])
                return None
            case "recovery_key":
                await self._open()
                return await engine.door.make_recovery_key()
            case "protect":
                await self._open()
                return await engine.door.protect_with_passphrase(given["passphrase"])
            case "sign_in":
                await self._open()
                return self._attempts.keep(await engine.sign_in(given["id"]))
            case "paste":
                self._attempts.paste(given["attempt"], given["address"])
                return None
            case "cancel":
                self._attempts.cancel(given["attempt"])
                return None
            case "outcome":
                tokens = await self._attempts.outcome(given["attempt"])
                return replace(tokens, access_token=Secret(""), refresh_token=None)
            case "revoke":
                await self._open()
                await engine.revoke(given["id"])
                return None
            case "new_vault":
                return await self._new_vault()
            case _:
                raise Garbled

    async def _plain_token(self, name: str) -> dict[str, object]:
        """Answer the shortcut, which asks by name and reads no JSON: both go in hexadecimal digits."""
        if not isinstance(self._engine.vault_state, VaultOpen):
            return {"failed": "alone"}
        try:
            connection = self._engine.find(bytes.fromhex(name).decode("utf-8")).connection
        except NoSuchConnection:
            return {"failed": "alone"}  # another process may have added it a moment ago
        except ValueError:
            return {"failed": "garbled"}
        tokens = await self._engine.token(connection.id)
        return {"value": tokens.access_token.reveal().encode("utf-8").hex()}

    async def _vault(self) -> VaultState:
        await self._begun.wait()
        if isinstance(self._engine.vault_state, VaultOpening):
            return await self._engine.unlock()  # shares the attempt that is under way
        return self._engine.vault_state

    async def _new_vault(self) -> str | None:
        state = await self._vault()
        if isinstance(state, VaultShut) and isinstance(state.why, VaultLocked):
            raise state.why.with_traceback(None)
        return await self._engine.door.start_anew()

    async def _open(self) -> None:
        match await self._vault():
            case VaultOpen():
                return
            case VaultShut(why):
                raise why.with_traceback(None)
            case VaultOpening():
                raise KeyringMute
            case state:
                assert_never(state)
