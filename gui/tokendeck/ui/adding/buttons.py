"""The buttons below the form: give up, save, and save with proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_S, SPACE_XL, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.theme import Theme


class PageButtons(QWidget):
    """One of them is the default: try it out and save, or save and sign in where only a person brings a token."""

    def __init__(self, theme: Theme) -> None:
        """Make them."""
        super().__init__()
        self.cancel = QPushButton(translate("ConnectionPage", "Cancel"))
        self.save = QPushButton()
        self.proceed = QPushButton()
        set_kind(self.proceed, "primary")
        row = QHBoxLayout(self)
        edge = theme.px(SPACE_XL)
        row.setContentsMargins(edge, theme.px(SPACE_L), edge, edge)
        row.setSpacing(theme.px(SPACE_S))
        row.addStretch(1)
        for button in (self.cancel, self.save, self.proceed):
            row.addWidget(button)

    def name_for(self, *, person: bool) -> None:
        """Say what they do, depending on whether a `person` has to sign in."""
        if person:
            self.save.setText(translate("ConnectionPage", "Save without signing in"))
            self.proceed.setText(translate("ConnectionPage", "Save and sign in"))
        else:
            self.save.setText(translate("ConnectionPage", "Save without testing"))
            self.proceed.setText(translate("ConnectionPage", "Test and save"))

    def let_save(self, *, possible: bool) -> None:
        """Switch saving on or off."""
        self.save.setEnabled(possible)
        self.proceed.setEnabled(possible)

    def offer_to_close(self) -> None:
        """Leave one button: everything is done."""
        self.cancel.setText(translate("ConnectionPage", "Close"))
        set_kind(self.cancel, "primary")
        self.save.hide()
        self.proceed.hide()
        self.cancel.setDefault(True)
        self.cancel.setFocus()
