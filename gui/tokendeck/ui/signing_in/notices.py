"""Word of grants that died while nobody asked for anything: only a person can bring the next token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from tokendeck.core.connection import TroubleKind
from tokendeck.core.trouble import error_from
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from datetime import datetime

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.ui.commands import Commands
    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext


class SignInNotices(QObject):
    """Tells once of each, with the button that helps; whoever asked for a token hears of it by the command."""

    told_about = Signal(str, str, str, object)
    """As `Commands.told_about`."""

    def __init__(self, context: UiContext, model: ConnectionsModel, commands: Commands, window: QWidget) -> None:
        """Tell of nothing that is known already: the list shows it."""
        super().__init__(window)
        self._window = window
        self._context = context
        self._model = model
        self._commands = commands
        self._known: dict[str, datetime] = {}
        for record in context.engine.records():
            self._is_news(record)

    def look(self, connection_id: str) -> None:
        """Tell where a connection's grant has died since it was last looked at."""
        record = self._model.record(connection_id)
        if not self._is_news(record) or self._commands.is_asking(connection_id):
            return
        assert record is not None
        assert record.trouble is not None
        provider, now = self._model.provider(record), self._context.now().wall
        sentence = self._context.wording.error(error_from(record.trouble, "", now), provider=provider)
        words = translate("SignInNotices", "{name}: {sentence}").format(name=record.connection.name, sentence=sentence)
        sign_in = (
            translate("SignInNotices", "Sign in"),
            lambda: self._commands.sign_in_wanted.emit(connection_id),
        )
        self.told_about.emit(connection_id, words, "bad", sign_in)
        QApplication.alert(self._window)

    def _is_news(self, record: ConnectionRecord | None) -> bool:
        """Remember when the grant died; tell whether that was not known."""
        if record is None or record.trouble is None or record.trouble.kind is not TroubleKind.SIGN_IN:
            return False
        at = record.trouble.at
        is_known = self._known.get(record.connection.id) == at
        self._known[record.connection.id] = at
        return not is_known
