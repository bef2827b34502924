"""What most connections never need: tags, and what the user knows better than the descriptor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from tokendeck.core.connection import BASE_URL
from tokendeck.core.provider import BodyKind
from tokendeck.ui.adding.rows import ChoiceRow, TextRow
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_M, set_kind

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection
    from tokendeck.ui.context import UiContext

AS_DESCRIBED = ""
"""Key of the choice that leaves the descriptor's body kind alone."""

BODY = "body"
"""Key of the override that says how the parameters of the connection's own grant travel."""


class Advanced(QWidget):
    """A section that opens and closes."""

    changed = Signal()

    def __init__(self, context: UiContext, start: Connection) -> None:
        """Begin with what `start` says, open where it overrides anything."""
        super().__init__()
        self._context = context
        self._kept = dict(start.overrides)
        theme = context.theme
        self._toggle = QPushButton(translate("Advanced", "More settings"))
        self._toggle.setCheckable(True)
        set_kind(self._toggle, "flush")
        self._body = QWidget()
        self.base_url = TextRow(
            theme,
            translate("Advanced", "Base URL"),
            QLineEdit(start.overrides.get(BASE_URL, "")),
            translate("Advanced", "Takes the place of every address that the provider's page names."),
            "https://…",
        )
        self._tags = TextRow(
            theme,
            translate("Advanced", "Tags"),
            QLineEdit(" ".join(start.tags)),
            translate("Advanced", "Words to find it by, with blanks between them."),
        )
        self._kind = ChoiceRow(context, translate("Advanced", "Parameters travel as"), _body_kinds())
        for row in (self.base_url, self._tags, self._kind):
            row.changed.connect(self.changed)
        self._kind.choose(start.overrides.get(BODY, AS_DESCRIBED))

        rows = QVBoxLayout(self._body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.px(SPACE_M + 2))
        for row in (self._tags, self._kind, self.base_url):
            rows.addWidget(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._toggle, alignment=Qt.AlignmentFlag.AlignLeft)
        whole.addWidget(self._body)
        self._toggle.toggled.connect(self._open)
        self._open(bool(start.overrides))

    def tags(self) -> tuple[str, ...]:
        """Give the tags, once each, without the `#` that people write."""
        words = (word.lstrip("#") for word in re.split(r"[\s,]+", self._tags.text))
        return tuple(dict.fromkeys(word for word in words if word))

    def overrides(self) -> dict[str, str]:
        """Give what is overridden, by dotted key; overrides that no row shows stay as they were."""
        chosen = {BODY: self._kind.key, BASE_URL: self.base_url.text}
        return {key: text for key, text in {**self._kept, **chosen}.items() if text}

    def open(self) -> None:
        """Open the section."""
        self._toggle.setChecked(True)

    def _open(self, is_open: bool) -> None:  # noqa: FBT001 - a slot
        self._toggle.setChecked(is_open)
        self._body.setVisible(is_open)
        self._context.icons.dress(self._toggle, "chevron-down" if is_open else "chevron-right", "quiet")


def _body_kinds() -> list[tuple[str, str]]:
    return [
        (AS_DESCRIBED, translate("Advanced", "as the provider's page says")),
        (BodyKind.FORM.value, translate("Advanced", "a form")),
        (BodyKind.JSON.value, translate("Advanced", "JSON")),
        (BodyKind.MULTIPART.value, translate("Advanced", "a multipart form")),
    ]
