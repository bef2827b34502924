"""Labels and cards: what is shown is plain text, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from tokendeck.ui.eliding import break_words
from tokendeck.ui.theme import SPACE_L, SPACE_S, SPACE_XS, Theme, Tone, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

NARROWEST_PX = 40


def label(
    text: str = "",
    kind: str = "",
    *,
    tone: Tone | Literal[""] = "",
    wraps: bool = False,
    selectable: bool = False,
) -> QLabel:
    """Make a label that reads nothing as markup."""
    made = QLabel(text)
    dress_label(made, kind, tone=tone, wraps=wraps, selectable=selectable)
    return made


def dress_label(made: QLabel, kind: str, *, tone: Tone | Literal[""] = "", wraps: bool, selectable: bool) -> None:
    """Have a label show plain text, in its kind and tone."""
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if wraps:
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        made.setSizePolicy(policy)
    if selectable:
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    set_kind(made, kind, tone=tone)


class ElidedLabel(QLabel):
    """One line that gives way: cut at its end where the room is short, whole in its tool tip."""

    def __init__(self, kind: str = "", parent: QWidget | None = None, *, hugs: bool = False, padding: int = 0) -> None:
        """Start empty; one that `hugs` takes no more room than its text and the stylesheet's `padding` around it."""
        super().__init__(parent)
        self._padding = padding
        self.setTextFormat(Qt.TextFormat.PlainText)
        wide = QSizePolicy.Policy.Maximum if hugs else QSizePolicy.Policy.Expanding
        self.setSizePolicy(wide, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * (1 if hugs else 8))
        self._whole = ""
        set_kind(self, kind)

    def set_whole(self, text: str) -> None:
        """Show as much of `text` as fits."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._cut()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for room for the whole text."""
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 1 + self._padding, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Cut anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width() - self._padding)
        shown = "" if shown == "…" else shown
        self.setText(shown)
        self.setToolTip("" if shown == self._whole else self._whole)


class Paragraph(QLabel):
    """Words over as many lines as they need; one that is wider than the room goes on in the next line."""

    def __init__(self, kind: str = "") -> None:
        """Start empty."""
        super().__init__()
        dress_label(self, kind, wraps=True, selectable=True)
        self._whole = ""

    @property
    def whole(self) -> str:
        """What it says, without the breaks inside of words."""
        return self._whole

    def set_whole(self, text: str) -> None:
        """Say it."""
        self._whole = text
        self.setAccessibleName(text)
        self._break()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Break anew."""
        super().resizeEvent(event)
        self._break()

    def _break(self) -> None:
        # Before it is laid out, a label has hardly any width, and nothing is worth breaking for that.
        width = self.contentsRect().width()
        shown = break_words(self.fontMetrics(), self._whole, width) if width > NARROWEST_PX else self._whole
        if shown != self.text():
            self.setText(shown)


class Card(QFrame):
    """A panel with a line around it; what is in it goes into `rows`."""

    def __init__(self, theme: Theme, heading: str = "", parent: QWidget | None = None) -> None:
        """Start with its heading, or none."""
        super().__init__(parent)
        set_kind(self, "card")
        self.setFrameShape(QFrame.Shape.Box)  # what is left of it without the stylesheet
        self.rows = QVBoxLayout(self)
        edge = theme.px(SPACE_L)
        self.rows.setContentsMargins(edge, edge, edge, edge)
        self.rows.setSpacing(theme.px(SPACE_S))
        self.head = QHBoxLayout()
        if heading:
            self.head.addWidget(label(heading.upper(), "overline"))
            self.head.addStretch(1)
            self.rows.addLayout(self.head)


class Banner(QFrame):
    """A sentence on its tone's ground, with a quiet line below and room for a button beside it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Start empty and hidden."""
        super().__init__(parent)
        self._sentence = Paragraph()
        self._sentence.setFont(theme.font("normal"))
        self._detail = Paragraph("small")
        self._said: tuple[str, str, str] | None = None
        texts = QVBoxLayout()
        texts.setSpacing(theme.px(SPACE_XS))
        texts.addWidget(self._sentence)
        texts.addWidget(self._detail)
        self.row = QHBoxLayout(self)
        edge = theme.px(SPACE_L)
        self.row.setContentsMargins(edge, theme.px(SPACE_S + SPACE_XS), edge, theme.px(SPACE_S + SPACE_XS))
        self.row.setSpacing(edge)
        self.row.addLayout(texts, 1)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence.whole

    @property
    def detail(self) -> str:
        """The quiet line."""
        return self._detail.whole

    def say(self, tone: Tone, sentence: str, detail: str = "") -> None:
        """Show a sentence in this tone. Repeats cost nothing, and screen readers hear of none."""
        said = (tone, sentence, detail)
        if said == self._said:
            return
        self._said = said
        set_kind(self, "banner", tone=tone)
        set_kind(self._sentence, tone=tone)
        self._sentence.set_whole(sentence)
        self._detail.set_whole(detail)
        self._detail.setVisible(bool(detail))
        self.setAccessibleName(f"{sentence} {detail}".strip())
        self.setVisible(bool(sentence))
