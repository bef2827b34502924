"""
Every colour, size and font of the window, by name.

`Theme.colors` has the table (`text`, `quiet`, `accent`, `good`, `good_ground`, …), `SPACE_*` and `RADIUS_*` the
measures at a 13 px font, which `Theme.px` scales to the font in use. The stylesheet knows these dynamic properties, set
by `set_kind`:

    QPushButton          kind = "primary" | "link" | "quiet"; none for the plain one
    QToolButton          kind = "icon": flat, square, for one icon
    QLabel               kind = "title" | "heading" | "small" (and quiet) | "quiet" | "overline" | "mono"
    QLabel               kind = "field" (names a control) | "badge" (with tone "caution" or "neutral")
    QLabel               tone = "good" | "caution" | "bad" | "neutral" | "accent"
    QFrame               kind = "card" (panel, line, radius 10) | "banner" (its tone as ground) | "line" | "upright"
    QWidget              kind = "panel" (the panel's ground; set WA_StyledBackground) | "header" | "footer"
    QLineEdit, QPlainTextEdit   kind = "code" (monospaced); QLineEdit tone = "bad" (the field at fault)
    QScrollArea          kind = "plain": the window's ground

System high contrast overrides all of it: no palette and no stylesheet is set then, and `colors` follows the system's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QFontMetricsF, QPalette

from tokendeck.ui.stylesheet import stylesheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

SPACE_XS = 4
SPACE_S = 8
SPACE_M = 12
SPACE_L = 16
SPACE_XL = 24

RADIUS_BADGE = 4
RADIUS_CONTROL = 8
RADIUS_CARD = 10

DESIGN_FONT_PX = 13
ROW_PX = 66
"""Of a list row, at a font of `DESIGN_FONT_PX`."""

Scheme = Literal["light", "dark"]
Tone = Literal["good", "caution", "bad", "neutral", "accent"]
FontKind = Literal["normal", "strong", "small", "small_strong", "heading", "title", "overline", "mono", "figures"]

FONT_SCALE: dict[str, float] = {"small": 0.92, "small_strong": 0.88, "heading": 1.15, "title": 1.4, "overline": 0.85}


class Colors(NamedTuple):
    """The colour table; a ground is what text of that tone stands on."""

    window: QColor
    panel: QColor
    line: QColor
    text: QColor
    quiet: QColor
    accent: QColor
    on_accent: QColor
    selection: QColor
    good: QColor
    good_ground: QColor
    caution: QColor
    caution_ground: QColor
    bad: QColor
    bad_ground: QColor
    neutral: QColor
    neutral_ground: QColor
    ring_track: QColor
    hover: QColor
    pressed: QColor

    def tone(self, tone: Tone) -> tuple[QColor, QColor]:
        """Give text and ground colour of a tone."""
        if tone == "accent":
            return self.accent, self.selection
        return getattr(self, tone), getattr(self, f"{tone}_ground")


def _colors(values: str) -> Colors:
    return Colors(*map(QColor, values.split()))


def light() -> Colors:
    """Give the light table. Accent, quiet and good are a shade darker than drawn: 4.5:1 on every ground."""
    return _colors(
        "#f6f7f9 #ffffff #e3e6ea #1b1f24 #616b80 #2766e0 #ffffff #eaf1fe"
        " #187a47 #e6f4ec #9a5b00 #fdf1dc #b42318 #fdeceb #475467 #eef0f3 #d5dae1 #eceff3 #e0e4ea"
    )


def dark() -> Colors:
    """Give the dark table."""
    return _colors(
        "#15181d #1c2026 #2c323a #e8ebef #9aa4b2 #6ea0ff #0d1420 #222d40"
        " #5fd39a #17332a #f0b35a #3a2d17 #ff8a80 #3d2220 #aab3c0 #282d35 #343b45 #262b33 #30363f"
    )


def of_palette(palette: QPalette) -> Colors:
    """Give a table made of the system's own colours, for high contrast: tones are told by word and shape alone."""
    role = QPalette.ColorRole
    text, base = palette.color(role.Text), palette.color(role.Base)
    chosen = {
        "window": palette.color(role.Window),
        "accent": palette.color(role.Link),
        "on_accent": palette.color(role.ButtonText),  # buttons are the system's own, and filled by no accent
        "selection": palette.color(role.Highlight),
    }
    grounds = {"panel", "hover", "pressed"}
    return Colors(
        *(chosen.get(name, base if name in grounds or name.endswith("_ground") else text) for name in Colors._fields)
    )


def on_selection(palette: QPalette) -> Colors:
    """Give the table for what is written on the system's own selection, which has one ink and one ground."""
    ink, ground = palette.color(QPalette.ColorRole.HighlightedText), palette.color(QPalette.ColorRole.Highlight)
    grounds = {"window", "panel", "on_accent", "selection", "hover", "pressed"}
    return Colors(*(ground if name in grounds or name.endswith("_ground") else ink for name in Colors._fields))


