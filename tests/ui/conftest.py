"""The window on a stage: clocks moved by hand, a clipboard of its own, an engine that answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ui.fake_issuers import FakeIssuers
from tests.ui.mockup import HandClock, MockupCatalog, MockupEngine, mockup_records, step_through
from tokendeck.core.wording import Wording
from tokendeck.ui.clipboard import SecretClipboard
from tokendeck.ui.context import UiContext
from tokendeck.ui.curtain import Curtain
from tokendeck.ui.icons import Icons
from tokendeck.ui.theme import Theme
from tokendeck.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QApplication

    from tokendeck.core.connection import ConnectionRecord

ICONS = Path(__file__).parents[2] / "resources" / "icons"


class Board:
    """A clipboard that can be told to refuse."""

    def __init__(self) -> None:
        self.held = ""
        self.data: dict[str, bytes] = {}
        self.takes = True
        self.lets_go = True
        self.owned = False
        """As the platform tells it."""

        self.reads = 0

    def text(self) -> str:
        self.reads += 1
        return self.held

    def setMimeData(self, data: QMimeData, /) -> None:  # noqa: N802 - Qt's spelling
        if self.takes:
            self.held = data.text()
            self.data = {name: bytes(data.data(name).data()) for name in data.formats()}

    def ownsClipboard(self) -> bool:  # noqa: N802 - Qt's spelling
        return self.owned

    def clear(self) -> None:
        if self.lets_go:
            self.held = ""


class Stage:
    def __init__(self, application: QApplication, folder: Path) -> None:
        self.clock = HandClock()
        self.board = Board()
        self.theme = Theme(application, "light")
        self.theme.dress()
        self.clipboard = SecretClipboard(self.board, self.clock)
        self.curtain = Curtain(self.clock)
        self.curtain.fell.connect(self.clipboard.clear_now)
        self.context = UiContext(
            catalog=MockupCatalog(),
            wording=Wording(),
            now=self.clock,
            theme=self.theme,
            icons=Icons(ICONS, self.theme),
            clipboard=self.clipboard,
            curtain=self.curtain,
            settings_path=folder / "window.ini",
        )
        self.engine = MockupEngine(self.clock)
        self._windows: list[MainWindow] = []

    def open(self, records: Iterable[ConnectionRecord] | None = None, *, attached: bool = True) -> MainWindow:
        """Show a window of these connections, the mock-up's where none are given."""
        self.engine.fill(mockup_records() if records is None else records)
        window = MainWindow(self.context, self.engine.records())
        self._windows.append(window)
        window.resize(1320, 760)
        window.show()
        if attached:
            window.attach(self.engine, step_through, FakeIssuers())  # type: ignore[arg-type]  # the mock-up has what the window uses
        return window

    def close(self) -> None:
        for window in self._windows:
            window.close()
            window.deleteLater()
        self.board.lets_go = True
        self.clipboard.clear_now()
        self.theme.deleteLater()


@pytest.fixture
def stage(qapp: QApplication, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(qapp, tmp_path)
    yield made
    made.close()
