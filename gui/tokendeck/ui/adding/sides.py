"""How a page of the dialog is laid out: to type on the left, and what comes of it on the right, below one head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from tokendeck.ui.labels import label
from tokendeck.ui.theme import SPACE_M, SPACE_XL, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.theme import Theme

LEFT_SHARE, RIGHT_SHARE = 17, 23


def lay_out_sides(page: QWidget, head: QWidget, left: QWidget, right: QWidget, buttons: QWidget | QLayout) -> None:
    """Fill `page`; `left` scrolls where it is higher than the dialog, the buttons stay below `right`."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus of what is in it
    area.setWidget(left)
    set_kind(left, "panel")
    side = QVBoxLayout()
    side.setSpacing(0)
    side.addWidget(right, 1)
    if isinstance(buttons, QLayout):
        side.addLayout(buttons)
    else:
        side.addWidget(buttons)
    line = QFrame()
    set_kind(line, "upright")
    columns = QHBoxLayout()
    columns.setSpacing(0)
    columns.addWidget(area, LEFT_SHARE)
    columns.addWidget(line)
    columns.addLayout(side, RIGHT_SHARE)
    whole = QVBoxLayout(page)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    whole.addWidget(head)
    whole.addLayout(columns, 1)


def lay_out_outcome(panel: QWidget, theme: Theme, heading: str, *parts: QWidget) -> None:
    """Fill the right side: a heading, and the parts below each other, scrolled."""
    content = QWidget()
    rows = QVBoxLayout(content)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(theme.px(SPACE_M))
    rows.addWidget(label(heading.upper(), "overline"))
    for part in parts:
        rows.addWidget(part)
    rows.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(content)
    area.setAccessibleName(heading)
    set_kind(area, "plain")
    whole = QVBoxLayout(panel)
    edge = theme.px(SPACE_XL)
    whole.setContentsMargins(edge, edge, edge, 0)
    whole.addWidget(area)
