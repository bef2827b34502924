"""The line below: the clipboard's countdown, what the engine does, how the vault stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from tokendeck.ui.announce import announce
from tokendeck.ui.clipboard import KEPT_S
from tokendeck.ui.labels import ElidedLabel, label
from tokendeck.ui.text import plural, translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.context import UiContext

BAR_PX = 120


class Footer(QWidget):
    """Shows what it is told; the clipboard's part keeps itself up to date."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start with nothing on the clipboard."""
        super().__init__(parent)
        self._context = context
        self._clipboard = context.clipboard
        self._is_narrow = False
        set_kind(self, "footer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        px = context.theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(SPACE_L), px(SPACE_S) - 2, px(SPACE_L), px(SPACE_S) - 2)
        row.setSpacing(px(SPACE_M))
        self._copied = label(tone="good")
        self._clears = label(kind="quiet")
        self._clears.setFont(context.theme.font("figures"))
        self._bar = QProgressBar(textVisible=False, minimum=0, maximum=KEPT_S)
        self._bar.setFixedWidth(px(BAR_PX))
        self._bar.setAccessibleName(translate("Footer", "Time until the clipboard is cleared"))
        self._clear = QPushButton(translate("Footer", "Clear now"))
        set_kind(self._clear, "link")
        self._clear.clicked.connect(self._clipboard.clear_now)
        self._activity = ElidedLabel("quiet")
        self._activity.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._activity.setFont(context.theme.font("figures"))
        self._vault = label(kind="quiet")
        for widget in (self._copied, self._clears, self._bar, self._clear):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._activity, 1000)
        row.addSpacing(px(SPACE_S))
        row.addWidget(self._vault)
        self._clipboard.changed.connect(self.show_clipboard)
        self.show_clipboard()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's spelling
        """Keep room for the button, so that nothing jumps when it comes."""
        button = self._clear.sizeHint().height() + 2 * self._context.theme.px(SPACE_S) - 4
        return super().minimumSizeHint().expandedTo(QSize(0, button))

    @property
    def activity(self) -> str:
        """What is said of the engine."""
        return self._activity.accessibleName()

    def say_copied(self, text: str) -> None:
        """Say what was copied, for as long as the clipboard holds it."""
        self._copied.setText(text)
        self.show_clipboard()
        announce(self, text)

    def show_activity(self, connections: int, next_renewal: str = "") -> None:
        """Show how many connections there are, and when which is renewed next, for example `0:38 · PYNG`."""
        count = plural("Footer", "%Ln connection", "%Ln connections", connections)
        if not next_renewal:
            self._activity.set_whole(count if connections else "")
            return
        line = translate("Footer", "{count} · next renewal {next}")
        self._activity.set_whole(line.format(count=count, next=next_renewal))

    def show_vault(self, text: str) -> None:
        """Show how the vault stands, for example `Keyring: Secret Service`."""
        self._vault.setText(text)

    def make_room(self, *, narrow: bool) -> None:
        """Leave out what the engine does where there is no room for all, and the vault while a countdown runs."""
        self._is_narrow = narrow
        self._activity.setVisible(not narrow)
        self.show_clipboard()

    def show_clipboard(self) -> None:
        """Show the countdown as it is now."""
        left = self._clipboard.seconds_left
        failed = self._clipboard.clear_failed
        if left is None:
            self._copied.setText("")
        counts = left is not None and not failed
        self._copied.setVisible(bool(self._copied.text()) and counts)
        self._bar.setVisible(counts and not self._is_narrow)
        self._vault.setVisible(left is None or not self._is_narrow)
        self._clears.setVisible(left is not None)
        self._clear.setVisible(left is not None)
        if failed:
            self._clears.setText(translate("Footer", "The clipboard could not be cleared; it still holds the token."))
        elif left is not None:
            self._clears.setText(translate("Footer", "Clears in {seconds} s").format(seconds=left))
            self._bar.setValue(left)
        set_kind(self._clears, "" if failed else "quiet", tone="bad" if failed else "")
