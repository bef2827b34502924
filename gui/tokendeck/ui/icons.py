"""
Icons: Lucide drawings on a grid of 24, recoloured when loaded and sharp at every scale.

Names are the files in `resources/icons`: copy, play, refresh-cw, check, x, key, clock, pause, lock, unlock, alert (a
bare exclamation mark), alert-circle, alert-triangle, info, eye, eye-off, plus, minus, search, chevron-down,
chevron-right, arrow-left, infinity, trash, pencil, settings, clipboard-paste, external-link, undo, log-in, power,
circle, hourglass, zap.

`dress` gives a button or action its icon and keeps it in the theme's colours; delegates draw `pixmap`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard
from weakref import WeakKeyDictionary

from PySide6.QtCore import QByteArray, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton
from shiboken6 import isValid

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.ui.theme import Theme

SPARE_SCALE = 2.0
"""Drawn besides the scales of the screens there are, for one that is plugged in later and shrinks it."""

ICON_PX = 16
GAP_PX = 4
DISABLED_OPACITY = 0.45

Dressed = QAbstractButton | QAction


class Icons(QObject):
    """Loads, colours and remembers icons."""

    def __init__(self, folder: Path, theme: Theme) -> None:
        """Read drawings from `folder`, when they are first asked for; follow `theme`."""
        super().__init__(theme)
        self._folder = folder
        self._theme = theme
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, int, float, float], QPixmap] = {}
        self._icons: dict[tuple[str, str], QIcon] = {}
        self._dressed: WeakKeyDictionary[Dressed, tuple[str, str]] = WeakKeyDictionary()
        self._scales_to_spare: tuple[float, ...] = ()
        theme.changed.connect(self._dress_again)

    def icon(self, name: str, role: str = "text") -> QIcon:
        """Give an icon in the theme's colour named `role` (`quiet`, `accent`, `on_accent`, …), as the theme is now."""
        key = (name, role)
        if key not in self._icons:
            self._icons[key] = self._make(name, getattr(self._theme.colors, role))
        return self._icons[key]

    def dress(self, owner: Dressed, name: str, role: str = "text") -> None:
        """Give `owner` its icon, now and whenever the theme changes."""
        self._dressed[owner] = (name, role)
        self._put_on(owner, name, role)

    def be_ready_for_other_screens(self) -> None:
        """Draw for screens besides those there are as well; twice the work, which the first paint need not wait for."""
        if not self._scales_to_spare:
            self._scales_to_spare = (SPARE_SCALE,)
            self._dress_again()

    def pixmap(self, name: str, color: QColor, size: float, scale: float) -> QPixmap:
        """
        Give a drawing of `size` logical pixels, sharp at `scale`.

        Remembered: a delegate may ask at every paint.
        """
        key = (name, color.rgba(), size, scale)
        pixmap = self._pixmaps.get(key)
        if pixmap is None:
            pixmap = self._pixmaps[key] = self._draw(name, color, size, scale)
        return pixmap

    def _make(self, name: str, color: QColor) -> QIcon:
        icon = QIcon()
        size = self._theme.px(ICON_PX)
        for scale in self._scales():
            pixmap = self.pixmap(name, color, size, scale)
            icon.addPixmap(pixmap)
            icon.addPixmap(_faded(pixmap), QIcon.Mode.Disabled)
        return icon

    def _draw(self, name: str, color: QColor, size: float, scale: float) -> QPixmap:
        side = max(1, round(size * scale))
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setOpacity(color.alphaF())
        source = self._source(name).replace("currentColor", color.name())
        QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, side, side))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def _source(self, name: str) -> str:
        if name not in self._sources:
            self._sources[name] = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
        return self._sources[name]

    def _dress_again(self) -> None:
        self._icons.clear()
        self._pixmaps.clear()
        for owner, (name, role) in list(self._dressed.items()):
            if isValid(owner):
                self._put_on(owner, name, role)

    def _put_on(self, owner: Dressed, name: str, role: str) -> None:
        """Set the icon; beside a button's words it brings the distance that styles leave out."""
        if not _shows_words_beside(owner):
            owner.setIcon(self.icon(name, role))
            return
        size = self._theme.px(ICON_PX)
        gap = self._theme.px(GAP_PX)
        mirrored = owner.layoutDirection() is Qt.LayoutDirection.RightToLeft
        icon = QIcon()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
            for scale in self._scales():
                plain = self.icon(name, role).pixmap(QSize(size, size), scale, mode)
                wide = QPixmap(round((size + gap) * scale), round(size * scale))
                wide.setDevicePixelRatio(scale)
                wide.fill(Qt.GlobalColor.transparent)
                painter = QPainter(wide)
                painter.drawPixmap(QPointF(gap if mirrored else 0, 0), plain)
                painter.end()
                icon.addPixmap(wide, mode)
        owner.setIconSize(QSize(size + gap, size))
        owner.setIcon(icon)

    def _scales(self) -> list[float]:
        return sorted({*self._scales_to_spare, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())})


def _faded(pixmap: QPixmap) -> QPixmap:
    faded = QPixmap(pixmap.size())
    faded.setDevicePixelRatio(pixmap.devicePixelRatio())
    faded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(faded)
    painter.setOpacity(DISABLED_OPACITY)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return faded


def _shows_words_beside(owner: Dressed) -> TypeGuard[QAbstractButton]:
    if isinstance(owner, QToolButton):
        return owner.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    return isinstance(owner, QPushButton) and bool(owner.text())
