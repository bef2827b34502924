"""One of a row's icons, painted: by the delegate in every row, and by the buttons on the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from tokendeck.core.status import SignIn
from tokendeck.ui.connections.geometry import RowAction
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Colors

ICONS = {RowAction.COPY: "copy", RowAction.TEST: "play", RowAction.REFRESH: "refresh-cw"}
ICON_PX = 15
RADIUS_PX = 6


def action_name(action: RowAction) -> str:
    """Give what an icon does, in words."""
    return {
        RowAction.COPY: translate("ConnectionsView", "Copy token"),
        RowAction.TEST: translate("ConnectionsView", "Test"),
        RowAction.REFRESH: translate("ConnectionsView", "Refresh now"),
    }[action]


def leads_to_sign_in(context: UiContext, model: ConnectionsModel, connection_id: str) -> bool:
    """Tell whether only a person can bring the connection a token, so that Refresh begins to sign in."""
    record = model.record(connection_id)
    return record is not None and isinstance(model.status(record, context.now()), SignIn)


class Press(NamedTuple):
    """What mouse and keyboard are doing to an icon."""

    hovered: bool = False
    pressed: bool = False
    focused: bool = False


def paint_action(
    context: UiContext,
    painter: QPainter,
    rect: QRectF,
    action: RowAction,
    model: ConnectionsModel,
    connection_id: str,
    press: Press,
    colors: Colors,
) -> None:
    """Paint an icon as it stands: a fresh copy is a tick, a test under way an hourglass."""
    theme = context.theme
    name, ink, ground = ICONS[action], colors.neutral, None
    if press.pressed:
        ink, ground = colors.text, colors.pressed
    elif press.hovered:
        ink, ground = colors.text, colors.hover
    if action is RowAction.COPY and model.copied == connection_id:
        name, (ink, ground) = "check", colors.tone("good")
    if action is RowAction.TEST and connection_id in model.testing:
        name, (ink, ground) = "hourglass", colors.tone("accent")
    if action is RowAction.REFRESH and leads_to_sign_in(context, model, connection_id):
        name = "log-in"
    if ground is not None or press.focused:
        painter.setPen(QPen(colors.accent, 2) if press.focused else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if ground is None else ground)
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), theme.px(RADIUS_PX), theme.px(RADIUS_PX))
    draw_icon(context, painter, rect, name, ink, theme.px(ICON_PX))


def draw_icon(context: UiContext, painter: QPainter, rect: QRectF, name: str, color: QColor, size: float) -> None:
    """Draw an icon in the middle of `rect`, on whole device pixels."""
    scale = painter.device().devicePixelRatioF()
    left = round((rect.center().x() - size / 2) * scale) / scale
    top = round((rect.center().y() - size / 2) * scale) / scale
    painter.drawPixmap(QPointF(left, top), context.icons.pixmap(name, color, size, scale))
