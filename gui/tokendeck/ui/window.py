"""The main window: puts the parts together, and passes on what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from tokendeck.core.errors import TokendeckError
from tokendeck.core.vault import VaultOpening, VaultShut, VaultState
from tokendeck.ui.actions import Actions
from tokendeck.ui.announce import announce
from tokendeck.ui.commands import Commands
from tokendeck.ui.connections.geometry import RowAction
from tokendeck.ui.connections.model import ConnectionsModel, Order
from tokendeck.ui.detail_side import DetailSide
from tokendeck.ui.dialogs import Dialogs
from tokendeck.ui.footer import Footer
from tokendeck.ui.list_panel import ListPanel
from tokendeck.ui.remembered import Remembered
from tokendeck.ui.tab_order import step, tab_stops
from tokendeck.ui.text import translate
from tokendeck.ui.ticker import Ticker
from tokendeck.ui.toasts import Toasts
from tokendeck.ui.vault_guide import VaultGuide
from tokendeck.ui.wiring import connect_actions, connect_engine
from tokendeck.ui.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QAction, QCloseEvent, QHideEvent, QShowEvent

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.listing import Listing
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.ports import Issuers, Spawn

FIRST_SIZE_PX = (1320, 760)
NARROWEST_PX = (480, 420)


class MainWindow(QMainWindow):
    """
    Shows records at once, and everything else once `attach` has brought the engine.

    Closing it asks for the end of the program by `closed`; it ends nothing itself.
    """

    closed = Signal()
    """The window has closed: drain, then end."""

    sandbox_wanted = Signal()
    """Somebody wants to look around in the built-in sandbox."""

    def __init__(self, context: UiContext, records: Listing | Iterable[ConnectionRecord]) -> None:
        """Show `records`."""
        super().__init__()
        self._context = context
        self._remembered = Remembered(context.settings_path)
        self.setWindowTitle(translate("MainWindow", "Tokendeck"))
        self.model = ConnectionsModel(context, records, self)
        self.commands = Commands(context, self.model, self)
        self.dialogs = Dialogs(context, self.model, self.commands, self)
        self.guide = VaultGuide(context, self)
        self.actions_ = Actions(context, self)
        self.list = ListPanel(context, self.model)
        self.detail = DetailSide(context, self.guide)
        self.workspace = Workspace(context, self.list, self.detail)
        self.footer = Footer(context)
        self.ticker = Ticker(context.now, self)
        self._lay_out()
        self.toasts = Toasts(context, self.workspace)
        self.workspace.resized.connect(self.toasts.arrange)
        self._connect()
        self._restore()

    # What the composition root calls

    def attach(self, engine: RefreshEngine, spawn: Spawn, issuers: Issuers) -> None:
        """Bring the engine to life in the window: its records, its events, the detail."""
        self._context.attach(engine, spawn, issuers)
        connect_engine(self, self._context, engine)
        self.model.set_records(engine.records())
        self.model.warm()
        self._context.icons.be_ready_for_other_screens()
        self.actions_.dress()
        self.show_vault(engine.vault_state)
        self._select(self.list.view.current_id)
        self.dialogs.begin()

    def show_vault(self, state: VaultState) -> None:
        """Show how the vault stands."""
        title, _ = self._context.wording.vault(state)
        was_open, shut = not self.detail.is_covered, isinstance(state, VaultShut)
        self.footer.show_vault(title)
        self.detail.show_vault(state)
        self.actions_.lock.setVisible(not shut)
        self.actions_.unlock.setVisible(shut)
        if not isinstance(state, VaultOpening):
            announce(self, title, urgent=shut)
        if shut:
            self.workspace.show_detail()
        if shut and was_open:
            self.toasts.clear()  # what they tell of is covered now
        self._show_sides()
        self.list.view.viewport().update()

    # Commands of the window

    def lock(self) -> None:
        """Drop the data key, mask everything, clear the clipboard."""
        self._context.curtain.fall()
        if self._context.has_engine:
            self._context.engine.lock()

    def toggle_pause(self, connection_id: str) -> None:
        """Pause a connection, or resume it where it is paused."""
        record = self.model.record(connection_id)
        if record is not None:
            self.commands.set_paused(record.connection.id, paused=not record.connection.paused)

    def sort_by(self, action: QAction) -> None:
        """Sort as one of `Actions.orders` says."""
        self.model.set_order(Order(action.data()))

    def _show_connection(self, connection_id: str) -> None:
        """Select a connection, whatever the search hides."""
        self.take_in(connection_id)
        if self.model.row_of(connection_id) is None:
            self.list.search.clear()
        self.list.view.select(connection_id)

    def _show_saved(self, connection_id: str) -> None:
        self._show_connection(connection_id)
        self.list.focus_list()

    def _show_verdict(self, connection_id: str) -> None:
        self._show_connection(connection_id)
        self.workspace.show_detail()
        self.detail.show_calls()

    def show_sign_in(self, connection_id: str) -> None:
        """Show the attempt to sign in to a connection."""
        self._show_connection(connection_id)
        self.workspace.show_detail()
        self.detail.show_sign_in()

    def come_forward(self) -> None:
        """Be seen again: somebody comes back from the browser."""
        if self.isMinimized():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    # What the parts say

    def take_in(self, connection_id: str) -> None:
        try:
            self.model.put(self._context.engine.record(connection_id))
        except TokendeckError:
            self.model.remove(connection_id)

    def _act(self, connection_id: str, action: RowAction) -> None:
        match action:
            case RowAction.COPY:
                self.commands.copy(connection_id)
            case RowAction.TEST:
                self.commands.test(connection_id)
            case RowAction.REFRESH:
                self.commands.refresh(connection_id)
            case _:
                assert_never(action)

    def _select(self, connection_id: str) -> None:
        self.detail.show_connection(connection_id)
        self._show_possible()

    def _show_possible(self) -> None:
        """Switch off what needs a connection while none is selected."""
        record = self.model.record(self.list.view.current_id)
        for action in self.actions_.of_connection():
            action.setEnabled(record is not None)
        paused = record is not None and record.connection.paused
        words = translate("Actions", "&Resume") if paused else translate("Actions", "&Pause")
        self.actions_.pause.setText(words)

    def _show_sides(self) -> None:
        """Without a connection, leave the window to whatever page says what to do."""
        empty_page = self.detail if self.detail.is_covered else self.list
        self.workspace.leave_alone(None if self.model.total else empty_page)

    def _tick(self) -> None:
        self.list.view.tick()
        self.detail.tick()
        self._show_activity()

    def _show_activity(self) -> None:
        upcoming = self._context.engine.next_renewal() if self._context.has_engine else None
        record = None if upcoming is None else self.model.record(upcoming[0])
        provider = None if record is None else self.model.provider(record)
        if upcoming is None or provider is None:
            self.footer.show_activity(self.model.total)
            return
        line = f"{self._context.wording.countdown(timedelta(seconds=upcoming[1]))} · {provider.name}"
        self.footer.show_activity(self.model.total, line)

    # Putting together

    def _lay_out(self) -> None:
        self.actions_.fill(self.menuBar())
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.workspace, 1)
        rows.addWidget(self.footer)
        self.setCentralWidget(whole)
        self.setMinimumSize(*map(self._context.theme.px, NARROWEST_PX))

    def _connect(self) -> None:
        view, commands = self.list.view, self.commands
        self.actions_.give_list(self.list.rows)
        view.acted.connect(self._act)
        view.current_changed.connect(self._select)
        view.opened.connect(self.workspace.open_detail)
        self.list.add_wanted.connect(self.dialogs.add)
        self.list.sandbox_wanted.connect(self.sandbox_wanted)
        self.workspace.narrowed.connect(lambda narrow: self.footer.make_room(narrow=narrow))
        self.model.counted.connect(self._show_activity)
        self.model.counted.connect(self._show_sides)
        view.current_altered.connect(self._show_possible)
        commands.told.connect(self.toasts.say)
        commands.told_about.connect(self.toasts.say_about)
        commands.copied.connect(self.footer.say_copied)
        commands.verdict_wanted.connect(self._show_verdict)
        self.dialogs.saved.connect(self._show_saved)
        for one in (self.dialogs, self.guide):
            one.told.connect(self.toasts.say)
        self.ticker.ticked.connect(self._tick)
        self._context.theme.changed.connect(view.dress_again)
        connect_actions(self)
        self.actions_.unlock.setVisible(False)

    # Life, as Qt tells it

    def focusNextPrevChild(self, onwards: bool) -> bool:  # noqa: FBT001, N802 - Qt's signature
        """Go by Tab from search to list, detail, toolbar, footer, and round."""
        stops = [*self.workspace.tab_stops(), *tab_stops(self.footer)]
        return step(stops, self.focusWidget(), onwards=onwards) or super().focusNextPrevChild(onwards)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's spelling
        """Let the clock run."""
        super().showEvent(event)
        self.ticker.run(wanted=not self.isMinimized())

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's spelling
        """Stop the clock, and mask what was revealed."""
        super().hideEvent(event)
        self.ticker.run(wanted=False)
        self.detail.hide_secrets()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's spelling
        """Stop the clock and mask what was revealed while the window is minimised."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self.ticker.run(wanted=self.isVisible() and not self.isMinimized())
            if self.isMinimized():
                self.detail.hide_secrets()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's spelling
        """Remember, clear the clipboard, and ask for the end."""
        self._remembered.keep("geometry", self.saveGeometry())
        self._remembered.keep("splitter", self.workspace.save_state())
        self._remembered.keep("order", self.model.order.value)
        self._remembered.keep("selected", self.list.view.current_id)
        self._remembered.save()
        self._context.clipboard.clear_now()
        super().closeEvent(event)
        self.closed.emit()

    def _restore(self) -> None:
        self.resize(QSize(*map(self._context.theme.px, FIRST_SIZE_PX)))
        remembered = self._remembered
        if not remembered.bytes("geometry").isEmpty():
            self.restoreGeometry(remembered.bytes("geometry"))
        self.workspace.restore_state(remembered.bytes("splitter"))
        for action in self.actions_.orders.actions():
            if action.data() == (remembered.text("order") or Order.NAME.value):
                action.setChecked(True)
                self.sort_by(action)
        if not self.list.view.select(remembered.text("selected")) and self.model.rowCount():
            self.list.view.select(self.model.id_at(0))
        self.list.view.setFocus()
        self._show_possible()
        self._show_activity()
        self._show_sides()
