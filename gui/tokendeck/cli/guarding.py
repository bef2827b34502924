"""Commands about the vault itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.cli.errors import Declined, LockedInWindow, Mistyped
from tokendeck.core.errors import VaultLocked, VaultNotSetUp
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut

if TYPE_CHECKING:
    from tokendeck.cli.invocation import NewVault
    from tokendeck.cli.program import Engine
    from tokendeck.cli.session import Session
    from tokendeck.core.errors import VaultUnavailable

NOTHING_TO_SET_ASIDE = "The vault opens, so there is nothing to set aside."


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
        kept_as = await engine.start_new_vault()
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
