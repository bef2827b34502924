from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QLabel, QPushButton

from tokendeck.ui import theme as themes
from tokendeck.ui.labels import label
from tokendeck.ui.theme import Colors, Theme, set_kind

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.ui.conftest import Stage

ENOUGH = 4.5
"""For text: WCAG 2.2, success criterion 1.4.3."""


def luminance(color: QColor) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [themes.light(), themes.dark()], ids=["light", "dark"])
def test_all_text_can_be_read_on_its_ground(colors: Colors) -> None:
    pairs = {
        "text on window": (colors.text, colors.window),
        "text on panel": (colors.text, colors.panel),
        "text on selection": (colors.text, colors.selection),
        "quiet on panel": (colors.quiet, colors.panel),
        "quiet on window": (colors.quiet, colors.window),
        "good": (colors.good, colors.good_ground),
        "caution": (colors.caution, colors.caution_ground),
        "bad": (colors.bad, colors.bad_ground),
        "neutral": (colors.neutral, colors.neutral_ground),
        "link": (colors.accent, colors.panel),
        "link on window": (colors.accent, colors.window),
        "accent on selection": (colors.accent, colors.selection),
        "quiet on selection": (colors.quiet, colors.selection),
        "button": (colors.on_accent, colors.accent),
        "good on selection": (colors.good, colors.selection),
        "caution on selection": (colors.caution, colors.selection),
        "bad on selection": (colors.bad, colors.selection),
    }

    too_faint = {name: round(contrast(*pair), 2) for name, pair in pairs.items() if contrast(*pair) < ENOUGH}

    assert too_faint == {}


def test_forced_scheme_is_worn(qapp: QApplication) -> None:
    theme = Theme(qapp, "dark")

    assert theme.is_dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == themes.dark().window
    theme.deleteLater()


def test_system_that_says_nothing_is_judged_by_its_palette(qapp: QApplication) -> None:
    theme = Theme(qapp)

    assert not theme.is_high_contrast
    assert theme.is_dark == (qapp.styleHints().colorScheme() is Qt.ColorScheme.Dark)
    theme.deleteLater()


def test_high_contrast_takes_every_colour_from_the_systems_palette() -> None:
    palette = QPalette(QColor("yellow"), QColor("black"))
    palette.setColor(QPalette.ColorRole.Text, QColor("yellow"))
    palette.setColor(QPalette.ColorRole.Base, QColor("black"))

    colors = themes.of_palette(palette)

    assert colors.text == colors.bad == colors.quiet == QColor("yellow")
    assert colors.panel == colors.bad_ground == QColor("black")


def test_high_contrast_writes_on_the_selection_in_its_own_ink(stage: Stage) -> None:
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Highlight, QColor("cyan"))
    palette.setColor(QPalette.ColorRole.HighlightedText, QColor("black"))

    colors = themes.on_selection(palette)

    assert colors.text == colors.quiet == colors.tone("bad")[0] == QColor("black")
    assert colors.selection == colors.tone("bad")[1] == QColor("cyan")
    assert stage.theme.selected == stage.theme.colors


def test_a_label_that_wraps_is_as_tall_as_its_lines_without_a_stylesheet(qapp: QApplication) -> None:
    kept = qapp.styleSheet()
    qapp.setStyleSheet("")
    wrapping = label("words " * 40, wraps=True)
    try:
        assert wrapping.sizePolicy().hasHeightForWidth()
        assert wrapping.heightForWidth(200) > 3 * wrapping.fontMetrics().height()
    finally:
        qapp.setStyleSheet(kept)


def test_row_is_66_pixels_at_13_and_grows_with_the_font(stage: Stage, qapp: QApplication) -> None:
    kept = qapp.font()
    font = qapp.font()
    try:
        for pixels, height in ((13, 66), (26, 132)):
            font.setPixelSize(pixels)
            qapp.setFont(font)
            stage.theme._apply()

            assert stage.theme.row_height() == height
    finally:
        qapp.setFont(kept)
        stage.theme._apply()


def test_dressed_button_follows_the_theme(stage: Stage) -> None:
    button = QPushButton("Copy")
    stage.context.icons.dress(button, "copy", "text")
    before = button.icon().cacheKey()
    changed = QSignalSpy(stage.theme.changed)

    stage.theme._follow()

    assert changed.count() == 1
    assert button.icon().cacheKey() != before
    button.deleteLater()


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_icon_has_a_pixel_for_every_pixel(stage: Stage, scale: float) -> None:
    icons = stage.context.icons

    pixmap = icons.pixmap("copy", QColor("red"), 16, scale)

    assert pixmap.width() == 16 * scale
    assert pixmap.devicePixelRatio() == scale
    assert icons.pixmap("copy", QColor("red"), 16, scale) is pixmap


def test_icon_is_drawn_in_its_colour(stage: Stage) -> None:
    image = stage.context.icons.pixmap("check", QColor("#ff0000"), 24, 1.0).toImage()

    seen = [image.pixelColor(x, y) for x in range(24) for y in range(24)]
    assert any(color.alpha() > 200 and color.red() > 200 and color.green() < 20 for color in seen)


def test_kind_is_set_once(stage: Stage) -> None:  # noqa: ARG001 - the stage brings the application
    label = QLabel()

    set_kind(label, "small", tone="bad")
    set_kind(label, "small", tone="bad")

    assert (label.property("kind"), label.property("tone")) == ("small", "bad")
