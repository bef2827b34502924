from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tokendeck.core.secret import Secret
from tokendeck.ui.adding.passphrase import PassphraseDialog, PassphraseMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.desk import Desk

GOOD = "lamp orbit velvet canyon stork thumb"


@pytest.fixture
def open_dialog(desk: Desk, qtbot: QtBot) -> Iterator[Callable[[PassphraseMode], PassphraseDialog]]:
    opened: list[PassphraseDialog] = []

    def open_one(mode: PassphraseMode) -> PassphraseDialog:
        dialog = PassphraseDialog(desk.context, mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        qtbot.addWidget(dialog)
        dialog.open()
        opened.append(dialog)
        return dialog

    yield open_one
    for dialog in opened:
        dialog.reject()


def test_enter_gives_the_passphrase(open_dialog: Callable[[PassphraseMode], PassphraseDialog], qtbot: QtBot) -> None:
    dialog = open_dialog(PassphraseMode.UNLOCK)
    QTest.keyClicks(dialog._first.edit, "open sesame")

    with qtbot.waitSignal(dialog.passphrase_given) as given:
        QTest.keyClick(dialog._first.edit, Qt.Key.Key_Return)

    assert given.args == [Secret("open sesame")]
    assert dialog._first.edit.echoMode() is QLineEdit.EchoMode.Password


def test_a_wrong_one_is_said_and_can_be_typed_again(open_dialog: Callable[[PassphraseMode], PassphraseDialog]) -> None:
    dialog = open_dialog(PassphraseMode.UNLOCK)
    dialog._first.edit.setText("wrong")
    dialog._accept.click()
    was_busy = not dialog._accept.isEnabled()

    dialog.show_error("This passphrase does not open the vault.")
    QTest.keyClicks(dialog._first.edit, "right")

    assert was_busy
    assert dialog._first.edit.text() == "right"
    assert dialog._first.error == ""
    assert dialog._accept.isEnabled()


def test_nothing_typed_is_not_given(open_dialog: Callable[[PassphraseMode], PassphraseDialog], qtbot: QtBot) -> None:
    dialog = open_dialog(PassphraseMode.UNLOCK)

    with qtbot.assertNotEmitted(dialog.passphrase_given):
        QTest.keyClick(dialog._first.edit, Qt.Key.Key_Return)


def test_a_recovery_key_is_asked_for_once_and_masked(
    open_dialog: Callable[[PassphraseMode], PassphraseDialog], qtbot: QtBot
) -> None:
    dialog = open_dialog(PassphraseMode.RECOVER)
    before = dialog._accept.isEnabled()
    QTest.keyClicks(dialog._first.edit, "7k3qm-0000a")

    with qtbot.waitSignal(dialog.passphrase_given) as given:
        QTest.keyClick(dialog._first.edit, Qt.Key.Key_Return)

    assert not before
    assert given.args == [Secret("7k3qm-0000a")]
    assert not dialog._again.isVisible()
    assert dialog._first.edit.echoMode() is QLineEdit.EchoMode.Password
    assert dialog._first.edit.accessibleName() == "Recovery key"


def test_choosing_wants_it_twice_and_that_its_loss_is_understood(
    open_dialog: Callable[[PassphraseMode], PassphraseDialog], qtbot: QtBot
) -> None:
    dialog = open_dialog(PassphraseMode.CHOOSE)
    dialog._first.edit.setText(GOOD)
    dialog._again.edit.setText(GOOD)
    before = dialog._accept.isEnabled()

    dialog._knows.setChecked(True)

    with qtbot.waitSignal(dialog.passphrase_given) as given:
        dialog._accept.click()
    assert not before
    assert given.args == [Secret(GOOD)]


def test_another_second_one_is_said_only_once_it_cannot_become_the_same(
    open_dialog: Callable[[PassphraseMode], PassphraseDialog],
) -> None:
    dialog = open_dialog(PassphraseMode.CHOOSE)
    dialog._knows.setChecked(True)
    dialog._first.edit.setText(GOOD)

    dialog._again.edit.setText(GOOD[:5])
    on_the_way = dialog._again.error
    dialog._again.edit.setText("lamb")

    assert on_the_way == ""
    assert dialog._again.error == "The two are not the same yet."
    assert not dialog._accept.isEnabled()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Five or six random words"),
        ("password1", "Easy to guess"),
        ("correct horse battery staple", "Fair"),
        (GOOD, "Hard to guess"),
    ],
)
def test_the_hint_is_honest(open_dialog: Callable[[PassphraseMode], PassphraseDialog], typed: str, said: str) -> None:
    dialog = open_dialog(PassphraseMode.CHOOSE)

    dialog._first.edit.setText(typed)

    assert dialog._first.edit.accessibleDescription().startswith(said)


def test_closing_forgets_what_was_typed(open_dialog: Callable[[PassphraseMode], PassphraseDialog]) -> None:
    dialog = open_dialog(PassphraseMode.CHOOSE)
    dialog._first.edit.setText(GOOD)
    dialog._again.edit.setText(GOOD)

    dialog.close()

    assert dialog._first.edit.text() == dialog._again.edit.text() == ""
