"""The right side of the window: everything about the selected connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from tokendeck.core.errors import NoSuchConnection, TokendeckError, UnknownProvider, VaultUnavailable
from tokendeck.core.status import Locked, SignIn
from tokendeck.ui.detail.calls_tab import CallsTab
from tokendeck.ui.detail.header import DetailHeader
from tokendeck.ui.detail.history_tab import HistoryTab
from tokendeck.ui.detail.settings_tab import SettingsTab
from tokendeck.ui.detail.state_card import Remedy, StateCard
from tokendeck.ui.detail.subject import Subject
from tokendeck.ui.detail.token_tab import TokenTab
from tokendeck.ui.signing_in.panel import SignInPanel
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_XL

if TYPE_CHECKING:
    from tokendeck.core.connection import CallFacts, ConnectionRecord
    from tokendeck.core.verdict import Verdict
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.signing_in.attempt import SigningIn


class DetailPane(QWidget):
    """
    Shows one connection, or nothing.

    Ids go out, records come in: whoever owns the pane connects its requests and tells it of changes.
    """

    copy_requested = Signal(str)
    copy_as_requested = Signal(str, str)
    """An id and `copy_button.HEADER_FORM`."""

    test_requested = Signal(str, str)
    """An id, and a call's id or nothing."""

    refresh_requested = Signal(str)
    edit_requested = Signal(str)
    pause_requested = Signal(str)
    """Pause it, or resume it where it is paused."""

    unlock_requested = Signal()

    sign_in_requested = Signal(str)

    def __init__(self, context: UiContext, signing_in: SigningIn, parent: QWidget | None = None) -> None:
        """Start empty; an attempt to sign in is acted on through `signing_in`."""
        super().__init__(parent)
        self._context = context
        self._id = ""
        self._drawn: ConnectionRecord | None = None
        self._calls_of: object = None
        self._verdicts: dict[str, Verdict] = {}
        self._header = DetailHeader(context)
        self._state = StateCard(context)
        self._sign_in = SignInPanel(context, signing_in)
        self._tabs = QTabWidget()
        self._token = TokenTab(context)
        self._calls = CallsTab(context)
        self._history = HistoryTab(context)
        self._settings = SettingsTab(context)
        self._lay_out()
        self._connect()
        self.show_record(None)

    def show_record(self, connection_id: str | None) -> None:
        """Show this connection, as it is now; None shows nothing."""
        if (connection_id or "") != self._id:
            self.hide_secrets()
        self._id = connection_id or ""
        self._content.setVisible(bool(self._id))
        self._show_now()

    def tick(self) -> None:
        """Show what a second has changed."""
        if self.isVisible() and self._id:
            self._show_now()

    def record_changed(self, connection_id: str) -> None:
        """Show the connection anew if it is the one shown."""
        if connection_id == self._id:
            self._show_now()

    def vault_changed(self) -> None:
        """Show what can be read now."""
        self.hide_secrets()
        self._show_now()

    def verdict_arrived(self, connection_id: str, verdict: Verdict) -> None:
        """Keep a verdict for as long as the window lives, and show it."""
        self._verdicts[connection_id] = verdict
        self.record_changed(connection_id)

    def hide_secrets(self) -> None:
        """Mask the token at once: the screen locks, the user leaves."""
        self._token.token.hide_token()

    def show_sign_in(self) -> None:
        """Put the keyboard into the attempt to sign in."""
        self._show_now()
        self._sign_in.focus_first()

    def toggle_token(self) -> None:
        """Go to the token and show it for ten seconds, or mask it."""
        self._tabs.setCurrentWidget(self._token)
        self._token.token.toggle()

    def show_calls(self) -> None:
        """Go to the test calls, where the verdict is."""
        self._tabs.setCurrentWidget(self._calls)

    def _show_now(self) -> None:
        if not self._id or not self._context.has_engine:
            return
        engine = self._context.engine
        try:
            record = engine.record(self._id)
        except NoSuchConnection:
            self._id = ""
            self._content.hide()
            return
        connection = record.connection
        try:
            provider, grant = engine.provider(connection), engine.grant(connection)
            subject = Subject(record, provider, grant, engine.status(self._id), self._context.now())
        except TokendeckError as error:
            self._header.show_name(connection.name)
            self._header.let_act(possible=False)
            self._state.show_trouble(self._context.wording.error(error), _way_out(error))
            self._sign_in.hide()
            self._tabs.hide()
            return
        self._show_subject(subject)

    def _show_subject(self, subject: Subject) -> None:
        self._tabs.show()
        self._header.show_subject(subject)
        self._header.let_act(possible=not isinstance(subject.status, Locked))
        self._sign_in.show_subject(subject)
        self._state.show_subject(subject, signing_in=not self._sign_in.isHidden())
        # While somebody signs in to get the first token, the panel says what to do.
        self._state.setVisible(self._sign_in.isHidden() or not isinstance(subject.status, SignIn))
        self._token.show_subject(subject)
        self._calls.show_subject(subject)
        self._calls.show_verdict(self._verdicts.get(self._id), subject.provider)
        if self._tabs.currentWidget() is self._settings:  # 40 ms where the request is laid out, which nobody sees now
            self._settings.show_subject(subject)
        calls_of = (self._id, subject.record.last_call)
        if calls_of != self._calls_of:
            self._calls_of = calls_of
            self._context.spawn(self._read_history(subject), name="read the history of calls")

    async def _read_history(self, subject: Subject) -> None:
        calls: tuple[CallFacts, ...] = ()
        try:
            calls = await self._context.engine.history(subject.connection.id)
        except VaultUnavailable as error:
            self._state.show_trouble(self._context.wording.error(error))
            return
        if subject.connection.id == self._id:
            self._token.show_calls(calls)
            self._history.show_calls(subject, calls)

    def _remedy(self, remedy: Remedy) -> None:
        match remedy:
            case Remedy.REFRESH:
                self.refresh_requested.emit(self._id)
            case Remedy.TEST:
                self.test_requested.emit(self._id, "")
            case Remedy.EDIT:
                self.edit_requested.emit(self._id)
            case Remedy.RESUME:
                self.pause_requested.emit(self._id)
            case Remedy.SIGN_IN:
                self.sign_in_requested.emit(self._id)
            case Remedy.UNLOCK:
                self.unlock_requested.emit()
            case _:
                assert_never(remedy)

    def _connect(self) -> None:
        self._header.copy_requested.connect(lambda: self.copy_requested.emit(self._id))
        self._header.copy_as_requested.connect(lambda form: self.copy_as_requested.emit(self._id, form))
        self._header.test_requested.connect(lambda: self.test_requested.emit(self._id, ""))
        self._calls.test_requested.connect(lambda call: self.test_requested.emit(self._id, call))
        self._tabs.currentChanged.connect(lambda _: self._show_now())
        self._settings.edit_requested.connect(lambda: self.edit_requested.emit(self._id))
        self._settings.pause_requested.connect(lambda: self.pause_requested.emit(self._id))
        self._state.remedy_requested.connect(self._remedy)

    def _lay_out(self) -> None:
        theme = self._context.theme
        for page, name in (
            (self._token, translate("DetailPane", "Token")),
            (self._calls, translate("DetailPane", "Test calls")),
            (self._history, translate("DetailPane", "History")),
            (self._settings, translate("DetailPane", "Settings")),
        ):
            self._tabs.addTab(page, name)
            page.setAccessibleName(name)
        bar = self._tabs.tabBar()
        for part in (self._tabs, bar):
            part.setAccessibleName(translate("DetailPane", "Parts of the connection"))
        bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bar.setDrawBase(False)
        self._content = QWidget()
        rows = QVBoxLayout(self._content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.px(SPACE_L))
        top = QVBoxLayout()
        top.setContentsMargins(theme.px(SPACE_XL), theme.px(SPACE_L), theme.px(SPACE_XL), 0)
        top.setSpacing(theme.px(SPACE_L))
        top.addWidget(self._header)
        top.addWidget(self._state)
        top.addWidget(self._sign_in)
        rows.addLayout(top)
        rows.addWidget(self._tabs, 1)
        rows.addStretch(0)  # takes the room where there are no tabs
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._content)


def _way_out(error: TokendeckError) -> str:
    """Say what to do about a connection of which nothing but its name is known."""
    if isinstance(error, UnknownProvider):
        return translate(
            "DetailPane", "Put the provider's file back and start Tokendeck again, or delete this connection."
        )
    return ""
