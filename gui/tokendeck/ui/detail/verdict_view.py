"""What a test proved: headline, timing, the answer's headers and body."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tokendeck.core.secret import Secret
from tokendeck.core.verdict import Verdict, VerdictKind
from tokendeck.ui.detail.timing_bar import Timings
from tokendeck.ui.labels import Card, label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_S, set_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.provider import Provider
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Tone

MOST_LINES = 18
ROUNDING_PX = 2
"""Lines are a fraction taller than they say; without it a scroll bar shows for nothing."""

LONGEST_SHOWN = 100_000
"""Characters of a body that are shown; more would only slow the window down."""


class VerdictView(Card):
    """The last verdict of a connection."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start hidden: nothing was tested yet."""
        super().__init__(context.theme, translate("VerdictView", "Last test"), parent)
        self._context = context
        self._headline = label(kind="heading", wraps=True, selectable=True)
        self._detail = label(wraps=True, selectable=True)
        self._request = label(kind="mono", wraps=True, selectable=True)
        self._timings = Timings(context)
        self._headers = AnswerText(context, translate("VerdictView", "Headers"))
        self._body = AnswerText(context, translate("VerdictView", "Body"))
        for part in (self._headline, self._detail, self._request, self._timings, self._headers, self._body):
            self.rows.addWidget(part)
        self.hide()

    @property
    def headline(self) -> str:
        """The headline as shown."""
        return self._headline.text()

    def show_verdict(self, verdict: Verdict, provider: Provider) -> None:
        """Show what a test came to."""
        headline, detail = self._context.wording.verdict(verdict, provider)
        set_kind(self._headline, "heading", tone=tone_of(verdict.kind))
        self._headline.setText(headline)
        for part, text in ((self._detail, detail), (self._request, f"{verdict.method} {verdict.url}".strip())):
            part.setText(text)
            part.setVisible(bool(text))
        self._timings.show_timings(verdict.timings_ms)
        first = () if provider.rate is None else _rate_headers(provider)
        self._headers.show_text(headers_text(verdict.headers, first))
        self._body.show_text(verdict.body)
        self.setAccessibleName(f"{headline} {detail}".strip())
        self.show()


class AnswerText(QWidget):
    """Monospaced text with its name and a button that copies it; hidden while there is none."""

    def __init__(self, context: UiContext, name: str) -> None:
        """Start hidden."""
        super().__init__()
        self._context = context
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(name)
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self._text.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_kind(self._text, "code")
        copy = QPushButton(translate("VerdictView", "Copy"))
        copy.setAccessibleName(translate("VerdictView", "Copy {what}").format(what=name.lower()))
        set_kind(copy, "quiet")
        context.icons.dress(copy, "copy", "quiet")
        copy.clicked.connect(self._copy)
        head = QHBoxLayout()
        head.addWidget(label(name, "quiet"))
        head.addStretch(1)
        head.addWidget(copy)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addWidget(self._text)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show `text`, as tall as its lines but not too tall; nothing hides it."""
        shown = text[:LONGEST_SHOWN]
        self._text.setPlainText(shown)
        lines = min(shown.count("\n") + 1, MOST_LINES)
        edge = 2 * self._context.theme.px(SPACE_S) + round(2 * self._text.document().documentMargin())
        height = lines * self._text.fontMetrics().lineSpacing() + edge
        self._text.setFixedHeight(height + ROUNDING_PX)
        self.setVisible(bool(text))

    def _copy(self) -> None:
        self._context.clipboard.copy(Secret(self._text.toPlainText()))


def tone_of(kind: VerdictKind) -> Tone:
    """Give the colour of an outcome."""
    match kind:
        case VerdictKind.WORKS | VerdictKind.MINTED:
            return "good"
        case VerdictKind.REFUSED:
            return "bad"
        case VerdictKind.TROUBLE:
            return "caution"
        case _:
            assert_never(kind)


def headers_text(headers: Mapping[str, str], first: tuple[str, ...]) -> str:
    """Give headers a line each, those named in `first` before the others."""
    ordered = sorted(headers, key=lambda name: (name not in first, first.index(name) if name in first else 0))
    return "\n".join(f"{name}: {headers[name]}" for name in ordered)


def _rate_headers(provider: Provider) -> tuple[str, ...]:
    rate = provider.rate
    names = (rate.limit_header, rate.remaining_header, rate.reset_header) if rate else ()
    return (*(name.lower() for name in names if name), "retry-after")
