"""The application object and its one window, painted before anything slow is imported."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from tokendeck.core.wording import Wording
from tokendeck.ui.clipboard import SecretClipboard
from tokendeck.ui.context import UiContext
from tokendeck.ui.curtain import Curtain
from tokendeck.ui.icons import Icons
from tokendeck.ui.text import translate
from tokendeck.ui.theme import Scheme, Theme
from tokendeck.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.listing import Listing
    from tokendeck.core.moment import Moment
    from tokendeck.ui.ports import Shelf

SLOWEST_PAINT_MS = 2000
"""A window that a compositor keeps hidden is not painted; the program goes on all the same."""


class Desktop:
    """What the composition root builds first: a window that shows records, and nothing behind it yet."""

    def __init__(
        self,
        records: Listing | Iterable[ConnectionRecord],
        *,
        catalog: Shelf,
        now: Callable[[], Moment],
        resources: Path,
        settings_path: Path,
        damaged_stores: tuple[str, ...] = (),
        scheme: Scheme | None = None,
    ) -> None:
        """
        Build everything, show nothing.

        Args:
            records: as the ledger last had them.
            catalog: the descriptors.
            now: reads both clocks.
            resources: holds `icons/`.
            settings_path: the file in which the window's geometry is kept.
            damaged_stores: files as which damaged stores were set aside.
            scheme: light or dark whatever the system says; None follows the system.

        """
        self.application = _application()
        self.application.setApplicationName("tokendeck")
        self.application.setApplicationDisplayName("Tokendeck")
        self.application.setDesktopFileName("tokendeck")
        self._icon = str(resources / "icons" / "tokendeck.svg")
        theme = Theme(self.application, scheme)
        self.clipboard = SecretClipboard(QGuiApplication.clipboard(), now, QGuiApplication.platformName())
        self.curtain = Curtain(now)
        self.curtain.fell.connect(self.clipboard.clear_now)
        self.context = UiContext(
            catalog=catalog,
            wording=Wording(translate),
            now=now,
            theme=theme,
            icons=Icons(resources / "icons", theme),
            clipboard=self.clipboard,
            curtain=self.curtain,
            settings_path=settings_path,
            damaged_stores=damaged_stores,
        )
        self.window = MainWindow(self.context, records)
        theme.dress()

    def paint(self) -> None:
        """Show the window and give it the time for its first paint."""
        first = _FirstPaint(self.application)
        self.window.installEventFilter(first)
        self.window.show()
        QTimer.singleShot(SLOWEST_PAINT_MS, first, first.go_on)
        self.application.exec()  # its own loop, ended by the first paint; asyncio's is not imported yet
        self.application.setWindowIcon(QIcon(self._icon))  # drawn in many sizes, beside the window and not in it
        self.window.removeEventFilter(first)
        first.deleteLater()

    def heed_leaving(self) -> None:
        """Let the curtain fall from now on when the screen is locked or the machine sleeps."""
        from tokendeck.ui.leaving.session import watch_session  # not needed for the first paint

        watch_session(self.curtain.fall, self.window)

    def tell(self, error: BaseException) -> None:
        """Tell whoever is at the window of an error in which something of theirs has ended."""
        self.window.toasts.say(self.context.wording.error(error), "bad")

    def come_forward(self, activation: str) -> None:
        """
        Bring the window before all others.

        Args:
            activation: the right to do so, which Wayland gives to the program that the user starts, and to no other;
                Qt reads it from the environment. Empty elsewhere.

        """
        if activation:
            os.environ["XDG_ACTIVATION_TOKEN"] = activation
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()


class _FirstPaint(QObject):
    """Ends the loop once the window has been painted."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._application = application
        self._done = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's spelling
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, self, self.go_on)
        return super().eventFilter(watched, event)

    def go_on(self) -> None:
        if not self._done:
            self._done = True
            self._application.exit(0)


def _application() -> QApplication:
    existing = QApplication.instance()
    return existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
