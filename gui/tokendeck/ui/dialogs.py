"""What opens over the window: the form for a connection, and questions about a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog

from tokendeck.core.errors import NoSuchConnection, TokendeckError, VaultUnavailable

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tokendeck.core.diagnosis import Diagnosis
    from tokendeck.core.provider import Provider
    from tokendeck.ui.commands import Commands
    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.diagnostics import DiagnosticsDialog


class Dialogs(QObject):
    """Opens dialogs, and tells what came of them."""

    saved = Signal(str)
    """Id of a connection that was added or edited."""

    sign_in_wanted = Signal(str)
    """Id of a connection that was saved for a person to sign in to."""

    told = Signal(str, str, object)
    """As `Commands.told`."""

    diagnosis_wanted = Signal()
    """Somebody wants to see how everything stands: answer by `show_diagnosis`."""

    def __init__(self, context: UiContext, model: ConnectionsModel, commands: Commands, window: QWidget) -> None:
        """Open them over `window`."""
        super().__init__(window)
        self._context = context
        self._model = model
        self._commands = commands
        self._window = window
        self._add_is_due = False
        self._diagnostics: DiagnosticsDialog | None = None
        commands.confirmation_wanted.connect(self._ask_about_hazard)

    def add(self, provider: str | None = None) -> None:
        """Open the form for a new connection, or the choice of a provider where none is named."""
        self._add_is_due = not self._context.has_engine
        if not self._add_is_due:
            self._open(editing=None, provider=provider)

    def begin(self) -> None:
        """Open what was wanted before there was an engine."""
        if self._add_is_due:
            self.add()

    def edit(self, connection_id: str) -> None:
        """Open the form of a connection; where its provider's file is gone, say that instead."""
        record = self._model.record(connection_id)
        if record is None or not self._context.has_engine:
            return
        try:
            provider = self._context.catalog.provider(record.connection.provider)
        except TokendeckError as error:
            self.told.emit(self._context.wording.error(error), "bad", None)
            return
        self._context.spawn(self._edit(connection_id, provider), name=f"edit {connection_id}")

    async def _edit(self, connection_id: str, provider: Provider) -> None:
        doubt = ""
        try:
            await self._context.engine.as_saved(connection_id)
        except VaultUnavailable as error:
            doubt = self._context.wording.error(error, provider=provider)
        except NoSuchConnection:
            return
        if not self._window.findChildren(QDialog):  # Edit was pressed twice
            self._open(editing=connection_id, provider=None, doubt=doubt)

    def diagnose(self) -> None:
        """Open the diagnostics, which are filled once somebody has looked."""
        from tokendeck.ui.diagnostics import DiagnosticsDialog  # not needed for the first paint

        if self._context.has_engine:
            self._diagnostics = DiagnosticsDialog(self._context, self._window)
            self._diagnostics.finished.connect(self._forget_diagnostics)
            self._diagnostics.open()
            self.diagnosis_wanted.emit()

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Show what was found; nothing happens where nobody waits for it any more."""
        if self._diagnostics is not None:
            self._diagnostics.show_diagnosis(diagnosis)

    def _forget_diagnostics(self) -> None:
        self._diagnostics = None

    def _open(self, *, editing: str | None, provider: str | None, doubt: str = "") -> None:
        from tokendeck.ui.adding.dialog import ConnectionDialog  # not needed for the first paint

        dialog = ConnectionDialog(self._context, editing=editing, provider=provider, doubt=doubt, parent=self._window)
        dialog.saved.connect(self.saved)
        dialog.sign_in_wanted.connect(self.sign_in_wanted)
        dialog.open()

    def _ask_about_hazard(self, connection_id: str, call: str, text: str) -> None:
        from tokendeck.ui.questions import ask_about_hazard  # not needed for the first paint

        record = self._model.record(connection_id)
        if record is None:
            return
        name = record.connection.name
        ask_about_hazard(self._window, name, text, lambda: self._commands.test(connection_id, call, confirmed=True))
