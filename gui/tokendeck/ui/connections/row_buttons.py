"""The selected row's icons as real buttons, for keyboard and screen readers: neither can press a painted one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QWidget

from tokendeck.ui.connections.action_icon import Press, action_name, leads_to_sign_in, paint_action
from tokendeck.ui.connections.geometry import RowAction
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QWheelEvent
    from PySide6.QtWidgets import QAbstractItemView

    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext

PRESS = {Qt.Key.Key_Space, Qt.Key.Key_Select, Qt.Key.Key_Return, Qt.Key.Key_Enter}


class RowButton(QAbstractButton):
    """A button that looks exactly like the icon that is painted in other rows."""

    def __init__(self, context: UiContext, model: ConnectionsModel, action: RowAction, parent: QWidget) -> None:
        """Do `action` for the connection that `serve` names."""
        super().__init__(parent)
        self._context = context
        self._model = model
        self._action = action
        self._connection_id = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def serve(self, connection_id: str, name: str) -> None:
        """Act for this connection, and be named after it."""
        self._connection_id = connection_id
        words = {
            RowAction.COPY: translate("ConnectionsView", "Copy a token of {name}"),
            RowAction.TEST: translate("ConnectionsView", "Test {name}"),
            RowAction.REFRESH: translate("ConnectionsView", "Refresh {name}"),
        }
        template, tip = words[self._action], action_name(self._action)
        if self._action is RowAction.REFRESH and leads_to_sign_in(self._context, self._model, connection_id):
            template = translate("ConnectionsView", "Sign in to {name}")
            tip = translate("ConnectionsView", "Sign in")
        self.setToolTip(tip)
        spoken = template.format(name=name)
        if spoken != self.accessibleName():
            self.setAccessibleName(spoken)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Be pressed by Space and Enter; every other key is the list's."""
        if event.key() in PRESS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.click()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's signature
        """Paint as the delegate does."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        press = Press(self.underMouse(), self.isDown(), self.hasFocus())
        colors, rect = self._context.theme.selected, QRectF(self.rect())
        paint_action(self._context, painter, rect, self._action, self._model, self._connection_id, press, colors)
        painter.end()


class RowButtons(QWidget):
    """
    Three buttons that stand exactly where the painted icons would.

    They lie over the list and not in it: to a screen reader a list has nothing but rows.
    """

    acted = Signal(RowAction)

    def __init__(self, context: UiContext, model: ConnectionsModel, view: QAbstractItemView, parent: QWidget) -> None:
        """Make the buttons; `place` puts them into a row of `view`."""
        super().__init__(parent)
        self._model = model
        self._view = view
        self._over = parent
        self._buttons = {action: RowButton(context, model, action, self) for action in RowAction}
        for action, button in self._buttons.items():
            button.clicked.connect(lambda _=False, one=action: self.acted.emit(one))

    @property
    def stops(self) -> list[QWidget]:
        """The buttons, in their order."""
        return list(self._buttons.values())

    def place(self, rects: list[QRectF]) -> None:
        """Stand in these rectangles of the view's viewport, and cover nothing beside it."""
        viewport = self._view.viewport()
        seen = rects[0].united(rects[-1]).toAlignedRect().intersected(viewport.rect())
        self.setGeometry(seen.translated(viewport.mapTo(self._over, QPoint())))
        for button, rect in zip(self._buttons.values(), rects, strict=True):
            button.setGeometry(rect.toAlignedRect().translated(-seen.topLeft()))
        self.setVisible(not seen.isEmpty())

    def serve(self, connection_id: str) -> None:
        """Act for this connection."""
        record = self._model.record(connection_id)
        if record is not None:
            for button in self._buttons.values():
                button.serve(connection_id, record.connection.name)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll the list."""
        QCoreApplication.sendEvent(self._view.viewport(), event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Do in the list what a key does there."""
        QCoreApplication.sendEvent(self._view, event)
