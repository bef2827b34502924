"""The selected row's icons as real buttons, for keyboard and screen readers, neither of which can press painted ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from tokendeck.ui.connections.delegate import ICON_PX, ICONS
from tokendeck.ui.connections.geometry import RowAction
from tokendeck.ui.text import translate
from tokendeck.ui.theme import set_kind

if TYPE_CHECKING:
    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext


def action_name(action: RowAction) -> str:
    """Give what an icon does, in words."""
    return {
        RowAction.COPY: translate("ConnectionsView", "Copy token"),
        RowAction.TEST: translate("ConnectionsView", "Test"),
        RowAction.REFRESH: translate("ConnectionsView", "Refresh now"),
    }[action]


class RowButtons(QWidget):
    """Three buttons that stand exactly where the painted icons would."""

    acted = Signal(RowAction)

    def __init__(self, context: UiContext, parent: QWidget) -> None:
        """Make the buttons; `place` puts them into a row."""
        super().__init__(parent)
        self._context = context
        self._buttons: dict[RowAction, QToolButton] = {}
        for action in RowAction:
            button = QToolButton(self)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAutoRaise(True)
            button.setToolTip(action_name(action))
            set_kind(button, "icon")
            button.clicked.connect(lambda _=False, one=action: self.acted.emit(one))
            self._buttons[action] = button
        self.setFocusProxy(self._buttons[RowAction.COPY])

    def place(self, rects: list[QRectF]) -> None:
        """Stand in these rectangles of the viewport."""
        whole = rects[0].united(rects[-1]).toAlignedRect()
        self.setGeometry(whole)
        size = self._context.theme.px(ICON_PX)
        for button, rect in zip(self._buttons.values(), rects, strict=True):
            button.setIconSize(button.iconSize().scaled(size, size, Qt.AspectRatioMode.IgnoreAspectRatio))
            button.setGeometry(rect.toAlignedRect().translated(-whole.topLeft()))

    def show_state(self, model: ConnectionsModel, connection_id: str) -> None:
        """Show a fresh copy and a test under way; name the buttons after the connection."""
        record = model.record(connection_id)
        if record is None:
            return
        named = translate("ConnectionsView", "{action}: {name}")
        for action, button in self._buttons.items():
            button.setAccessibleName(named.format(action=action_name(action), name=record.connection.name))
            name, role, tone = ICONS[action], "neutral", ""
            if action is RowAction.COPY and model.copied == connection_id:
                name, role, tone = "check", "good", "good"
            if action is RowAction.TEST and connection_id in model.testing:
                name, role, tone = "hourglass", "accent", "accent"
            self._context.icons.dress(button, name, role)
            set_kind(button, "icon", tone="good" if tone == "good" else "accent" if tone else "")
