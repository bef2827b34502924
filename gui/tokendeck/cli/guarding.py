"""Commands about the vault itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.cli.errors import Declined, LockedInWindow, Mistyped
from tokendeck.cli.secret_files import new_private_file, read_passphrase
from tokendeck.core.errors import VaultLocked, VaultNotSetUp
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut

if TYPE_CHECKING:
    from tokendeck.cli.invocation import NewVault, Passphrase, RecoveryKey
    from tokendeck.cli.program import Engine
    from tokendeck.cli.session import Session
    from tokendeck.core.errors import VaultUnavailable
    from tokendeck.core.secret import Secret

NOTHING_TO_SET_ASIDE = "The vault opens, so there is nothing to set aside."


async def make_recovery_key(session: Session, command: RecoveryKey) -> int:
    """Make a recovery key and print it, or write it to a file; a person is asked before another stops working."""
    async with session.program.engine() as engine:
        await session.unlock(engine)
        if not command.replace and await engine.door.has_recovery_key():
            _ask_to_replace(session)
        if command.output is None:
            session.console.result((await engine.door.make_recovery_key()).reveal())
        else:
            with new_private_file(command.output) as file:
                file.write(f"{(await engine.door.make_recovery_key()).reveal()}\n")
    session.console.remark(
        "Whoever has it can open this vault: print it, and keep it where only you can get at it. Where the keyring or "
        "the passphrase is lost, --recovery-key-file FILE gives it, and the window asks for it."
    )
    return 0


def _ask_to_replace(session: Session) -> None:
    if not session.console.has_person:
        raise Mistyped("This vault has a recovery key. To make another, which alone works then: add --replace.")
    if not session.console.confirm("This vault has a recovery key. Make another, which alone works then?"):
        raise Declined


async def choose_passphrase(session: Session, command: Passphrase) -> int:
    """Have a new passphrase guard the vault; a person is asked for it twice, without echo."""
    given = None if command.file is None else read_passphrase(command.file)
    if given is None and not session.console.has_person:
        raise Mistyped("Nobody is here to be asked: give the new passphrase with --new-passphrase-file FILE.")
    async with session.program.engine() as engine:
        await session.unlock(engine)
        await engine.door.protect_with_passphrase(given or _ask_for_passphrase(session))
    session.console.remark(
        "From now on the passphrase opens this vault, and nobody can recover it: --passphrase-file FILE gives it, and "
        "the window asks for it. `tokendeck recovery-key` makes a key for the day it is forgotten."
    )
    return 0


def _ask_for_passphrase(session: Session) -> Secret:
    new = session.console.ask_secret("New passphrase")
    if not new:
        raise Mistyped("A passphrase cannot be empty. Nothing was changed.")
    if session.console.ask_secret("Once more") != new:
        raise Mistyped("The two are not the same. Nothing was changed.")
    return new


async def start_new_vault(session: Session, command: NewVault) -> int:
    """
    Set a vault that does not open aside and begin with an empty one; a person is asked, or `--yes` says so.

    Raises what keeps the vault shut where nobody was asked, and where that may pass.
    """
    async with session.program.engine() as engine:
        why = await _why_shut(session, engine)
        if isinstance(why, LockedInWindow) or not (why.may_be_for_good or isinstance(why, VaultLocked)):
            raise why
        if not command.confirmed:
            if not session.console.has_person:
                raise why
            session.console.remark(session.wording.error(why))
            if not session.console.confirm(session.wording.new_vault_question()):
                raise Declined
        kept_as = await engine.door.start_anew()
    if kept_as is None:
        raise Mistyped(NOTHING_TO_SET_ASIDE)
    session.console.remark(session.wording.vault_kept_as(kept_as))
    return 0


async def _why_shut(session: Session, engine: Engine) -> VaultUnavailable:
    match await session.open(engine):
        case VaultOpen() | VaultOpening():
            raise Mistyped(NOTHING_TO_SET_ASIDE)
        case VaultShut(VaultNotSetUp()):
            raise Mistyped("There is no vault yet, so there is nothing to set aside.")
        case VaultShut(why):
            return why
        case state:
            assert_never(state)
