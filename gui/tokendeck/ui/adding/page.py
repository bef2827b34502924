"""The page on which a connection is filled in, tried out and saved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from tokendeck.core.connection import folded
from tokendeck.core.errors import BadUrl, FieldError, NameTaken, PassingTrouble, TokendeckError, UsageError
from tokendeck.core.frozen import replace
from tokendeck.core.preview import preview
from tokendeck.core.request import check_fields, origins_of
from tokendeck.core.secret import Secret
from tokendeck.ui.adding.blame import NAME, field_to_blame
from tokendeck.ui.adding.buttons import PageButtons
from tokendeck.ui.adding.draft import Draft, bridge_gaps
from tokendeck.ui.adding.form import ConnectionForm
from tokendeck.ui.adding.heading import PageHeading
from tokendeck.ui.adding.outcome import granted_scopes, minted
from tokendeck.ui.adding.sending import SendingPanel
from tokendeck.ui.adding.sides import lay_out_sides
from tokendeck.ui.adding.sketches import kept_with
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from tokendeck.core.connection import Connection
    from tokendeck.core.preview import Line
    from tokendeck.core.provider import Provider
    from tokendeck.core.token import TokenSet
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.ports import Sketch

CLOSES_AFTER_MS = 1200
"""How long a verdict stands that says nothing but that it works."""

KEPT = Secret("kept")
"""Stands in the preview for a secret that the vault keeps."""


class ConnectionPage(QWidget):
    """Form, preview, verdict and the buttons."""

    saved = Signal(str)
    """The connection's id: it is in the store."""

    closed = Signal()
    """There is nothing more to do here."""

    sign_in_wanted = Signal(str)
    """The id of a connection that is in the store and waits for a person."""

    another_provider_requested = Signal()

    def __init__(
        self,
        context: UiContext,
        provider: Provider,
        start: Connection,
        *,
        is_new: bool,
        sketch: Sketch | None = None,
    ) -> None:
        """
        Build the page.

        Args:
            context: everything shared.
            provider: as its file says, without overrides.
            start: what the form begins with; a new one that has confirmed origins asks about every other.
            is_new: whether it is added; otherwise edited.
            sketch: keeps the provider's file with the connection; None where there is one.

        """
        super().__init__()
        self._context = context
        self._provider = provider
        self._start = start
        self._is_new = is_new
        self._sketch = sketch
        self._work: asyncio.Task[object] | None = None
        self._saves = False
        self._is_saved = False
        self._heading = PageHeading(
            context, provider, None if is_new else start.name, is_from_issuer=sketch is not None
        )
        self._form = ConnectionForm(context, provider, start, keeps_secrets=not is_new)
        self._sending = SendingPanel(context, is_new=is_new)
        self._buttons = PageButtons(context.theme)
        self._closing = QTimer(self, singleShot=True, interval=CLOSES_AFTER_MS)
        self._lay_out()
        self._closing.timeout.connect(self.closed)
        self._form.changed.connect(self._show_draft)
        self._sending.confirmation_changed.connect(self._show_readiness)
        self._buttons.cancel.clicked.connect(self._cancel_or_close)
        self._heading.another_provider_requested.connect(self.another_provider_requested)
        self._buttons.save.clicked.connect(self.save)
        self._buttons.proceed.clicked.connect(self.proceed)
        self._show_draft()

    @property
    def is_busy(self) -> bool:
        """Whether a request or a save is under way."""
        return self._work is not None

    def begin(self) -> None:
        """Take the dialog's Enter key, and go to the first thing to fill in; the page must be in its dialog."""
        self._buttons.proceed.setDefault(True)
        self._form.focus_first()

    def stop(self) -> bool:
        """Stop trying out; tell whether the page may go. A save is not stopped: it takes milliseconds."""
        if self._saves:
            return False
        if self._work is not None and not self._is_saved:
            self._work.cancel()
        self._closing.stop()
        self._form.clear_secrets()
        return True

    def save(self) -> None:
        """Save what is typed if it can be a connection at all."""
        draft = self._checked()
        if draft is not None:
            self._begin(lambda: self._save_only(draft), "save a connection")

    def proceed(self) -> None:
        """Ask for a token with what is typed and save if one comes; or save, and have a person sign in."""
        draft = self._checked()
        if draft is None:
            return
        if self._needs_person():
            self._begin(lambda: self._save_and_sign_in(draft), "save a connection to sign in to")
        else:
            asking = translate("ConnectionPage", "Asking {name} for a token…").format(name=self._provider.name)
            self._sending.say("accent", asking)
            self._begin(lambda: self._try_and_save(draft), "try out a connection")

    async def _save_only(self, draft: Draft) -> None:
        await self._keep(draft)
        self.closed.emit()

    async def _save_and_sign_in(self, draft: Draft) -> None:
        await self._save_only(draft)
        self.sign_in_wanted.emit(draft.connection.id)

    async def _try_and_save(self, draft: Draft) -> None:
        issue = await self._context.engine.try_out(draft.connection, draft.secrets)
        await self._keep(draft, issue.tokens)
        scopes = granted_scopes(issue.tokens.facts, draft.connection)
        self._sending.say("good", minted(self._context.wording, issue), scopes)
        self._buttons.offer_to_close()
        if not scopes:
            self._closing.start()

    async def _keep(self, draft: Draft, tokens: TokenSet | None = None) -> None:
        self._saves = True
        engine = self._context.engine
        keep = engine.add if self._is_new else engine.edit
        async with kept_with(self._sketch):
            await keep(draft.connection, draft.secrets, tokens)
        self._saves, self._is_saved = False, True
        self._form.clear_secrets()
        self.saved.emit(draft.connection.id)

    def _begin(self, work: Callable[[], Coroutine[object, object, None]], name: str) -> None:
        """Be busy at once: a second click finds nothing to press."""
        self._work = self._context.spawn(self._watched(work), name=name)
        self._show_readiness()

    async def _watched(self, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Carry out `work`; an error becomes a sentence, and everything typed stays."""
        try:
            await work()
        except TokendeckError as error:
            if isValid(self):
                self._show_error(error)
        finally:
            if self._work is asyncio.current_task():
                self._work, self._saves = None, False
                if isValid(self):
                    self._show_readiness()

    def _cancel_or_close(self) -> None:
        if self._work is None:
            self.closed.emit()
        elif not self._saves:
            self._work.cancel()
            self._work = None  # a task that had no turn yet never comes to its end
            self._sending.say("neutral", translate("ConnectionPage", "Stopped. Nothing was saved."))
            self._show_readiness()

    def _checked(self) -> Draft | None:
        """Give the draft ready to be sent and saved; None where something is missing, which the form then shows."""
        if not self._buttons.proceed.isEnabled():
            return None
        self._form.clear_errors()
        self._sending.say("neutral", "")
        draft = self._form.draft()
        problems = [*self._form.problems(), *self._field_problems(draft)]
        for key, text in reversed(problems):  # the first one gets the focus
            self._form.show_error(key, text)
        if problems:
            return None
        try:
            provider = self._context.engine.provider(draft.connection)
            origins = origins_of(provider, draft.connection)
        except TokendeckError as error:
            self._show_error(error)
            return None
        return replace(draft, connection=replace(draft.connection, confirmed_origins=origins))

    def _field_problems(self, draft: Draft) -> Iterator[tuple[str, str]]:
        connection = draft.connection
        taken = NameTaken(connection.name)
        for record in self._context.engine.records():
            other = record.connection
            if other.id != connection.id and folded(other.name) == folded(connection.name):
                yield NAME, self._context.wording.error(taken, provider=self._provider)
        sentence = translate("ConnectionPage", "Enter {expected}.")
        kept = self._kept()
        for error in check_fields(self._provider, connection.grant, {**kept, **connection.values, **draft.secrets}):
            if error.key not in kept or error.key in draft.secrets:  # what the vault keeps was right when it was saved
                yield error.key, sentence.format(expected=error.expected)

    def _kept(self) -> dict[str, Secret]:
        if self._is_new:
            return {}
        return {
            field.key: KEPT for field in self._provider.fields_of(self._form.draft().connection.grant) if field.secret
        }

    def _show_draft(self) -> None:
        if self._is_saved:  # what was sent stays to be read while the fields are being cleared
            return
        draft = self._form.draft()
        try:
            self._sending.show_request(self._preview(draft))
            new = self._new_origins(draft)
        except TokendeckError as error:
            self._sending.show_request([])
            self._sending.say("caution", self._context.wording.error(error, provider=self._provider))
        else:
            self._sending.show_new_origins(new)
            if self._work is None:
                self._sending.say("neutral", "")
        self._show_readiness()

    def _preview(self, draft: Draft) -> list[Line]:
        engine = self._context.engine
        provider = engine.provider(draft.connection)
        filled = bridge_gaps(draft, provider, self._kept(), translate("ConnectionPage", "Base URL"))
        return filled.show(preview(engine.request_preview(filled.draft.connection, filled.draft.secrets)))

    def _new_origins(self, draft: Draft) -> tuple[str, ...]:
        """Give where the secret would go that its user has not confirmed; nothing while an address is half typed."""
        if self._is_new and not self._start.confirmed_origins:  # whoever adds a connection confirms what its file says
            return ()
        try:
            wanted = origins_of(self._context.engine.provider(draft.connection), draft.connection)
        except (BadUrl, FieldError):
            return ()
        return tuple(one for one in wanted if one not in self._start.confirmed_origins)

    def _show_readiness(self) -> None:
        busy = self._work is not None
        ready = not busy and not self._is_saved and self._sending.may_send
        self._form.setEnabled(not busy and not self._is_saved)
        self._buttons.name_for(person=self._needs_person())
        self._buttons.let_save(possible=ready)
        self._heading.let_choose(possible=not busy and not self._is_saved)

    def _needs_person(self) -> bool:
        return self._provider.grant(self._form.draft().connection.grant).needs_person

    def _show_error(self, error: TokendeckError) -> None:
        sentence = self._context.wording.error(error, provider=self._provider)
        passing = isinstance(error, PassingTrouble)
        self._sending.say("caution" if passing else "bad", sentence)
        self._form.setEnabled(True)
        key = field_to_blame(error, self._provider, self._form.draft().connection.grant)
        if key is not None:
            asked = not isinstance(error, UsageError)
            self._form.show_error(key, translate("ConnectionPage", "The answer points here.") if asked else sentence)

    def _lay_out(self) -> None:
        lay_out_sides(self, self._heading, self._form, self._sending, self._buttons)
