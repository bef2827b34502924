"""Line edits of the form: one takes a pasted block of values apart, one keeps what is typed masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QContextMenuEvent, QDropEvent, QHideEvent, QKeyEvent

    from tokendeck.ui.context import UiContext

QT_PASTE_ACTION = "edit-paste"
"""Object name that Qt gives the paste action of its own context menu."""


class FieldEdit(QLineEdit):
    """A line edit that offers what is pasted to the whole form before taking it itself."""

    def __init__(self, take_block: Callable[[str], bool], parent: QWidget | None = None) -> None:
        """Ask `take_block` first; it tells whether it filled the form from the text."""
        super().__init__(parent)
        self._take_block = take_block

    def paste_from_clipboard(self) -> None:
        """Paste, without the blanks and line ends that copying picks up."""
        self._take(QGuiApplication.clipboard().text())

    def make_menu(self) -> QMenu:
        """Give Qt's own context menu with our way of pasting."""
        menu = self.createStandardContextMenu()
        paste = menu.findChild(QAction, QT_PASTE_ACTION)
        if paste is not None:
            paste.triggered.disconnect()
            paste.triggered.connect(self.paste_from_clipboard)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Paste our way; everything else as ever."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_from_clipboard()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Offer the usual, with our way of pasting."""
        menu = self.make_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Take dropped text as if it were pasted."""
        if event.mimeData().hasText():
            self._take(event.mimeData().text())
            event.acceptProposedAction()

    def _take(self, text: str) -> None:
        if not self._take_block(text):
            self.insert(text.strip())


class SecretEdit(FieldEdit):
    """
    Masks what is typed; an eye shows it, a clipboard pastes it.

    Nothing can be selected while it is shown: X11 hands every selection to whoever asks, and none of it is marked.
    """

    def __init__(self, context: UiContext, take_block: Callable[[str], bool], parent: QWidget | None = None) -> None:
        """Start masked."""
        super().__init__(take_block, parent)
        self._curtain = context.curtain
        self._icons = context.icons
        self._eye = QAction(self)
        self._eye.setShortcut(QKeySequence("Ctrl+H"))
        self._eye.triggered.connect(lambda: self.set_shown(self.echoMode() is QLineEdit.EchoMode.Password))
        self._paste = QAction(translate("SecretEdit", "Paste"), self)
        self._paste.triggered.connect(self.paste_from_clipboard)
        self._icons.dress(self._paste, "clipboard-paste", "quiet")
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        self.addAction(self._paste, QLineEdit.ActionPosition.TrailingPosition)
        self.selectionChanged.connect(self._select_nothing_shown)
        self._curtain.fell.connect(self.cover)
        self.cover()

    def set_shown(self, shown: bool) -> None:  # noqa: FBT001 - a slot
        """Show or mask what is typed."""
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._icons.dress(self._eye, "eye-off" if shown else "eye", "quiet")
        self._eye.setText(translate("SecretEdit", "Hide") if shown else translate("SecretEdit", "Show"))
        if shown:
            self._curtain.open_for(self)
            self.deselect()
        else:
            self._curtain.close_for(self)

    def cover(self) -> None:
        """Mask what is typed: nobody looks at it any more."""
        self.set_shown(False)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Mask what nobody looks at."""
        self.cover()
        super().hideEvent(event)

    def _select_nothing_shown(self) -> None:
        if self.echoMode() is QLineEdit.EchoMode.Normal:
            self.deselect()