class Theme(QObject):
    """Dresses the application, and tells when what it wears has changed."""

    changed = Signal()
    """The colours or the font are other ones now; repaint, and take colours anew."""

    colors: Colors
    selected: Colors
    """For what is written on `colors.selection`."""

    def __init__(self, application: QApplication, scheme: Scheme | None = None) -> None:
        """
        Dress `application`.

        Args:
            application: gets a palette at once, and a stylesheet by `dress`.
            scheme: forced, for pictures and tests; None follows the system.

        """
        super().__init__(application)
        self._application = application
        self._forced = scheme
        self._unit = 1.0
        self._hints = application.styleHints()
        if scheme is not None:
            self._hints.setColorScheme(Qt.ColorScheme.Dark if scheme == "dark" else Qt.ColorScheme.Light)
        self._apply()
        self._hints.colorSchemeChanged.connect(self._follow)
        if accessibility := getattr(self._hints, "accessibility", None):
            accessibility().contrastPreferenceChanged.connect(self._follow)

    def dress(self) -> None:
        """
        Put the stylesheet on.

        Done once the window is built: until then every widget would be styled anew with each parent that it is given.
        """
        self._application.setStyleSheet("" if self.is_high_contrast else stylesheet(self))

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than its ground."""
        return self.colors.text.lightness() > self.colors.panel.lightness()

    @property
    def is_high_contrast(self) -> bool:
        """Whether the system asks for high contrast; its own colours are worn then."""
        if self._forced is not None or not hasattr(self._hints, "accessibility"):
            return False
        return bool(self._hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)

    def px(self, design_px: float) -> int:
        """Scale a measure drawn for a 13 px font to the font in use."""
        return round(design_px * self._unit)

    def row_height(self) -> int:
        """Give the height of a list row: 66 px at 13 px, and never less than two lines and their padding."""
        lines = QFontMetricsF(self.font("strong")).height() + QFontMetricsF(self.font("small")).height()
        return max(self.px(ROW_PX), round(lines) + self.px(2 * SPACE_M))

    def font(self, kind: FontKind = "normal") -> QFont:
        """Give the system's font in one of its uses; `figures` and everything that counts has digits of one width."""
        system = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if kind == "mono" else None
        font = QFont(system or self._application.font())
        font.setPixelSize(max(9, round(DESIGN_FONT_PX * self._unit * FONT_SCALE.get(kind, 1.0))))
        if kind in {"strong", "small_strong", "heading", "overline"}:
            font.setWeight(QFont.Weight.DemiBold)
        if kind == "title":
            font.setWeight(QFont.Weight.Bold)
        if kind == "overline":
            font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 104)
        if kind in {"figures", "small"}:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _follow(self) -> None:
        self._apply()
        self.dress()
        self.changed.emit()

    def _apply(self) -> None:
        application = self._application
        self._unit = QFontInfo(application.font()).pixelSize() / DESIGN_FONT_PX
        if self.is_high_contrast:
            application.setPalette(QPalette())
            self.colors = of_palette(application.palette())
            self.selected = on_selection(application.palette())
            return
        self.selected = self.colors = dark() if self._wants_dark() else light()
        application.setPalette(_palette(self.colors))

    def _wants_dark(self) -> bool:
        scheme = self._hints.colorScheme()
        if self._forced is not None:
            return self._forced == "dark"
        if scheme is Qt.ColorScheme.Unknown:
            self._application.setPalette(QPalette())
            palette = self._application.palette()
            role = QPalette.ColorRole
            return palette.color(role.WindowText).lightness() > palette.color(role.Window).lightness()
        return scheme is Qt.ColorScheme.Dark


def set_kind(widget: QWidget, kind: str = "", *, tone: Tone | Literal[""] = "") -> None:
    """Say what a widget is for the stylesheet, and restyle it where it had been something else."""
    if widget.property("kind") == kind and widget.property("tone") == tone:
        return
    widget.setProperty("kind", kind)
    widget.setProperty("tone", tone)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _palette(colors: Colors) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for roles, color in (
        ((role.Window, role.AlternateBase), colors.window),
        ((role.Base, role.Button, role.ToolTipBase, role.Light), colors.panel),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.HighlightedText), colors.text),
        ((role.PlaceholderText,), colors.quiet),
        ((role.Highlight,), colors.selection),
        ((role.Accent, role.Link, role.LinkVisited), colors.accent),
        ((role.Mid, role.Midlight, role.Dark), colors.line),
    ):
        for one in roles:
            palette.setColor(one, color)
    for one in (role.WindowText, role.Text, role.ButtonText):
        faded = QColor(colors.quiet)
        faded.setAlphaF(0.6)
        palette.setColor(group.Disabled, one, faded)
    return palette
