"""Commands that use a connection: token, test, refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.cli.errors import Declined
from tokendeck.cli.formats import verdict_json
from tokendeck.cli.token_forms import token_text
from tokendeck.core.errors import ConfirmationNeeded, NoSuchConnection, TokendeckError, UsageError
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.verdict import VerdictKind

if TYPE_CHECKING:
    from tokendeck.cli.invocation import Refresh, Test, Token
    from tokendeck.cli.program import Engine
    from tokendeck.cli.session import Session
    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider
    from tokendeck.core.verdict import Verdict

FROM_MILDEST = (0, 3, 1, 2, 5, 4)
"""Exit codes, so that several results can be summed up by the worst."""


async def print_token(session: Session, command: Token) -> int:
    """Print a token that is good, and nothing else, on stdout."""
    async with session.program.engine() as engine:
        connection = engine.find(command.name).connection
        provider = engine.provider(connection)
        await session.unlock(engine)
        try:
            tokens = await engine.token(connection.id, min_valid=command.min_valid, fresh=command.fresh)
        except TokendeckError as error:
            return session.explain(_by_name(error, connection), provider=provider)
        session.console.result(token_text(command.form, tokens, connection, provider))
    return 0


async def test_connection(session: Session, command: Test) -> int:
    """Print what a test proved."""
    async with session.program.engine() as engine:
        connection = engine.find(command.name).connection
        provider = engine.provider(connection)
        await session.unlock(engine)
        try:
            verdict = await _test(session, engine, provider, connection, command)
        except TokendeckError as error:
            return session.explain(_by_name(error, connection), provider=provider)
    headline, detail = session.wording.verdict(verdict, provider)
    if command.json:
        session.console.result(verdict_json(verdict, " ".join(filter(None, (headline, detail)))))
    else:
        session.console.result("\n".join(filter(None, (headline, detail))))
    return exit_code_of(verdict)


async def _test(session: Session, engine: Engine, provider: Provider, connection: Connection, command: Test) -> Verdict:
    try:
        return await engine.test(connection.id, command.call, confirmed=command.confirmed)
    except ConfirmationNeeded as hazard:
        if not session.console.has_person:
            raise
        session.console.remark(session.wording.error(hazard, provider=provider))
        if not session.console.confirm(f"Send the test call of {connection.name} anyway?"):
            raise Declined from None
    return await engine.test(connection.id, command.call, confirmed=True)


def exit_code_of(verdict: Verdict) -> int:
    """Give 0 where the credentials were proven, 1 where a person must act, 3 for passing trouble."""
    match verdict.kind:
        case VerdictKind.WORKS | VerdictKind.MINTED:
            return 0
        case VerdictKind.REFUSED:
            return 1
        case VerdictKind.TROUBLE:
            return 3
        case _:
            assert_never(verdict.kind)


async def refresh(session: Session, command: Refresh) -> int:
    """Ask for a new token of one connection."""
    async with session.program.engine() as engine:
        connection = engine.find(command.name).connection
        await session.unlock(engine)
        return await _refresh(session, engine, connection)


async def refresh_all(session: Session) -> int:
    """Ask for new tokens of all connections that keep one, at once; give the worst of their exit codes."""
    import asyncio  # loads ssl, which commands without a loop do without

    async with session.program.engine() as engine:
        chosen = [connection for connection in by_name(engine) if _keeps_a_token(session, engine, connection)]
        if not chosen:
            session.console.remark("There is no connection to refresh.")
            return 0
        await session.unlock(engine)
        codes = await asyncio.gather(*(_refresh(session, engine, connection) for connection in chosen))
    return max(codes, key=FROM_MILDEST.index)


def by_name(engine: Engine) -> list[Connection]:
    """Give all connections in order of their names."""
    connections = (record.connection for record in engine.records())
    return sorted(connections, key=lambda connection: connection.name.casefold())


def _keeps_a_token(session: Session, engine: Engine, connection: Connection) -> bool:
    if connection.paused:
        session.console.remark(f"{connection.name}: left out, because it is paused.")
        return False
    try:
        policy = engine.grant(connection).renewal.policy
    except UsageError:
        return True  # refreshing says what is wrong with its descriptor
    if policy is RenewalPolicy.ON_USE:
        session.console.remark(f"{connection.name}: left out, because every use mints a token of its own.")
        return False
    return True


async def _refresh(session: Session, engine: Engine, connection: Connection) -> int:
    provider = None
    try:
        provider, policy = engine.provider(connection), engine.grant(connection).renewal.policy
        tokens = await engine.refresh(connection.id)
    except Exception as error:  # noqa: BLE001 - one connection that crashes stops no other
        return session.explain(_by_name(error, connection), provider=provider, about=connection.name)
    good_for = session.wording.good_for(tokens.facts, session.program.clock.now())
    if policy is RenewalPolicy.ON_USE:
        said = f"a token was minted, {good_for}; it is not kept, because every use mints one of its own."
    else:
        said = f"refreshed, {good_for}."
    session.console.remark(f"{connection.name}: {said}")
    return 0


def _by_name(error: Exception, connection: Connection) -> Exception:
    """Name a connection that was removed meanwhile as it was typed; the engine knows it by its id."""
    return NoSuchConnection(connection.name) if isinstance(error, NoSuchConnection) else error
