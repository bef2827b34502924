"""Diagnostics at the window: what is shown is what is copied."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QPushButton

from tests.ui.looking import dialog_of, words_in
from tokendeck.core.diagnosis import Diagnosis, Finding, Inspected
from tokendeck.core.secret import Secret
from tokendeck.ui.diagnostics import DiagnosticsDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.ui.conftest import Stage

FOUND = Diagnosis(
    at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    parts={"Tokendeck": "0.1.0"},
    system="Linux",
    findings=(Finding("Store", ok=True, detail="It opens."),),
    connections=(Inspected("Web shop", "0" * 32, "paysera", "production", "main", "ahead", "live", None, "", ()),),
    log=("Web shop waits for shop-20417",),
    private=frozenset({"shop-20417"}),
)


def button(within: QWidget, words: str) -> QPushButton:
    return next(one for one in within.findChildren(QPushButton) if one.text() == words)


def opened(stage: Stage) -> DiagnosticsDialog:
    window = stage.open()
    window.actions_.diagnose.trigger()
    return dialog_of(window, DiagnosticsDialog)


def shown(dialog: DiagnosticsDialog) -> str:
    (text,) = dialog.findChildren(QPlainTextEdit)
    return text.toPlainText()


def test_nothing_can_be_copied_before_it_was_seen(stage: Stage) -> None:
    window, wanted = stage.open(), list[bool]()
    window.dialogs.diagnosis_wanted.connect(lambda: wanted.append(True))

    window.actions_.diagnose.trigger()
    dialog = dialog_of(window, DiagnosticsDialog)
    before = (shown(dialog), button(dialog, "Copy").isEnabled())
    dialog.findChildren(QCheckBox)[0].click()
    window.dialogs.show_diagnosis(FOUND)

    assert wanted == [True]
    assert before == ("Looking…", False)
    assert button(dialog, "Copy").isEnabled()


def test_what_is_copied_is_what_is_shown(stage: Stage) -> None:
    dialog = opened(stage)
    dialog.show_diagnosis(FOUND)

    button(dialog, "Copy").click()

    assert stage.board.held == shown(dialog) == stage.context.wording.report(FOUND.told(names=False))
    assert "Web shop" not in shown(dialog)
    assert "shop-20417" not in shown(dialog)
    assert "Copied." in words_in(dialog)


def test_names_come_with_it_only_where_they_are_wanted(stage: Stage) -> None:
    dialog = opened(stage)
    dialog.show_diagnosis(FOUND)
    (names,) = dialog.findChildren(QCheckBox)

    button(dialog, "Copy").click()
    names.click()
    named = shown(dialog)
    said = words_in(dialog)
    names.click()

    assert "Web shop (" in named
    assert "shop-20417" not in named
    assert "Copied." not in said  # that was the other text
    assert "Web shop" not in shown(dialog)


def test_a_clipboard_that_takes_nothing_is_told_of(stage: Stage) -> None:
    dialog = opened(stage)
    dialog.show_diagnosis(FOUND)
    stage.board.takes = False

    button(dialog, "Copy").click()

    assert "Nothing was copied." in words_in(dialog)


def test_a_secret_that_gave_way_is_no_longer_counted_down(stage: Stage) -> None:
    dialog = opened(stage)
    dialog.show_diagnosis(FOUND)
    stage.clipboard.copy(Secret("a token"))

    button(dialog, "Copy").click()

    assert stage.clipboard.seconds_left is None


def test_what_was_found_too_late_opens_nothing(stage: Stage) -> None:
    window = stage.open()
    window.actions_.diagnose.trigger()
    dialog = dialog_of(window, DiagnosticsDialog)
    button(dialog, "Close").click()

    window.dialogs.show_diagnosis(FOUND)

    assert not dialog.isVisible()


def test_before_the_engine_has_come_there_is_nothing_to_look_at(stage: Stage) -> None:
    window = stage.open(attached=False)

    window.actions_.diagnose.trigger()

    assert window.findChildren(DiagnosticsDialog) == []
