"""Somebody at the window, who knows what is to be read there and nothing of the code behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QAbstractEventDispatcher, QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QMainWindow, QMenu, QMenuBar, QTabBar, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QAccessibleInterface, QAction

PATIENCE_S = 12.0
"""Longer than anything takes here, on a machine that does other work as well."""

Role = QAccessible.Role
ITEMS = {Role.ListItem, Role.Cell}
PRESSED = (Role.Button, Role.CheckBox)


class Person:
    """
    Finds by role and accessible name, in the dialog that is open or else in the window, as a screen reader does.

    Presses, types and reads at once; `until` waits for what follows.
    """

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        QAccessible.setActive(True)  # as a screen reader does: without one, Qt lets the lists' interfaces go stale

    # Looking

    @property
    def place(self) -> QWidget:
        """The dialog that wants an answer, else the window."""
        return QApplication.activeModalWidget() or self._window

    @property
    def dialog(self) -> str:
        """The title of the dialog that is open; empty where none is."""
        return "" if self.place is self._window else self.place.windowTitle()

    def reads(self) -> str:
        """Everything that can be read now, a line for each thing."""
        return "\n".join(text for one in self._seen() for text in _texts(one))

    def rows(self) -> list[str]:
        """What the list says of each connection, from the top."""
        return [_name(one) for one in self._seen() if one.role() in ITEMS]

    def row(self, name: str) -> str:
        """What the list says of one connection after its name; empty where it is not there."""
        return next((row.removeprefix(f"{name}, ") for row in self.rows() if row.partition(", ")[0] == name), "")

    def offers(self, button: str) -> bool:
        """Whether there is a button of this name that can be pressed."""
        return any(widget.isEnabled() for widget in self._all(Role.Button, button))

    def typed(self, field: str) -> str:
        """What a field shows: bullets where it is masked."""
        return _value(self._interface(Role.EditableText, field))

    def remark(self, field: str) -> str:
        """The help below a field, or what is wrong with it."""
        return self._interface(Role.EditableText, field).text(QAccessible.Text.Description)

    def shown(self, name: str) -> str:
        """The text of a view that cannot be edited."""
        return _value(self._interface(Role.EditableText, name))

    def fact(self, name: str) -> str:
        """What stands behind a name in the detail: the line that follows it."""
        lines = self.reads().splitlines()
        return lines[lines.index(name) + 1] if name in lines[:-1] else ""

    def has_focus(self, field: str) -> bool:
        """Whether what is typed now goes into this field."""
        return self.place.focusWidget() is self._find(Role.EditableText, field)

    # Doing

    def press(self, button: str) -> None:
        """Press a button, or tick a box."""
        widget = next((one for role in PRESSED for one in self._all(role, button)), None)
        assert widget is not None, f"no button “{button}” in:\n{self.reads()}"
        assert widget.isEnabled(), f"“{button}” cannot be pressed in:\n{self.reads()}"
        # The left edge: a box that is wider than its words takes no click on the right.
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(10, widget.height() // 2))

    def fill(self, field: str, text: str) -> None:
        """Replace what is in a field by typing."""
        edit = self._find(Role.EditableText, field)
        QTest.mouseClick(edit, Qt.MouseButton.LeftButton)
        QTest.keySequence(edit, QKeySequence("Ctrl+A"))
        QTest.keyClick(edit, Qt.Key.Key_Delete)
        QTest.keyClicks(edit, text)

    def paste(self, field: str, text: str) -> None:
        """Replace what is in a field by what another program has copied; QTest types ASCII only."""
        edit = self._find(Role.EditableText, field)
        QGuiApplication.clipboard().setText(text)
        QTest.mouseClick(edit, Qt.MouseButton.LeftButton)
        QTest.keySequence(edit, QKeySequence("Ctrl+A"))
        QTest.keySequence(edit, QKeySequence("Ctrl+V"))
        QGuiApplication.clipboard().clear()

    def choose(self, choice: str, words: str) -> None:
        """Choose the item that begins with `words`, by the arrow keys."""
        box = self._find(Role.ComboBox, choice)
        assert isinstance(box, QComboBox)
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Home)
        while not box.currentText().startswith(words):
            before = box.currentIndex()
            QTest.keyClick(box, Qt.Key.Key_Down)
            assert box.currentIndex() != before, f"“{choice}” offers no “{words}”"

    async def key(self, keys: str) -> None:
        """Press a key or a combination of keys wherever the keyboard is."""
        place = self.place
        place.activateWindow()  # what a window manager does when a dialog closes
        await self.until(lambda: QApplication.activeWindow() is place)
        at = cast("QWidget | None", place.focusWidget())
        QTest.keySequence(place if at is None else at, QKeySequence(keys))

    def select(self, name: str) -> None:
        """Click on a connection in the list."""
        found = next(
            (one for one in self._seen() if one.role() in ITEMS and _name(one).partition(", ")[0] == name), None
        )
        assert found is not None, f"no row “{name}” in:\n{self.reads()}"
        view = found.parent().object()
        assert isinstance(view, QAbstractItemView)
        at = view.viewport().mapFromGlobal(found.rect().topLeft()) + QPoint(8, 8)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)

    def turn_to(self, tab: str) -> None:
        """Turn to a tab of the detail."""
        found = next((one for one in self._seen() if one.role() is Role.PageTab and _name(one) == tab), None)
        assert found is not None, f"no tab “{tab}” in:\n{self.reads()}"
        bar = found.parent().object()
        assert isinstance(bar, QTabBar)
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.mapFromGlobal(found.rect().center()))

    def menu(self, title: str, words: str) -> None:
        """Open a menu of the window and choose from it."""
        bar = self._window.menuBar()
        top = _action(bar, title)
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.actionGeometry(top).center())
        opened = QApplication.activePopupWidget()
        assert isinstance(opened, QMenu), f"the menu “{title}” does not open"
        QTest.mouseClick(opened, Qt.MouseButton.LeftButton, pos=opened.actionGeometry(_action(opened, words)).center())

    def close(self) -> None:
        """Close the window by its frame."""
        self._window.close()

    # Waiting

    async def until(self, condition: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
        """Return once `condition` holds; it is looked at whenever the event loop has nothing else to do."""
        try:
            await until(condition, patience_s=patience_s)
        except TimeoutError:
            raise AssertionError(f"it did not come; what is to be read:\n{self.reads()}") from None

    async def until_reading(self, *words: str) -> None:
        """Return once all of `words` can be read."""
        try:
            await until(lambda: all(one in self.reads() for one in words))
        except TimeoutError:
            missing = [one for one in words if one not in self.reads()]
            raise AssertionError(f"nowhere to be read: {missing}, but:\n{self.reads()}") from None

    # Inside

    def _seen(self) -> Iterator[QAccessibleInterface]:
        return _walk(QAccessible.queryAccessibleInterface(self.place))

    def _all(self, role: QAccessible.Role, name: str) -> Iterator[QWidget]:
        for one in self._seen():
            widget = one.object()
            # On Linux the name of a combo box is what is chosen; its label is the widget's own name.
            if one.role() is role and isinstance(widget, QWidget) and name in {_name(one), widget.accessibleName()}:
                yield widget

    def _find(self, role: QAccessible.Role, name: str) -> QWidget:
        found = next(self._all(role, name), None)
        assert found is not None, f"no {role.name} “{name}” in:\n{self.reads()}"
        return found

    def _interface(self, role: QAccessible.Role, name: str) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._find(role, name))


async def until(condition: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Return once `condition` holds; raises TimeoutError, or what `condition` raises."""
    if condition():
        return
    held = asyncio.get_running_loop().create_future()

    def look() -> None:
        if held.done():
            return
        try:
            if condition():
                held.set_result(None)
        except Exception as error:  # noqa: BLE001 - a slot ends here; whoever waits gets the error
            held.set_exception(error)

    dispatcher = QAbstractEventDispatcher.instance()
    assert dispatcher is not None
    dispatcher.aboutToBlock.connect(look)
    try:
        async with asyncio.timeout(patience_s):
            await held
    finally:
        dispatcher.aboutToBlock.disconnect(look)


def pasted() -> str:
    """What pasting would give in another program."""
    return QGuiApplication.clipboard().text()


def beside_the_text() -> dict[str, bytes]:
    """What else is on the clipboard, by format."""
    data = QGuiApplication.clipboard().mimeData()
    return {name: bytes(data.data(name).data()) for name in data.formats() if name != "text/plain"}


def _walk(interface: QAccessibleInterface | None) -> Iterator[QAccessibleInterface]:
    if interface is None or interface.state().invisible:
        return
    yield interface
    for number in range(interface.childCount()):
        yield from _walk(interface.child(number))


def _name(interface: QAccessibleInterface) -> str:
    return interface.text(QAccessible.Text.Name)


def _value(interface: QAccessibleInterface) -> str:
    text = interface.textInterface()
    return text.text(0, text.characterCount())


def _texts(interface: QAccessibleInterface) -> Iterator[str]:
    name = _name(interface)
    if name:
        yield name
    if interface.role() is Role.EditableText:
        yield _value(interface)


def _action(owner: QMenuBar | QMenu, words: str) -> QAction:
    found = [one for one in owner.actions() if one.text().replace("&", "").rstrip("…") == words]
    assert found, f"no “{words}” among {[one.text() for one in owner.actions()]}"
    return found[0]
