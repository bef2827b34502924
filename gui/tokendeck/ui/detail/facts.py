"""A card of facts: what it is about on the left, what is known on the right, quietly where that comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from tokendeck.ui.eliding import elide_words
from tokendeck.ui.labels import NARROWEST_PX, Card, label
from tokendeck.ui.theme import SPACE_L, SPACE_S, SPACE_XS

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QLabel

    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Theme

NAME_PX = 112


class FactValue(QWidget):
    """What is known, and quietly where it comes from: in one line where there is room, below each other where not."""

    def __init__(self, theme: Theme) -> None:
        """Start empty."""
        super().__init__()
        self._gap = theme.px(SPACE_XS)
        self._main = label(selectable=True)
        self._quiet = label(kind="quiet", selectable=True)
        self._texts = ("", "")
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(self._gap)
        self._row.addWidget(self._main)
        self._row.addWidget(self._quiet)
        self._row.addStretch(1)
        self._behind: QWidget | None = None
        for part in (self._main, self._quiet):
            part.setMinimumWidth(1)  # gives way; the texts wrap instead
            part.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)

    @property
    def text(self) -> str:
        """Both parts, as they read."""
        return " · ".join(part for part in self._texts if part)

    def put_behind(self, widget: QWidget) -> None:
        """Put something behind the text, a button for example."""
        self._behind = widget
        self._row.insertWidget(2, widget, 0, Qt.AlignmentFlag.AlignLeft)

    def say(self, main: str, quiet: str = "") -> None:
        """Show a fact."""
        if (main, quiet) != self._texts:
            self._texts = (main, quiet)
            self.setAccessibleName(self.text)
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Look again whether both fit into a line."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        main, quiet = self._texts
        one_line = f"· {quiet}" if quiet else ""
        width = sum(self._main.fontMetrics().horizontalAdvance(text) for text in (main, one_line))
        width += 2 * self._gap + (self._behind.sizeHint().width() if self._behind else 0)
        fits = width <= self.width() and "\n" not in main
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom)
        for part in (self._main, self._quiet):
            part.setWordWrap(not fits)
        self._main.setText(main if fits else self._give_way(self._main, main))
        self._quiet.setText(one_line if fits else self._give_way(self._quiet, quiet))
        self._quiet.setVisible(bool(quiet))

    def _give_way(self, part: QLabel, text: str) -> str:
        lines = [elide_words(part.fontMetrics(), line, self.width()) for line in text.split("\n")]
        # Before it is laid out, a fact has hardly any width, and nothing is worth cutting to that.
        shown = "\n".join(lines) if self.width() > NARROWEST_PX else text
        part.setToolTip("" if shown == text else text)
        return shown


class FactsCard(Card):
    """Rows of facts, by key; a row without a fact is not shown."""

    def __init__(
        self,
        context: UiContext,
        names: dict[str, str],
        heading: str = "",
        *,
        names_kind: str = "quiet",
        names_wrap: bool = False,
    ) -> None:
        """Make a row for each of `names`: key and what people call it, over several lines where they `names_wrap`."""
        super().__init__(context.theme, heading)
        theme = context.theme
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(SPACE_L))
        self._grid.setVerticalSpacing(theme.px(SPACE_S))
        self._grid.setColumnMinimumWidth(0, theme.px(NAME_PX))
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QWidget, FactValue]] = {}
        for number, (key, name) in enumerate(names.items()):
            head, value = label(name, names_kind, wraps=names_wrap), FactValue(theme)
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
        for part in (head, value):
            part.show()

    def clear(self, key: str) -> None:
        """Show no such fact."""
        for part in self._rows[key]:
            part.hide()

    def text(self, key: str) -> str:
        """Give what the row says; empty where it is not shown."""
        return "" if self._rows[key][1].isHidden() else self._rows[key][1].text

    def put_behind(self, key: str, widget: QWidget) -> None:
        """Put something behind a fact, a button for example."""
        self._rows[key][1].put_behind(widget)
