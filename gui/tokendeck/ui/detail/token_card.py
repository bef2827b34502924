"""The access token: masked, with a fingerprint by which two people can compare it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QWidget

from tokendeck.core.errors import TokendeckError
from tokendeck.core.jwt import read_jwt
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.status import Locked
from tokendeck.core.vault import VaultOpening
from tokendeck.ui.labels import Card, label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_M, SPACE_S, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent

    from tokendeck.core.token import TokenSet
    from tokendeck.core.vault import VaultState
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject

SHOWN_MS = 10_000
CLICK_MS = 350
"""A press shorter than this is a click, which shows the token for `SHOWN_MS`; a longer one shows it while it lasts."""

MOST_LINES = 7
DOT = "•"
FEWEST_DOTS = 2


class TokenCard(Card):
    """Holds the token's outline, never the token but while it is shown."""

    decoded = Signal(object)
    """The token's `Jwt`, or None: another token is kept now."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(context.theme, translate("TokenCard", "Access token"), parent)
        self._context = context
        self._token_of: tuple[str, int] | None = None
        self._outline = ""
        self._pressed = QElapsedTimer()
        self._wanted = False
        self._hiding = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._hiding.timeout.connect(self.hide_token)
        self._fingerprint = label(kind="mono", selectable=True)
        self._fingerprint_name = label(translate("TokenCard", "fingerprint"), "small")
        self._text = TokenText(context)
        self._reason = label(kind="quiet", wraps=True)
        self._reveal = QPushButton()
        self._reveal.pressed.connect(self._press)
        self._reveal.released.connect(self._release)
        self.head.addWidget(self._fingerprint_name)
        self.head.addWidget(self._fingerprint)
        row = QHBoxLayout()
        row.setSpacing(context.theme.px(SPACE_M))
        row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._reveal, 0, Qt.AlignmentFlag.AlignTop)
        self.rows.addLayout(row)
        self.rows.addWidget(self._reason)
        self._forget("")
        context.curtain.fell.connect(self.hide_token)

    @property
    def shown_text(self) -> str:
        """What can be read now."""
        return self._reason.text() or self._text.toPlainText()

    @property
    def fingerprint(self) -> str:
        """The fingerprint as shown; empty where there is no token."""
        return self._fingerprint.text()

    def show_subject(self, subject: Subject) -> None:
        """Show the outline of this connection's token; fetched once for each token."""
        reason = _why_none(subject, self._context.engine.vault_state)
        if reason:
            if self._token_of is not None or reason != self._reason.text():
                self._token_of = None
                self._forget(reason)
        elif subject.record.token is not None:
            token_of = (subject.connection.id, subject.record.token.serial)
            if token_of != self._token_of:
                self._forget(_reading())
                self._token_of = token_of
                self._context.spawn(self._read(token_of), name="read a token's outline")

    def toggle(self) -> None:
        """Show the token for ten seconds, or mask it."""
        if self._wanted:
            self.hide_token()
        else:
            self._show_soon()
            self._hiding.start()

    def hide_token(self) -> None:
        """Show the outline only."""
        self._stop_showing()
        self._show_masked()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Mask what nobody looks at."""
        self.hide_token()
        super().hideEvent(event)

    def _press(self) -> None:
        if self._wanted:
            self.hide_token()
            self._pressed.invalidate()
        else:
            self._pressed.start()
            self._show_soon()

    def _release(self) -> None:
        if not self._pressed.isValid():
            return
        if self._pressed.elapsed() >= CLICK_MS:
            self.hide_token()
        else:
            self._hiding.start()

    def _show_soon(self) -> None:
        if self._token_of is not None and self._outline:
            self._wanted = True
            self._context.spawn(self._show(self._token_of), name="show a token")

    async def _read(self, token_of: tuple[str, int]) -> None:
        try:
            tokens = await self._context.engine.kept_token(token_of[0])
        except TokendeckError as error:
            if token_of == self._token_of:
                self._forget(self._context.wording.error(error))
            return
        if token_of != self._token_of:
            return
        if tokens is None:
            self._forget(translate("TokenCard", "No token is kept."))
        else:
            self._take(tokens)

    def _take(self, tokens: TokenSet) -> None:
        token = tokens.access_token
        self._outline = token.outline()
        self._fingerprint.setText(token.fingerprint())
        self._fingerprint_name.show()
        self._show_masked()
        self.decoded.emit(read_jwt(token.reveal()))

    async def _show(self, token_of: tuple[str, int]) -> None:
        try:
            tokens = await self._context.engine.kept_token(token_of[0])
        except TokendeckError as error:
            self._forget(self._context.wording.error(error))
            return
        if self._wanted and token_of == self._token_of and tokens is not None:
            self._context.curtain.open_for(self)
            self._text.show_text(tokens.access_token.reveal())
            self._dress_button()

    def _forget(self, reason: str) -> None:
        self._outline = ""
        self._stop_showing()
        self._fingerprint.clear()
        self._fingerprint_name.hide()
        self._text.show_text("")
        self._text.hide()
        self._reveal.hide()
        self._reason.setText(reason)
        self._reason.show()
        self.decoded.emit(None)

    def _stop_showing(self) -> None:
        self._wanted = False
        self._hiding.stop()
        self._context.curtain.close_for(self)

    def _show_masked(self) -> None:
        if self._outline:
            self._reason.clear()
            self._reason.hide()
            self._text.show_outline(self._outline)
            self._text.show()
        self._dress_button()

    def _dress_button(self) -> None:
        self._reveal.setVisible(bool(self._outline))
        self._reveal.setText(translate("TokenCard", "Hide") if self._wanted else translate("TokenCard", "Hold to show"))
        self._reveal.setAccessibleName(
            translate("TokenCard", "Hide the token") if self._wanted else translate("TokenCard", "Show the token")
        )
        self._reveal.setToolTip(translate("TokenCard", "A click shows it for ten seconds (Ctrl+H)"))
        self._context.icons.dress(self._reveal, "eye-off" if self._wanted else "eye")


class TokenText(QPlainTextEdit):
    """
    The field with the outline, or for a while with the token; as tall as what it shows.

    Nothing in it can be selected: X11 hands every selection to whoever asks, and none of it is marked as secret.
    """

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__()
        self._theme = context.theme
        self._outline = ""
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setTabChangesFocus(True)
        self.setAccessibleName(translate("TokenCard", "Access token"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        set_kind(self, "code")

    def show_text(self, text: str) -> None:
        """Show `text` and nothing else; what was shown before cannot be brought back."""
        self._outline = ""
        self.setPlainText(text)
        self._fit()

    def show_outline(self, outline: str) -> None:
        """Show the outline of a token, with a mask as long as the line has room for."""
        self._outline = outline
        self._fit_mask()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap anew; the height follows."""
        super().resizeEvent(event)
        if self._outline:
            self._fit_mask()
        self._fit()

    def _fit_mask(self) -> None:
        metrics, dots = self.fontMetrics(), self._outline.count(DOT)
        spare = self.viewport().width() - metrics.horizontalAdvance(self._outline)
        fitting = dots + min(0, math.floor(spare / metrics.horizontalAdvance(DOT)))
        masked = re.sub(f"{DOT}+", DOT * max(fitting, FEWEST_DOTS), self._outline)
        if masked != self.toPlainText():
            self.setPlainText(masked)

    def _fit(self) -> None:
        all_lines = max(round(self.document().size().height()), 1)
        lines, too_long = min(all_lines, MOST_LINES), all_lines > MOST_LINES
        padding = 2 * self._theme.px(SPACE_S)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + padding)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if too_long else policy.ScrollBarAlwaysOff)


def _reading() -> str:
    return translate("TokenCard", "Reading…")


def _why_none(subject: Subject, vault: VaultState) -> str:
    """Say why there is no token to show; empty where there is one."""
    if isinstance(subject.status, Locked):
        return translate("TokenCard", "The vault is locked. Unlock it to see the token.")
    if subject.grant.renewal.policy is RenewalPolicy.ON_USE:
        return translate("TokenCard", "No token is kept: every use gets a new one.")
    if subject.record.token is None:
        return translate("TokenCard", "No token yet.")
    return _reading() if isinstance(vault, VaultOpening) else ""
