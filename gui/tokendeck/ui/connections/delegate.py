"""Paints a row. Whatever can be kept between two paints is kept: fonts, metrics, pens, pixmaps, geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from tokendeck.ui.connections.action_icon import Press, draw_icon, paint_action
from tokendeck.ui.connections.geometry import Geometry, RowAction, Ruler
from tokendeck.ui.connections.look import Look, Ring, RingKind, look_at
from tokendeck.ui.connections.model import RECORD_ROLE, ConnectionsModel
from tokendeck.ui.monogram import paint_monogram, unknown_monogram
from tokendeck.ui.text import translate
from tokendeck.ui.theme import RADIUS_BADGE, SPACE_S

if TYPE_CHECKING:
    from PySide6.QtGui import QFont
    from PySide6.QtWidgets import QAbstractItemView

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.ui.connections.model import AnyIndex
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import FontKind

SHAPE_ICON_SHARE = 0.65
RING_WIDTH_PX = 2.6
WIDEST_BADGE_SHARE = 0.6
"""Of the line that it shares with the provider's name, where both do not fit."""

FULL_TURN = 360 * 16
"""Qt counts angles in sixteenths of a degree."""

LEFT_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ExpiryDelegate(QStyledItemDelegate):
    """
    Paints connections; `hovered`, `pressed` and `buttons_row` are set by the view.

    What is selected or has the keyboard, the view is asked, not the option: its state is a flag of `QStyle`, and that
    class with all its enums takes 6 ms to load.
    """

    def __init__(self, context: UiContext, view: QAbstractItemView) -> None:
        """Take colours, fonts and icons from `context`."""
        super().__init__(view)
        self._context = context
        self._view = view
        self.hovered: tuple[int, RowAction | None] | None = None
        self.pressed: tuple[int, RowAction] | None = None
        self.buttons_row: int | None = None
        """The row whose icons are real buttons, which paint themselves."""

        self.exposed: QRect | None = None
        """What of the viewport is painted just now; None means all of it. A tick leaves most of a row as it is."""

        self._colors = context.theme.colors
        """Those of the row that is being painted."""

        self._fonts: dict[FontKind, tuple[QFont, QFontMetricsF]] = {}
        self._monograms: dict[tuple[str, str, float], QPixmap] = {}
        self.measure_anew()

    def measure_anew(self) -> None:
        """Forget what was kept: the theme or the language is another one."""
        theme = self._context.theme
        kinds: tuple[FontKind, ...] = ("strong", "small", "small_strong", "figures")
        self._fonts = {kind: (font, QFontMetricsF(font)) for kind in kinds for font in (theme.font(kind),)}
        self._monograms.clear()
        states = (translate("ConnectionsList", "Needs attention"), translate("ConnectionsList", "Waiting 00:00"))
        mains = (translate("ConnectionsList", "never expires"), translate("ConnectionsList", "23 h 59 min"))
        quiets = (translate("ConnectionsList", "renews once unlocked"),)
        self.ruler = Ruler(theme, states=states, mains=mains, quiets=quiets)
        self.row_height = theme.row_height()

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: ARG002, N802 - Qt's signature
        """Give one height for all rows."""
        return QSize(self.ruler.narrowest, self.row_height)

    def geometry(self, rect: QRect, direction: Qt.LayoutDirection) -> Geometry:
        """Give where things stand in a row of this size."""
        return self.ruler.measure(rect.width(), rect.height(), mirrored=direction is Qt.LayoutDirection.RightToLeft)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one row."""
        model = index.model()
        assert isinstance(model, ConnectionsModel)
        record: ConnectionRecord = index.data(RECORD_ROLE)
        rect: QRect = option.rect
        geometry = self.geometry(rect, option.direction)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.topLeft())
        theme = self._context.theme
        selected = self._view.selectionModel().isSelected(index)
        self._colors = theme.selected if selected else theme.colors
        look = look_at(self._context, model, record)
        exposed = geometry.size if self.exposed is None else QRectF(self.exposed.translated(-rect.topLeft()))
        self._paint_ground(painter, geometry, index.row(), selected=selected)
        if exposed.intersects(geometry.identity):
            self._paint_name(painter, geometry, model, record)
        self._paint_expiry(painter, geometry, look)
        self._paint_state(painter, geometry, look)
        if index.row() != self.buttons_row and exposed.intersects(geometry.pressable):
            self._paint_actions(painter, geometry, model, record, index.row())
        painter.restore()

    def _paint_ground(self, painter: QPainter, geometry: Geometry, row: int, *, selected: bool) -> None:
        colors = self._context.theme.colors
        size = geometry.size
        if selected:
            painter.fillRect(size, colors.selection)
        elif self.hovered is not None and self.hovered[0] == row:
            painter.fillRect(size, colors.window)
        painter.fillRect(QRectF(0, size.bottom() - 1, size.width(), 1), colors.line)
        if selected:
            bar = self._context.theme.px(3)
            rtl = geometry.monogram.left() > size.center().x()
            painter.fillRect(QRectF(size.right() - bar if rtl else 0, 0, bar, size.height()), colors.accent)
        if self._has_keyboard(row):
            painter.setPen(QPen(colors.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(size.adjusted(2, 2, -2, -3), RADIUS_BADGE, RADIUS_BADGE)

    def _has_keyboard(self, row: int) -> bool:
        """Tell whether a row is to show that keys go there: it is current, and the focus came by a key."""
        view = self._view
        by_key = view.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        return by_key and view.hasFocus() and view.currentIndex().row() == row

    def _paint_name(
        self, painter: QPainter, geometry: Geometry, model: ConnectionsModel, record: ConnectionRecord
    ) -> None:
        theme = self._context.theme
        connection, provider = record.connection, model.provider(record)
        letters = provider.monogram if provider else unknown_monogram(connection.name)
        color = provider.color if provider else self._colors.neutral.name()
        self._draw_monogram(painter, geometry.monogram, letters, color)
        self._write(painter, geometry.name, connection.name, "strong", self._colors.text)
        place = provider.environment(connection.environment) if provider else None
        badge = place.name if place else connection.environment
        tone = self._colors.tone("caution" if place is not None and place.production else "neutral")
        room = geometry.below_name
        who = provider.name if provider else connection.provider
        beside = self._fonts["small"][1].horizontalAdvance(who) + theme.px(SPACE_S)
        most = max(room.width() - beside, room.width() * WIDEST_BADGE_SHARE)
        taken = self._paint_badge(painter, room, badge, most, *tone)
        below = room.adjusted(0, 0, -taken, 0) if self._is_mirrored(geometry) else room.adjusted(taken, 0, 0, 0)
        if below.width() > theme.px(SPACE_S * 3):
            self._write(painter, below, who, "small", self._colors.quiet)

    def _paint_badge(
        self, painter: QPainter, room: QRectF, text: str, most: float, ink: QColor, ground: QColor
    ) -> float:
        """Paint a word on its ground at the start of `room`, `most` wide at most; give the width that it took."""
        theme = self._context.theme
        _, metrics = self._fonts["small_strong"]
        pad = theme.px(5)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, most - 2 * pad))
        width = metrics.horizontalAdvance(text) + 2 * pad
        mirrored = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
        rect = QRectF(room.right() - width if mirrored else room.left(), room.top(), width, room.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect.adjusted(0, -0.5, 0, 0.5), theme.px(RADIUS_BADGE), theme.px(RADIUS_BADGE))
        self._write(painter, rect.adjusted(pad, 0, 0, 0), text, "small_strong", ink)
        return width + theme.px(6)

    def _paint_expiry(self, painter: QPainter, geometry: Geometry, look: Look) -> None:
        colors = self._colors
        self._paint_ring(painter, geometry.ring, look.ring)
        self._write(painter, geometry.main, look.main, "figures", colors.text)
        if not geometry.is_compact:
            self._write(painter, geometry.quiet, look.quiet, "small", colors.quiet)

    def _paint_ring(self, painter: QPainter, rect: QRectF, ring: Ring) -> None:
        tone, _ = self._colors.tone(ring.tone)
        if ring.kind is RingKind.INFINITY:
            draw_icon(self._context, painter, rect, "infinity", tone, rect.width())
            return
        width = RING_WIDTH_PX * rect.width() / 16
        inside = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
        pen = QPen(self._colors.ring_track, width)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if ring.kind is RingKind.DOTTED:
            pen.setColor(self._colors.quiet)
            pen.setWidthF(width * 0.8)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            turn = inside.width() * 3.14159265 / pen.widthF()
            pen.setDashPattern([0.01, turn / 9 - 0.01])
        painter.setPen(pen)
        painter.drawEllipse(inside)
        if ring.kind is RingKind.ARC:
            pen.setColor(tone)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(inside, FULL_TURN // 4, -round(FULL_TURN * ring.share) or -1)

    def _paint_state(self, painter: QPainter, geometry: Geometry, look: Look) -> None:
        theme = self._context.theme
        ink, ground = self._colors.tone(look.sign.tone)
        shape, word = geometry.shape, geometry.state
        has_verdict = bool(look.verdict) and not geometry.is_compact
        if has_verdict:
            word = QRectF(word.left(), geometry.main.top(), word.width(), geometry.main.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(shape, theme.px(RADIUS_BADGE + 1), theme.px(RADIUS_BADGE + 1))
        draw_icon(self._context, painter, shape, look.sign.icon, ink, round(shape.height() * SHAPE_ICON_SHARE))
        self._write(painter, word, look.state, "figures", ink)
        if has_verdict:
            color = self._colors.quiet if look.verdict_tone == "neutral" else self._colors.tone(look.verdict_tone)[0]
            self._write(painter, geometry.verdict, look.verdict, "small", color)

    def _paint_actions(
        self, painter: QPainter, geometry: Geometry, model: ConnectionsModel, record: ConnectionRecord, row: int
    ) -> None:
        for action, rect in geometry.actions.items():
            press = Press(hovered=self.hovered == (row, action), pressed=self.pressed == (row, action))
            paint_action(self._context, painter, rect, action, model, record.connection.id, press, self._colors)

    # Drawing

    def _write(self, painter: QPainter, rect: QRectF, text: str, kind: FontKind, color: QColor) -> None:
        font, metrics = self._fonts[kind]
        if metrics.horizontalAdvance(text) > rect.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(rect, LEFT_MIDDLE | Qt.TextFlag.TextSingleLine, text)

    def _draw_monogram(self, painter: QPainter, rect: QRectF, letters: str, color: str) -> None:
        scale = painter.device().devicePixelRatioF()
        key = (letters, color, scale)
        if key not in self._monograms:
            side = round(rect.width() * scale)
            pixmap = QPixmap(side, side)
            pixmap.fill(Qt.GlobalColor.transparent)
            pixmap.setDevicePixelRatio(scale)
            inner = QPainter(pixmap)
            paint_monogram(
                inner, QRectF(0, 0, rect.width(), rect.height()), letters, QColor(color), self._fonts["strong"][0]
            )
            inner.end()
            self._monograms[key] = pixmap
        painter.drawPixmap(rect.topLeft(), self._monograms[key])

    @staticmethod
    def _is_mirrored(geometry: Geometry) -> bool:
        return geometry.monogram.left() > geometry.size.center().x()


def row_index(model: ConnectionsModel, connection_id: str) -> QModelIndex:
    """Give the index of a connection; an invalid one where it is not shown."""
    row = model.row_of(connection_id)
    return QModelIndex() if row is None else model.index(row)
