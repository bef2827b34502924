"""Of an address that is too long for its room, scheme and host stay to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tests.ui.desk import Desk, desk
from tokendeck.ui.eliding import break_words, elide_words
from tokendeck.ui.labels import Banner

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

__all__ = ["desk"]

PATH = "/realms/a-rather-long-realm/protocol/openid-connect/token"
LONG = "https://login.example.com.of-somebody-who-hopes-that-nobody-reads-to-the-end.evil.example"


@pytest.fixture
def metrics(qapp: QApplication) -> QFontMetrics:
    return QFontMetrics(qapp.font())


@pytest.mark.parametrize("characters", [4, 12, 25, 40, 90, 120])
@pytest.mark.parametrize("quote", ["", "“"])
def test_scheme_and_host_of_an_address_are_never_cut(metrics: QFontMetrics, characters: int, quote: str) -> None:
    width = metrics.averageCharWidth() * characters

    shown = elide_words(metrics, f"to {quote}{LONG}{PATH}", width)

    assert "".join(shown.split("\n")).startswith(f"to {quote}{LONG}")
    assert all(metrics.horizontalAdvance(line) <= width for line in shown.removeprefix("to ").split("\n"))


def test_a_path_that_fits_behind_its_host_stays_whole_and_another_is_cut_in_its_middle(metrics: QFontMetrics) -> None:
    host = "https://auth.example.test"
    enough = metrics.horizontalAdvance(f"{host}{PATH}")

    whole = elide_words(metrics, f"{host}{PATH}", enough)
    cut = elide_words(metrics, f"{host}{PATH}", enough * 0.7)
    below = elide_words(metrics, f"{host}{PATH}", metrics.horizontalAdvance(host) + 1)

    assert whole == f"{host}{PATH}"
    assert cut.startswith(f"{host}/r")
    assert cut.endswith("token")
    assert "…" in cut
    assert below.startswith(f"{host}\n/")


def test_other_words_are_cut_in_their_middle(metrics: QFontMetrics) -> None:
    shown = elide_words(metrics, "short averyveryverylongwordindeed", metrics.averageCharWidth() * 12)

    assert shown.startswith("short a")
    assert shown.endswith("d")
    assert "…" in shown


def test_breaking_loses_nothing(metrics: QFontMetrics) -> None:
    text = f"Secrets would also go to {LONG}."
    width = metrics.averageCharWidth() * 30

    shown = break_words(metrics, text, width)

    assert shown.startswith("Secrets would also go to\nhttps://")
    assert without_breaks(shown) == text


def without_breaks(text: str) -> str:
    return text.replace("to\n", "to ").replace("\n", "")


def test_a_banner_shows_a_word_that_is_wider_than_itself(desk: Desk, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    banner = Banner(desk.theme)
    QVBoxLayout(window).addWidget(banner)
    window.resize(300, 300)
    window.show()

    banner.say("caution", f"Secrets would also go to {LONG}.", LONG)
    qtbot.waitUntil(lambda: "\n" in banner._sentence.text())

    assert banner.sentence == f"Secrets would also go to {LONG}."
    assert banner.detail == LONG
    assert without_breaks(banner._sentence.text()) == banner.sentence
    assert banner.accessibleName() == f"{banner.sentence} {LONG}"
    window.resize(2000, 300)
    qtbot.waitUntil(lambda: banner._sentence.text() == banner.sentence)
