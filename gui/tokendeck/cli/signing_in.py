"""Commands for connections that a person signs in to: login, revoke."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, assert_never

from tokendeck.cli.errors import Declined
from tokendeck.core.errors import NotThisSignIn, TokendeckError
from tokendeck.core.prompts import BrowserPrompt, DevicePrompt

if TYPE_CHECKING:
    import asyncio

    from tokendeck.cli.invocation import Login, Revoke
    from tokendeck.cli.program import SignIn
    from tokendeck.cli.session import Session
    from tokendeck.core.token import TokenSet


async def login(session: Session, command: Login) -> int:
    """Sign in: print the link, wait for the person, and say for how long the token is good."""
    async with session.program.engine() as engine:
        connection = engine.find(command.name).connection
        provider = engine.provider(connection)
        await session.unlock(engine)
        try:
            attempt = await engine.sign_in(connection.id)
            try:
                tokens = await _see_through(session, attempt, opens_browser=command.browser)
            finally:
                attempt.cancel()  # nothing happens where it is over
        except TokendeckError as error:
            return session.explain(error, provider=provider)
    good_for = session.wording.good_for(tokens.facts, session.program.clock.now())
    session.console.remark(f"Signed in to {connection.name}; the token is {good_for}.")
    return 0


async def revoke(session: Session, command: Revoke) -> int:
    """Have the provider take a connection's tokens back."""
    async with session.program.engine() as engine:
        connection = engine.find(command.name).connection
        provider = engine.provider(connection)
        await session.unlock(engine)
        try:
            await engine.revoke(connection.id)
        except TokendeckError as error:
            return session.explain(error, provider=provider)
    session.console.remark(f"Revoked the tokens of {connection.name}. For new ones: {login_command(connection.name)}")
    return 0


def login_command(name: str) -> str:
    """Give the command line that signs in to a connection."""
    return f"tokendeck login {'-- ' if name.startswith('-') else ''}{shlex.quote(name)}"


async def _see_through(session: Session, attempt: SignIn, *, opens_browser: bool) -> TokenSet:
    console = session.console
    match attempt.prompt:
        case BrowserPrompt(link=link, redirect_uri=redirect_uri, is_pasted=is_pasted):
            console.result(link)
            _open(session, link, wanted=opens_browser)
            if is_pasted:
                return await _ask_for_address(session, attempt, redirect_uri)
            console.remark("Waiting until you have signed in on that page, five minutes at most. Ctrl+C gives up.")
        case DevicePrompt(user_code=user_code, page=page, page_with_code=page_with_code):
            console.result(page_with_code or page)
            console.remark(f"Open {page} on any device, and type in the code {user_code}")
            console.remark("Waiting until you have signed in there. Ctrl+C gives up.")
        case _:
            assert_never(attempt.prompt)
    return await attempt.outcome()


def _open(session: Session, link: str, *, wanted: bool) -> None:
    if not wanted:
        session.console.remark("Open the link in a browser, and sign in there.")
    elif session.program.open_browser(link):
        session.console.remark("The link opens in your browser. Sign in there.")
    else:
        session.console.remark("No browser could be opened. Open the link in one yourself, and sign in there.")


async def _ask_for_address(session: Session, attempt: SignIn, redirect_uri: str) -> TokenSet:
    """Take the address that the browser ends on; one that is not this attempt's is asked for once more."""
    import asyncio  # loads ssl, which commands without a loop do without

    outcome = asyncio.ensure_future(attempt.outcome())
    question = f"The browser ends on {redirect_uri}. Copy the whole address of that page and paste it here: "
    while not outcome.done():
        address = session.console.ask_line(question)
        if not address:
            outcome.cancel()
            raise Declined
        try:
            attempt.paste(address)
        except NotThisSignIn as error:
            session.console.remark(session.wording.error(error))
            await _let_time_run_out(outcome)
        else:
            break
    return await outcome


async def _let_time_run_out(outcome: asyncio.Future[TokenSet]) -> None:
    """Let an attempt end that went on for too long while this thread waited for a line."""
    import asyncio

    await asyncio.wait((outcome,), timeout=0.05)
