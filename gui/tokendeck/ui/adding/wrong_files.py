"""What is wrong with provider files, told quietly below the providers that there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from tokendeck.core.errors import DescriptorError
from tokendeck.ui.labels import label
from tokendeck.ui.text import plural, translate
from tokendeck.ui.theme import SPACE_XS, set_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.ui.context import UiContext

MOST_TOLD = 3
"""More would push the providers away."""


class WrongFiles(QWidget):
    """A line for each file, and a way to their folder; hidden where every file is right."""

    def __init__(self, context: UiContext, open_folder: Callable[[QUrl], object] = QDesktopServices.openUrl) -> None:
        """Tell what the catalog complains of; `open_folder` shows a folder in the system's own way."""
        super().__init__()
        problems = context.catalog.problems
        if not problems:
            self.hide()
            return
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(context.theme.px(SPACE_XS))
        for problem in problems[:MOST_TOLD]:
            file = DescriptorError(Path(problem.file).name, problem.key, problem.expected)
            rows.addWidget(label(context.wording.error(file), "small", tone="caution", wraps=True, selectable=True))
        more = len(problems) - MOST_TOLD
        if more > 0:
            rest = plural("WrongFiles", "One more file cannot be used.", "%Ln more files cannot be used.", more)
            rows.addWidget(label(rest, "small", tone="caution"))
        folder = Path(problems[0].file).parent
        show = QPushButton(translate("WrongFiles", "Open the folder"))
        set_kind(show, "inline")
        show.setToolTip(str(folder))
        show.clicked.connect(lambda: open_folder(QUrl.fromLocalFile(str(folder))))
        rows.addWidget(show, alignment=Qt.AlignmentFlag.AlignLeft)
