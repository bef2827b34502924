"""Which action does what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction

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
    connect(actions.clear_clipboard, commands.clear_clipboard)
    connect(actions.lock, window.lock)
    connect(actions.unlock, window.guide.unlock)
    connect(actions.search, window.list.focus_search)
    connect(actions.next_pane, window.workspace.next_pane)
    connect(actions.diagnose, window.dialogs.diagnose)
    connect(actions.about, lambda: _show_about(window))
    actions.orders.triggered.connect(window.sort_by)


def connect(action: QAction, slot: Callable[[], object]) -> None:
    """Have `slot` called, without the `checked` that Qt sends along."""
    action.triggered.connect(lambda _=False: slot())


def _show_about(window: MainWindow) -> None:
    from tokendeck.ui.questions import show_about  # not needed for the first paint

    show_about(window)
