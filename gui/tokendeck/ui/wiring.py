"""Which action does what, and who hears of what the engine tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction

    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.window import MainWindow


def connect_actions(window: MainWindow) -> None:
    """Connect every action of the window."""
    view, actions, commands = window.list.view, window.actions_, window.commands
    connect(actions.new, window.dialogs.add)
    connect(actions.edit, lambda: window.dialogs.edit(view.current_id))
    connect(actions.pause, lambda: window.toggle_pause(view.current_id))
    connect(actions.delete, lambda: commands.delete(view.current_id))
    connect(actions.undo, commands.undo_last_delete)
    connect(actions.close, window.close)
    connect(actions.quit, window.close)
    connect(actions.copy, lambda: commands.copy(view.current_id))
    connect(actions.copy_header, lambda: commands.copy_header(view.current_id))
    connect(actions.test, lambda: commands.test(view.current_id))
    connect(actions.refresh, lambda: commands.refresh(view.current_id))
    connect(actions.refresh_all, commands.refresh_all_due)
    connect(actions.reveal, lambda: _reveal(window))
    connect(actions.clear_clipboard, commands.clear_clipboard)
    connect(actions.lock, window.lock)
    connect(actions.unlock, window.guide.unlock)
    connect(actions.search, window.list.focus_search)
    connect(actions.next_pane, window.workspace.next_pane)
    connect(actions.diagnose, window.dialogs.diagnose)
    connect(actions.about, lambda: _show_about(window))
    actions.orders.triggered.connect(window.sort_by)


def connect_engine(window: MainWindow, context: UiContext, engine: RefreshEngine) -> None:
    """Bring the detail, and let every part hear what the engine tells."""
    from tokendeck.ui.bridge import EngineBridge  # none of these is needed for the first paint
    from tokendeck.ui.detail.pane import DetailPane
    from tokendeck.ui.signing_in.attempt import SigningIn
    from tokendeck.ui.signing_in.notices import SignInNotices

    commands = window.commands
    signing_in = SigningIn(context, window)
    pane = DetailPane(context, signing_in)
    bridge = EngineBridge(engine, window)
    notices = SignInNotices(context, window.model, commands, window)
    notices.told_about.connect(window.toasts.say_about)
    bridge.record_changed.connect(window.take_in)
    bridge.record_changed.connect(notices.look)
    bridge.record_changed.connect(pane.record_changed)
    bridge.status_changed.connect(window.take_in)
    bridge.status_changed.connect(pane.record_changed)
    bridge.record_removed.connect(window.model.remove)
    bridge.vault_changed.connect(window.show_vault)
    bridge.warned.connect(commands.warn)
    pane.copy_requested.connect(commands.copy)
    pane.copy_as_requested.connect(lambda connection_id, _: commands.copy_header(connection_id))
    pane.pause_requested.connect(window.toggle_pause)
    pane.test_requested.connect(commands.test)
    pane.refresh_requested.connect(commands.refresh)
    pane.edit_requested.connect(window.dialogs.edit)
    pane.unlock_requested.connect(window.guide.unlock)
    pane.sign_in_requested.connect(signing_in.begin)
    commands.sign_in_wanted.connect(signing_in.begin)
    commands.verdict_arrived.connect(pane.verdict_arrived)
    window.dialogs.sign_in_wanted.connect(signing_in.begin)
    connect(window.actions_.sign_in, lambda: signing_in.begin(window.list.view.current_id))
    signing_in.told.connect(window.toasts.say)
    signing_in.begun.connect(window.show_sign_in)
    signing_in.came_back.connect(window.come_forward)
    window.detail.bring_pane(pane)


def connect(action: QAction, slot: Callable[[], object]) -> None:
    """Have `slot` called, without the `checked` that Qt sends along."""
    action.triggered.connect(lambda _=False: slot())


def _reveal(window: MainWindow) -> None:
    window.workspace.show_detail()
    window.detail.toggle_token()


def _show_about(window: MainWindow) -> None:
    from tokendeck.ui.questions import show_about  # not needed for the first paint

    show_about(window)
