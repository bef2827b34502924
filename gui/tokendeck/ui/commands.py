"""What a person can have done with a connection, from wherever it was asked: list, menu, detail."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, QTimer, Signal

from tokendeck.core.errors import ConfirmationNeeded, NoSuchConnection, TokendeckError
from tokendeck.core.secret import Secret
from tokendeck.core.status import Due, Expired, OnDemand, Waiting
from tokendeck.core.verdict import Verdict, VerdictKind
from tokendeck.ui.connections.action_icon import leads_to_sign_in
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from tokendeck.core.provider import Provider
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.events import ClockWarning, NotRevoked
    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Tone

TICK_SHOWN_MS = 2000
VERDICT_TONES: dict[VerdictKind, Tone] = {
    VerdictKind.WORKS: "good",
    VerdictKind.MINTED: "good",
    VerdictKind.REFUSED: "bad",
    VerdictKind.TROUBLE: "caution",
}


class Commands(QObject):
    """
    Runs commands as tasks, and tells how they ended.

    A connection can be gone when a command ends: it is looked up again by its id, and what is gone is passed over.
    """

    told = Signal(str, str, object)
    """Words for a toast, its tone, and what it offers: None, or a button's words and a function."""

    told_about = Signal(str, str, str, object)
    """The same about a connection, its id first, in place of what was told about it; no words only take that back."""

    copied = Signal(str)
    """Words about a copy that the clipboard has confirmed."""

    verdict_arrived = Signal(str, object)
    """A connection's id and a `Verdict`."""

    verdict_wanted = Signal(str)
    """Somebody wants to read the verdict of this connection's last test."""

    confirmation_wanted = Signal(str, str, str)
    """A connection's id, the call's id or nothing, and the hazard in words: answer by `test(…, confirmed=True)`."""

    sign_in_wanted = Signal(str)
    """Only a person can bring this connection a token."""

    def __init__(self, context: UiContext, model: ConnectionsModel, parent: QObject | None = None) -> None:
        """Act through `context.engine`; show what is under way in `model`."""
        super().__init__(parent)
        self._context = context
        self._model = model
        self._tick = QTimer(self, singleShot=True, interval=TICK_SHOWN_MS)
        self._tick.timeout.connect(lambda: model.mark_copied(None))
        self._deleted: list[str] = []
        self._asked_for: list[str] = []

    def is_asking(self, connection_id: str) -> bool:
        """Tell whether somebody waits for a connection's token, and is going to hear what came of it."""
        return connection_id in self._asked_for

    def copy(self, connection_id: str) -> None:
        """Copy a token with the engine's guarantee, refreshed first where need be."""
        self._spawn(self._copy(connection_id), "copy", connection_id)

    def copy_header(self, connection_id: str) -> None:
        """Copy the same as an Authorization header."""
        self._spawn(self._copy(connection_id, as_header=True), "copy header", connection_id)

    def test(self, connection_id: str, call: str = "", *, confirmed: bool = False) -> None:
        """Make a test call: the named one, or the provider's first."""
        if connection_id not in self._model.testing:
            self._spawn(self._test(connection_id, call, confirmed=confirmed), "test", connection_id)

    def refresh(self, connection_id: str) -> None:
        """Ask for a new token now; where only signing in brings one, begin that."""
        if leads_to_sign_in(self._context, self._model, connection_id):
            self.sign_in_wanted.emit(connection_id)
            return
        self._spawn(self._refresh(connection_id), "refresh", connection_id)

    def refresh_all_due(self) -> None:
        """Ask for new tokens wherever one is due, has ended, or waits for another try."""
        now = self._context.now()
        due = [
            connection_id
            for connection_id in self._model.ids()
            if (record := self._model.record(connection_id)) is not None
            and isinstance(self._model.status(record, now), Due | Expired | Waiting)
        ]
        for connection_id in due:
            self._spawn(self._refresh(connection_id), "refresh", connection_id)
        if not due:
            self.told.emit(
                translate("Commands", "Nothing is due. Every token that can be renewed is fresh."), "neutral", None
            )

    def clear_clipboard(self) -> None:
        """Clear the clipboard now, if it still holds a secret of ours."""
        self._context.clipboard.clear_now()

    def delete(self, connection_id: str) -> None:
        """Delete, and offer to undo it for as long as the engine can."""
        self._spawn(self._delete(connection_id), "delete", connection_id)

    def undo_last_delete(self) -> None:
        """Bring back what was deleted last; nothing happens where there is nothing."""
        if self._deleted:
            self.undo_delete(self._deleted[-1])

    def undo_delete(self, connection_id: str) -> None:
        """Bring back what was deleted."""
        if connection_id in self._deleted:
            self._deleted.remove(connection_id)
        self.told_about.emit(connection_id, "", "neutral", None)
        self._spawn(
            self._guarded(self._context.engine.undo_delete(connection_id), connection_id), "undo", connection_id
        )

    def set_paused(self, connection_id: str, *, paused: bool) -> None:
        """Pause or resume."""
        work = self._context.engine.set_paused(connection_id, paused=paused)
        self._spawn(self._guarded(work, connection_id), "pause", connection_id)

    def warn(self, warning: ClockWarning | NotRevoked) -> None:
        """Tell what nobody asked for and a person should know."""
        from tokendeck.engine.events import ClockWarning, NotRevoked  # not needed for the first paint

        match warning:
            case ClockWarning():
                self._warn_of_clock(warning)
            case NotRevoked(connection=connection, error=error):
                provider = self._context.engine.provider(connection)
                words = self._context.wording.not_revoked(connection.name, error, provider=provider)
                self.told_about.emit(connection.id, words, "caution", None)
            case _:
                assert_never(warning)

    def _warn_of_clock(self, warning: ClockWarning) -> None:
        record = self._model.record(warning.connection_id)
        if record is None:
            return
        ahead = translate("Commands", "The clock at {name} is {span} ahead of this computer's. Set this one right.")
        behind = translate("Commands", "The clock at {name} is {span} behind this computer's. Set this one right.")
        span = self._context.wording.duration(timedelta(seconds=abs(warning.offset_s)))
        words = ahead if warning.offset_s > 0 else behind
        self.told_about.emit(
            record.connection.id, words.format(name=record.connection.name, span=span), "caution", None
        )

    # Tasks

    def _spawn(self, work: Coroutine[Any, Any, None], verb: str, connection_id: str) -> None:
        if self._context.has_engine:
            self._context.spawn(work, name=f"{verb} {connection_id}")
        else:
            work.close()

    async def _copy(self, connection_id: str, *, as_header: bool = False) -> None:
        falls = self._context.curtain.falls
        try:
            with self._asking(connection_id):
                tokens = await self._context.engine.token(connection_id)
        except TokendeckError as error:
            self._explain(error, connection_id)
            return
        record = self._model.record(connection_id)
        if record is None:
            return
        if falls != self._context.curtain.falls:
            words = translate(
                "Commands", "{name}: the token came after the window was locked or left. Nothing was copied."
            )
            self.told_about.emit(connection_id, words.format(name=record.connection.name), "neutral", None)
            return
        secret = _header(tokens) if as_header else tokens.access_token
        if not await self._context.clipboard.copy_for_good(secret):
            words = translate(
                "Commands", "The clipboard did not take the token. Bring this window forward and try again."
            )
            self.told.emit(words, "bad", None)
            return
        self._model.mark_copied(connection_id)
        self._tick.start()
        self.copied.emit(self._copied_words(tokens, as_header=as_header))

    async def _test(self, connection_id: str, call: str, *, confirmed: bool) -> None:
        self._model.mark_testing(connection_id, under_way=True)
        try:
            with self._asking(connection_id):
                verdict = await self._context.engine.test(connection_id, call or None, confirmed=confirmed)
        except ConfirmationNeeded as hazard:
            self.confirmation_wanted.emit(connection_id, call, hazard.text)
            return
        except TokendeckError as error:
            self._explain(error, connection_id)
            return
        finally:
            self._model.mark_testing(connection_id, under_way=False)
        self._tell_verdict(connection_id, verdict)

    async def _refresh(self, connection_id: str) -> None:
        try:
            with self._asking(connection_id):
                await self._context.engine.refresh(connection_id)
        except TokendeckError as error:
            self._explain(error, connection_id)
            return
        record = self._model.record(connection_id)
        if record is not None:
            words = translate("Commands", "{name} has a new token.")
            if isinstance(self._model.status(record, self._context.now()), OnDemand):
                words = translate("Commands", "{name} gave a token. It is not kept: every use mints one of its own.")
            self.told_about.emit(connection_id, words.format(name=record.connection.name), "good", None)

    async def _delete(self, connection_id: str) -> None:
        record = self._model.record(connection_id)
        if record is None:
            return
        try:
            await self._context.engine.delete(connection_id)
        except TokendeckError as error:
            self._explain(error, connection_id)
            return
        self._deleted.append(connection_id)
        undo: tuple[str, Callable[[], None]] = (
            translate("Commands", "Undo"),
            lambda: self.undo_delete(connection_id),
        )
        words = translate("Commands", "{name} was deleted.").format(name=record.connection.name)
        self.told_about.emit(connection_id, words, "neutral", undo)

    async def _guarded(self, work: Coroutine[Any, Any, None], connection_id: str) -> None:
        try:
            await work
        except TokendeckError as error:
            self._explain(error, connection_id)

    @contextmanager
    def _asking(self, connection_id: str) -> Iterator[None]:
        self._asked_for.append(connection_id)
        try:
            yield
        finally:
            self._asked_for.remove(connection_id)

    # Words

    def _explain(self, error: TokendeckError, connection_id: str) -> None:
        record = self._model.record(connection_id)
        if record is None and isinstance(error, NoSuchConnection):
            return
        sentence = self._context.wording.error(error, provider=self._provider(connection_id))
        if record is not None:
            sentence = translate("Commands", "{name}: {sentence}").format(
                name=record.connection.name, sentence=sentence
            )
        self.told_about.emit(connection_id, sentence, "bad", self._way_out(connection_id))

    def _way_out(self, connection_id: str) -> tuple[str, Callable[[], None]] | None:
        """Give the one button that helps where only a person can bring a token."""
        if not leads_to_sign_in(self._context, self._model, connection_id):
            return None
        return translate("Commands", "Sign in"), lambda: self.sign_in_wanted.emit(connection_id)

    def _tell_verdict(self, connection_id: str, verdict: Verdict) -> None:
        record, provider = self._model.record(connection_id), self._provider(connection_id)
        if record is None or provider is None:
            return
        headline, detail = self._context.wording.verdict(verdict, provider)
        words = translate("Commands", "{name}: {sentence}").format(name=record.connection.name, sentence=headline)
        self.verdict_arrived.emit(connection_id, verdict)
        tone = VERDICT_TONES[verdict.kind]
        if verdict.kind is VerdictKind.WORKS:
            self.told_about.emit(connection_id, words, tone, None)
            return
        show = (translate("Commands", "Show"), lambda: self.verdict_wanted.emit(connection_id))
        self.told_about.emit(connection_id, f"{words} {detail}".strip(), tone, show)

    def _provider(self, connection_id: str) -> Provider | None:
        record = self._model.record(connection_id)
        return None if record is None else self._model.provider(record)

    def _copied_words(self, tokens: TokenSet, *, as_header: bool) -> str:
        what = (
            translate("Commands", "Authorization header copied.")
            if as_header
            else translate("Commands", "Token copied.")
        )
        how_long = self._context.wording.good_for(tokens.facts, self._context.now())
        return f"{what} {how_long[:1].upper()}{how_long[1:]}."


def _header(tokens: TokenSet) -> Secret:
    return Secret(f"Authorization: {tokens.token_type} {tokens.access_token.reveal()}")
