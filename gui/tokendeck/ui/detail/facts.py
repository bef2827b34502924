"""A card of facts: what it is about on the left, what is known on the right, quietly where that comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QSizePolicy, QWidget

from tokendeck.ui.labels import Card, label
from tokendeck.ui.theme import SPACE_L, SPACE_S, SPACE_XS

if TYPE_CHECKING:
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Theme

NAME_PX = 120
LONGEST_IN_ONE_LINE = 64
"""Characters of a fact and its source together; longer ones take a line each."""


class FactValue(QWidget):
    """What is known, and quietly where it comes from."""

    def __init__(self, theme: Theme) -> None:
        """Start empty."""
        super().__init__()
        self._main = label(selectable=True)
        self._quiet = label(kind="quiet", selectable=True)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(SPACE_XS))
        self._row.addWidget(self._main)
        self._row.addWidget(self._quiet, 1)

    @property
    def text(self) -> str:
        """Both parts, as they read."""
        return f"{self._main.text()} {self._quiet.text()}".strip()

    def say(self, main: str, quiet: str = "") -> None:
        """Show a fact."""
        fits = len(main) + len(quiet) <= LONGEST_IN_ONE_LINE
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(direction)
        for part in (self._main, self._quiet):
            part.setWordWrap(not fits)
            across = QSizePolicy.Policy.Preferred if fits else QSizePolicy.Policy.Ignored
            part.setSizePolicy(across, QSizePolicy.Policy.Minimum)
        self._main.setText(main)
        self._quiet.setText(f"· {quiet}" if quiet and fits else quiet)
        self._quiet.setVisible(bool(quiet) or fits)


class FactsCard(Card):
    """Rows of facts, by key; a row without a fact is not shown."""

    def __init__(self, context: UiContext, names: dict[str, str], heading: str = "") -> None:
        """Make a row for each of `names`: key and what people call it."""
        super().__init__(context.theme, heading)
        theme = context.theme
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(SPACE_L))
        self._grid.setVerticalSpacing(theme.px(SPACE_S))
        self._grid.setColumnMinimumWidth(0, theme.px(NAME_PX))
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QWidget, FactValue]] = {}
        for number, (key, name) in enumerate(names.items()):
            head, value = label(name, "quiet"), FactValue(theme)
            self._grid.addWidget(head, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, number, 1)
            self._rows[key] = (head, value)
            self.clear(key)
        self.rows.addLayout(self._grid)

    @property
    def keys(self) -> tuple[str, ...]:
        """The rows' keys."""
        return tuple(self._rows)

    def say(self, key: str, main: str, quiet: str = "") -> None:
        """Show a fact."""
        head, value = self._rows[key]
        value.say(main, quiet)
        value.setAccessibleName(value.text)
        for part in (head, value):
            part.show()

    def clear(self, key: str) -> None:
        """Show no such fact."""
        for part in self._rows[key]:
            part.hide()

    def text(self, key: str) -> str:
        """Give what the row says; empty where it is not shown."""
        return "" if self._rows[key][1].isHidden() else self._rows[key][1].text

    def add_beside(self, key: str, widget: QWidget) -> None:
        """Put something behind a fact, a button for example."""
        row = list(self._rows).index(key)
        self._grid.addWidget(widget, row, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
