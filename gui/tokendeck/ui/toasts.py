"""Feedback that comes and goes by itself, above the footer; never a modal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from tokendeck.ui.announce import announce
from tokendeck.ui.labels import label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS, set_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QEnterEvent

    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Tone

SHORT_MS = 4_000
LONG_MS = 10_000
"""For a toast that offers something, for trouble, and for more than a line or two: all take longer to read."""

LONG_TEXT = 100
"""Characters."""

WIDTH_PX = 400
LONG_RUN = r"\S{20}(?=\S)"
"""Lines break between words only; after this much of one, such as a path, they are shown where else they may."""

MOST = 3
ROOMY_PX = 720
MOST_WHERE_NARROW = 2
"""Below `ROOMY_PX`, where they lie over all there is to see."""

ICONS: dict[str, str] = {"good": "check", "bad": "alert-circle", "caution": "alert-triangle", "neutral": "info"}


class Toast(QFrame):
    """One message, perhaps with one thing to do about it. It stays while the mouse is on it."""

    left = Signal()

    def __init__(
        self, context: UiContext, text: str, tone: Tone, offer: tuple[str, Callable[[], None]] | None, parent: QWidget
    ) -> None:
        """Show `text`; `offer` is a button's words and what it does."""
        super().__init__(parent)
        self.about = ""
        self.offers = offer is not None
        set_kind(self, "toast", tone=tone)
        self.setFrameShape(QFrame.Shape.Box)
        self.setAutoFillBackground(context.theme.is_high_contrast)  # the stylesheet's rounded ground is not there
        self.setAccessibleName(text)
        px = context.theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(SPACE_L), px(SPACE_M), px(SPACE_S), px(SPACE_M))
        row.setSpacing(px(SPACE_M))
        picture = QLabel()
        ink, _ = context.theme.colors.tone(tone)
        picture.setPixmap(context.icons.pixmap(ICONS.get(tone, "info"), ink, px(18), self.devicePixelRatioF()))
        row.addWidget(picture)
        self.text = label(re.sub(LONG_RUN, "\\g<0>\u200b", text), wraps=True)
        row.addWidget(self.text, 1)
        if offer is not None:
            words, act = offer
            button = QPushButton(words)
            set_kind(button, "link")
            button.clicked.connect(act)
            button.clicked.connect(self.leave)
            row.addWidget(button)
        close = QToolButton()
        close.setAccessibleName(translate("Toast", "Dismiss"))
        set_kind(close, "icon")
        context.icons.dress(close, "x", "quiet")
        close.clicked.connect(self.leave)
        row.addWidget(close)
        shadow = QGraphicsDropShadowEffect(self, blurRadius=px(SPACE_L), offset=QPointF(0, px(SPACE_XS)))
        shadow.setColor(Qt.GlobalColor.black if context.theme.is_dark else context.theme.colors.ring_track)
        self.setGraphicsEffect(shadow)
        takes_long = offer or tone == "bad" or len(text) > LONG_TEXT
        self._timer = QTimer(self, singleShot=True, interval=LONG_MS if takes_long else SHORT_MS)
        self._timer.timeout.connect(self.leave)
        self._timer.start()

    def leave(self) -> None:
        """Go away."""
        self._timer.stop()
        self.hide()
        self.deleteLater()
        self.left.emit()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's spelling
        """Stay while it is looked at."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's spelling
        """Go on counting."""
        self._timer.start()
        super().leaveEvent(event)


class Toasts(QObject):
    """Stacks toasts in the lower right corner of a widget, the newest lowest."""

    def __init__(self, context: UiContext, over: QWidget) -> None:
        """Lie over `over`."""
        super().__init__(over)
        self._context = context
        self._over = over
        self._shown: list[Toast] = []

    def say(
        self,
        text: str,
        tone: Tone | Literal["neutral"] = "neutral",
        offer: tuple[str, Callable[[], None]] | None = None,
        *,
        about: str = "",
    ) -> None:
        """
        Show and announce `text`; the same words again replace the toast that has them.

        Args:
            text: what to say.
            tone: good, bad and so on.
            offer: a button's words and what it does.
            about: what it tells of, which replaces what was told of that; empty tells of nothing in particular.

        """
        for one in self.shown():
            if one.accessibleName() == text or (about and one.about == about):
                one.leave()
        self._make_room()
        toast = Toast(self._context, text, tone, offer, self._over)
        toast.about = about
        self._shown.append(toast)
        toast.left.connect(self._let_go)
        toast.show()
        announce(toast, text, urgent=tone == "bad")
        self.arrange()

    def say_about(self, about: str, text: str, tone: Tone, offer: tuple[str, Callable[[], None]] | None) -> None:
        """Show `text` in place of what was told of `about`; without words, only take that away."""
        if text:
            self.say(text, tone, offer, about=about)
            return
        for one in self.shown():
            if one.about == about:
                one.leave()

    def clear(self) -> None:
        """Take everything away."""
        for one in self.shown():
            one.leave()

    def shown(self) -> list[Toast]:
        """Give the toasts that are there, oldest first."""
        return list(self._shown)

    def _make_room(self) -> None:
        """Let the oldest go where there are too many, but those first that offer nothing."""
        most = MOST if self._over.width() >= self._context.theme.px(ROOMY_PX) else MOST_WHERE_NARROW
        for one in sorted(self.shown(), key=lambda toast: toast.offers)[: max(0, len(self._shown) - most + 1)]:
            one.leave()

    def _let_go(self) -> None:
        self._shown = [one for one in self._shown if not one.isHidden()]
        self.arrange()

    def arrange(self) -> None:
        """Keep to the corner: the widget has another size, or a toast has gone."""
        px = self._context.theme.px
        edge = px(SPACE_L)
        bottom = self._over.height() - edge
        width = min(px(WIDTH_PX), self._over.width() - 2 * edge)
        mirrored = self._over.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for toast in reversed(self.shown()):
            height = toast.heightForWidth(width)
            toast.setGeometry(edge if mirrored else self._over.width() - edge - width, bottom - height, width, height)
            toast.raise_()
            bottom -= height + px(SPACE_S)
