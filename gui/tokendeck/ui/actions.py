"""Everything that a menu or a key does: one `QAction` each, with a name, a shortcut and a place in a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from tokendeck.ui.connections.model import Order
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenuBar, QWidget

    from tokendeck.ui.context import UiContext


class Actions(QObject):
    """The window's actions, by name. Connect their `triggered`."""

    def __init__(self, context: UiContext, window: QWidget) -> None:
        """Make them; shortcuts work anywhere in `window`, but for those that only the list has."""
        super().__init__(window)
        self._context = context
        self._window = window
        self._icons: list[tuple[QAction, str]] = []
        add = self._add
        self.new = add(translate("Actions", "&New connection…"), "Ctrl+N", icon="plus")
        self.edit = add(translate("Actions", "&Edit…"), "F2", "Ctrl+E", icon="pencil")
        self.pause = add(translate("Actions", "&Pause"))
        self.delete = add(translate("Actions", "&Delete"), "Del", icon="trash", list_only=True)
        self.undo = add(translate("Actions", "&Undo delete"), "Ctrl+Z", list_only=True)
        self.close = add(translate("Actions", "&Close"), "Ctrl+W")
        self.quit = add(translate("Actions", "&Quit"), "Ctrl+Q", role=QAction.MenuRole.QuitRole)
        self.copy = add(translate("Actions", "&Copy token"), "Ctrl+C", icon="copy", list_only=True)
        self.copy_header = add(translate("Actions", "Copy Authorization &header"), "Ctrl+Shift+C")
        self.test = add(translate("Actions", "&Test"), "Ctrl+Return", "Ctrl+Enter", icon="play")
        self.refresh = add(translate("Actions", "&Refresh now"), "Ctrl+R", "F5", icon="refresh-cw")
        self.sign_in = add(translate("Actions", "S&ign in…"), icon="log-in")
        self.refresh_all = add(translate("Actions", "Refresh &all due"), "Ctrl+Shift+R")
        self.reveal = add(translate("Actions", "&Show or hide the token"), "Ctrl+H", icon="eye")
        self.clear_clipboard = add(translate("Actions", "Clear c&lipboard now"), "Ctrl+Shift+X")
        self.lock = add(translate("Actions", "&Lock"), "Ctrl+L", icon="lock")
        self.unlock = add(translate("Actions", "Un&lock…"), icon="unlock")
        self.search = add(translate("Actions", "&Search"), "Ctrl+F", "F3", icon="search")
        self.next_pane = add(translate("Actions", "Next &pane"), "F6")
        self.diagnose = add(translate("Actions", "Copy &diagnostics…"))
        self.about = add(translate("Actions", "&About Tokendeck"), role=QAction.MenuRole.AboutRole)
        self.orders = QActionGroup(self)
        for order, words in (
            (Order.NAME, translate("Actions", "Sort by &name")),
            (Order.EXPIRY, translate("Actions", "Sort by &expiry")),
            (Order.PROVIDER, translate("Actions", "Sort by p&rovider")),
        ):
            one = add(words)
            one.setCheckable(True)
            one.setData(order.value)
            self.orders.addAction(one)

    def dress(self) -> None:
        """Give the menus their icons, which nobody sees before a menu is open."""
        while self._icons:
            action, icon = self._icons.pop()
            self._context.icons.dress(action, icon, "quiet")

    def of_connection(self) -> tuple[QAction, ...]:
        """Give those that need a selected connection."""
        return (self.edit, self.pause, self.delete, self.copy, self.copy_header, self.reveal, self.test, self.refresh)

    def fill(self, bar: QMenuBar) -> None:
        """Put every action into a menu."""
        menus: tuple[tuple[str, tuple[QAction | None, ...]], ...] = (
            (
                translate("Actions", "&Connection"),
                (self.new, None, self.edit, self.pause, self.delete, self.undo, None, self.close, self.quit),
            ),
            (
                translate("Actions", "&Token"),
                (
                    *(
                        self.copy,
                        self.copy_header,
                        self.reveal,
                        None,
                        self.test,
                        self.refresh,
                        self.sign_in,
                        self.refresh_all,
                        None,
                    ),
                    *(self.clear_clipboard, None, self.lock, self.unlock),
                ),
            ),
            (
                translate("Actions", "&View"),
                (self.search, self.next_pane, None, *self.orders.actions()),
            ),
            (translate("Actions", "&Help"), (self.diagnose, None, self.about)),
        )
        for title, actions in menus:
            menu = bar.addMenu(title)
            for action in actions:
                menu.addSeparator() if action is None else menu.addAction(action)

    def give_list(self, rows: QWidget) -> None:
        """Let the list have the keys that elsewhere mean something else, such as Ctrl+C."""
        for action in (self.copy, self.delete, self.undo):
            rows.addAction(action)

    def _add(
        self,
        words: str,
        *keys: str,
        icon: str = "",
        list_only: bool = False,
        role: QAction.MenuRole = QAction.MenuRole.NoRole,
    ) -> QAction:
        action = QAction(words, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setMenuRole(role)
        if icon:
            self._icons.append((action, icon))
        if list_only:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        else:
            self._window.addAction(action)
        return action
