"""Ways to a provider that is not in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tokendeck.ui.labels import label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_XS, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.theme import Theme


class OtherWays(QWidget):
    """A line below the list, with a button for each way."""

    issuer_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the line."""
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(SPACE_XS))
        line.addWidget(label(translate("OtherWays", "Not in the list?"), "quiet"))
        issuer = QPushButton(translate("OtherWays", "New from issuer"))
        issuer.setToolTip(translate("OtherWays", "Read what the provider publishes about itself."))
        issuer.clicked.connect(self.issuer_wanted)
        for button in (issuer,):
            set_kind(button, "link")
            line.addWidget(button)
        line.addStretch(1)
