"""The first page of adding: which provider?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokendeck.core.errors import BadUrl
from tokendeck.core.origin import host_of, origin_of
from tokendeck.ui.adding.other_ways import OtherWays
from tokendeck.ui.adding.wrong_files import WrongFiles
from tokendeck.ui.labels import label
from tokendeck.ui.monogram import paint_monogram
from tokendeck.ui.text import translate
from tokendeck.ui.theme import RADIUS_CONTROL, SPACE_L, SPACE_M, SPACE_XL, SPACE_XS

if TYPE_CHECKING:
    from tokendeck.core.provider import Provider
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Theme

PROVIDER_ROLE = Qt.ItemDataRole.UserRole
MONOGRAM_PX = 40
ROW_PX = 60
LIST_KEYS = {Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp}


class ProviderChooser(QWidget):
    """A search field over a list of providers."""

    chosen = Signal(str)
    """A provider's id."""

    issuer_wanted = Signal()
    """The provider is in no list, but perhaps it publishes what it offers."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """List the catalog's providers."""
        super().__init__(parent)
        theme = context.theme
        self._search = QLineEdit()
        self._search.setPlaceholderText(translate("ProviderChooser", "Search providers"))
        self._search.setAccessibleName(translate("ProviderChooser", "Search providers"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._search.installEventFilter(self)
        self._list = QListWidget()
        self._list.setAccessibleName(translate("ProviderChooser", "Providers"))
        self._list.setItemDelegate(ProviderDelegate(theme, self._list))
        self._list.setMouseTracking(True)
        self._list.itemClicked.connect(self._choose)
        self._list.itemActivated.connect(self._choose)
        self._list.itemSelectionChanged.connect(self._follow_selection)
        self._nothing = label(kind="quiet", wraps=True)
        for provider in context.catalog.providers():
            self._list.addItem(_item(provider))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(theme.px(SPACE_XL), theme.px(SPACE_L), theme.px(SPACE_XL), 0)
        rows.setSpacing(theme.px(SPACE_M))
        others = OtherWays(theme)
        others.issuer_wanted.connect(self.issuer_wanted)
        for widget in (self._search, self._nothing, self._list, others, WrongFiles(context)):
            rows.addWidget(widget)
        self.setFocusProxy(self._search)
        self._filter("")

    def choose_current(self) -> None:
        """Choose the selected provider; the first that the search leaves is always selected."""
        item = self._list.currentItem()
        if self._list.currentRow() >= 0 and not item.isHidden():
            self._choose(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let the arrow keys move in the list while typing in the search."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in LIST_KEYS:
            self._list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        first = None
        for row in range(self._list.count()):
            item = self._list.item(row)
            fits = all(word in _searched(item.data(PROVIDER_ROLE)) for word in words)
            item.setHidden(not fits)
            first = item if fits and first is None else first
        if first is not None:
            self._list.setCurrentItem(first)
        self._list.setVisible(first is not None)
        self._nothing.setVisible(first is None)
        if first is None:
            sentence = translate(
                "ProviderChooser", "No provider is called “{text}”. A file can describe any other one."
            )
            self._nothing.setText(sentence.format(text=text))

    def _follow_selection(self) -> None:
        """Make current what a screen reader selects, as keyboard and mouse do anyway."""
        for item in self._list.selectedItems():
            if item is not self._list.currentItem():
                self._list.setCurrentItem(item, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(PROVIDER_ROLE).id)


class ProviderDelegate(QStyledItemDelegate):
    """Paints monogram, name and the quiet line."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        """Take colours from `theme`."""
        super().__init__(parent)
        self._theme = theme

    def sizeHint(  # noqa: N802 - Qt's name
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002 - Qt's signature
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002 - Qt's signature
    ) -> QSize:
        """Be as tall as two lines and their padding."""
        return QSize(0, self._theme.px(ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one provider."""
        theme = self._theme
        provider: Provider = index.data(PROVIDER_ROLE)
        box = QRectF(option.rect)
        state = option.state
        selected, hovered = (
            bool(state & QStyle.StateFlag.State_Selected),
            bool(state & QStyle.StateFlag.State_MouseOver),
        )
        colors = theme.selected if selected else theme.colors
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colors.selection if selected else theme.colors.hover)
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), theme.px(RADIUS_CONTROL), theme.px(RADIUS_CONTROL))
        side, gap = theme.px(MONOGRAM_PX), theme.px(SPACE_M)
        icon = QRectF(box.left() + gap, box.center().y() - side / 2, side, side)
        inset = theme.px(SPACE_XS) / 2
        texts = QRectF(icon.right() + gap, icon.top() + inset, box.right() - icon.right() - 2 * gap, side - 2 * inset)
        if option.direction is Qt.LayoutDirection.RightToLeft:
            icon.moveRight(box.right() - gap)
            texts.moveLeft(box.left() + gap)
        paint_monogram(painter, icon, provider.monogram, QColor(provider.color), theme.font())
        side_flag = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft)
        painter.setFont(theme.font("strong"))
        painter.setPen(colors.text)
        painter.drawText(texts, side_flag | Qt.AlignmentFlag.AlignTop, provider.name)
        painter.setFont(theme.font("small"))
        painter.setPen(colors.quiet)
        line = painter.fontMetrics().elidedText(index.data(QUIET_ROLE), Qt.TextElideMode.ElideRight, int(texts.width()))
        painter.drawText(texts, side_flag | Qt.AlignmentFlag.AlignBottom, line)
        painter.restore()


QUIET_ROLE = Qt.ItemDataRole.UserRole + 1


def quiet_line(provider: Provider) -> str:
    """Say in a line where a provider is reached, and whose description it is."""
    hosts = []
    for environment in provider.environments:
        for url in environment.base_urls.values():
            try:
                hosts.append(host_of(origin_of(url)))
            except BadUrl:  # a template over the connection's fields
                continue
    where = ", ".join(dict.fromkeys(hosts)) or translate("ProviderChooser", "at the address that you were given")
    return (
        where if provider.shipped else translate("ProviderChooser", "{hosts} · from your own file").format(hosts=where)
    )


def _item(provider: Provider) -> QListWidgetItem:
    item = QListWidgetItem(provider.name)
    item.setData(PROVIDER_ROLE, provider)
    item.setData(QUIET_ROLE, quiet_line(provider))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{provider.name}, {quiet_line(provider)}")
    return item


def _searched(provider: Provider) -> str:
    return f"{provider.name} {provider.id} {quiet_line(provider)}".casefold()
