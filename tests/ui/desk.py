"""A context with a fake engine, and its tasks, for the parts of the window under test."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.fake_engine import FakeCatalog, FakeEngine
from tests.ui.fake_issuers import FakeIssuers
from tokendeck.core.wording import Wording
from tokendeck.ui.clipboard import SecretClipboard
from tokendeck.ui.context import UiContext
from tokendeck.ui.curtain import Curtain
from tokendeck.ui.icons import Icons
from tokendeck.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QApplication

    from tokendeck.core.connection import ConnectionRecord

ICONS = Path(__file__).parents[2] / "resources" / "icons"


class FakeBoard:
    """A clipboard that belongs to the test."""

    def __init__(self) -> None:
        self.held = ""

    def text(self) -> str:
        return self.held

    def setMimeData(self, data: QMimeData, /) -> None:  # noqa: N802 - Qt's spelling
        self.held = data.text()

    def ownsClipboard(self) -> bool:  # noqa: N802 - Qt's spelling
        return False

    def clear(self) -> None:
        self.held = ""


class Desk:
    """The context with what is behind it."""

    def __init__(self, application: QApplication) -> None:
        self.catalog = FakeCatalog()
        self.engine = FakeEngine(catalog=self.catalog)
        self.board = FakeBoard()
        self.theme = Theme(application, "light")
        self.theme.dress()
        self.clipboard = SecretClipboard(self.board, self.engine.now)
        self.curtain = Curtain(self.engine.now)
        self.curtain.fell.connect(self.clipboard.clear_now)
        self.context = UiContext(
            catalog=self.catalog,
            wording=Wording(),
            now=self.engine.now,
            theme=self.theme,
            icons=Icons(ICONS, self.theme),
            clipboard=self.clipboard,
            curtain=self.curtain,
            settings_path=Path("settings.ini"),
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self.issuers = FakeIssuers(self.catalog)
        self.context.attach(self.engine, self.spawn, self.issuers)  # type: ignore[arg-type]  # the fake has what these parts use

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        return task

    async def settle(self) -> None:
        """Return when every task has ended, also those that others started; their errors fail the test."""
        while self._tasks:
            task = self._tasks.pop()
            try:
                await task
            except asyncio.CancelledError:
                assert task.cancelled()

    async def started(self) -> None:
        """Return when every task has come to its first wait."""
        await asyncio.sleep(0)

    def close(self) -> None:
        self.clipboard.clear_now()
        self.theme.deleteLater()


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    made = Desk(qapp)
    yield made
    made.close()


def keep(desk: Desk, *records: ConnectionRecord) -> None:
    """Have the engine know these connections."""
    desk.engine.kept = {one.connection.id: one for one in records}
