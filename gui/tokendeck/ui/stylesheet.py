"""The one stylesheet: what a palette cannot say. Its names and numbers come from `theme`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokendeck.ui.theme import FontKind, Theme

TEMPLATE = """
QMainWindow, QDialog { background: @window; }
QMenuBar { background: @panel; border-bottom: 1px solid @line; padding: #2px #4px; }
QMenuBar::item { background: transparent; color: @quiet; padding: #5px #8px; border-radius: #4px; }
QMenuBar::item:selected { background: @hover; color: @text; }
QMenu { background: @panel; border: 1px solid @line; padding: #4px; }
QMenu::item { padding: #6px #24px #6px #10px; border-radius: #4px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::item:disabled { color: @quiet; }
QMenu::separator { height: 1px; background: @line; margin: #4px #8px; }
QMenu::icon { padding-left: #6px; }
QToolTip { background: @panel; color: @text; border: 1px solid @line; padding: #4px #6px; }

QPushButton { background: @panel; color: @text; border: 1px solid @line; border-radius: #8px;
  padding: #7px #14px; font-weight: 500; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @pressed; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @quiet; background: @window; }
QPushButton[kind="primary"] { background: @accent; color: @on_accent; border-color: @accent; }
QPushButton[kind="primary"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[kind="primary"]:pressed { background: @accent_pressed; border-color: @accent_pressed; }
QPushButton[kind="primary"]:focus { border: 2px solid @text; padding: #6px #13px; }
QPushButton[kind="primary"]:disabled { background: @neutral_ground; border-color: @line; color: @quiet; }
QPushButton[kind^="split"] { background: @accent; color: @on_accent; border: 1px solid @accent; padding: #7px #10px; }
QPushButton[kind="split_left"]:focus, QPushButton[kind="split_right"]:focus {
  border: 2px solid @text; padding: #6px #9px; }
QPushButton[kind="split_left"] { border-top-right-radius: 0; border-bottom-right-radius: 0; }
QPushButton[kind="split_right"] { border-top-left-radius: 0; border-bottom-left-radius: 0; }
QPushButton[kind^="split"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[kind^="split"]:pressed { background: @accent_pressed; border-color: @accent_pressed; }
QPushButton[kind^="split"]:disabled { background: @neutral_ground; border-color: @line; color: @quiet; }
QPushButton[kind="link"], QPushButton[kind="quiet"], QPushButton[kind="flush"] {
  background: transparent; border: 1px solid transparent; padding: #3px #6px; }
QPushButton[kind="link"] { color: @accent; }
QPushButton[kind="quiet"], QPushButton[kind="flush"] { color: @quiet; }
QPushButton[kind="flush"] { padding: #3px 0; border: 0; }
QPushButton[kind="flush"]:hover, QPushButton[kind="flush"]:focus { color: @text; text-decoration: underline; }
QPushButton[kind="link"]:hover, QPushButton[kind="quiet"]:hover { background: @hover; }
QPushButton[kind="link"]:focus, QPushButton[kind="quiet"]:focus { border-color: @accent; }
QPushButton[kind="inline"] { background: transparent; color: @accent; border: 0; padding: 0; text-align: left; }
QPushButton[kind="inline"]:hover, QPushButton[kind="inline"]:focus { text-decoration: underline; }
QPushButton::menu-indicator { width: 0; }
QToolButton[kind="icon"] { background: transparent; border: 1px solid transparent; border-radius: #8px; padding: #5px; }
QToolButton[kind="icon"]:hover { background: @hover; }
QToolButton[kind="icon"]:pressed { background: @pressed; }
QToolButton[kind="icon"]:focus { border-color: @accent; }
QToolButton[kind="icon"][tone="good"] { background: @good_ground; }
QToolButton[kind="icon"][tone="accent"] { background: @selection; }

QLineEdit, QPlainTextEdit, QComboBox {
  background: @panel; color: @text; border: 1px solid @line; border-radius: #8px; padding: #6px #10px;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit { lineedit-password-character: 8226; placeholder-text-color: @quiet; }
QComboBox { padding-right: #24px; }
QComboBox::drop-down { border: 0; width: #24px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @line; padding: #4px; }
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover { border-color: @ring_track; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border-color: @accent; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { color: @quiet; background: @window; }
QLineEdit[tone="bad"], QComboBox[tone="bad"] { border-color: @bad; }
QLineEdit[kind="search"] { background: @window; }
QLineEdit[kind="code"], QPlainTextEdit[kind="code"] { !mono }

QLabel { background: transparent; }
QLabel[kind="title"] { !title }
QLabel[kind="heading"] { !heading }
QLabel[kind="small"] { !small color: @quiet; }
QLabel[kind="quiet"] { color: @quiet; }
QLabel[kind="overline"] { !overline color: @quiet; }
QLabel[kind="mono"] { !mono }
QLabel[kind="keys"] {
  !small color: @quiet; background: @panel; border: 1px solid @line; border-radius: #4px; padding: #1px #5px; }
QLabel[kind="field"] { font-weight: 500; }
QLabel[kind="badge"] { !small_strong border-radius: #4px; padding: #1px #5px; }
QLabel[kind="badge"][tone="caution"] { background: @caution_ground; }
QLabel[kind="badge"][tone="neutral"] { background: @neutral_ground; }
QLabel[tone="good"] { color: @good; }
QLabel[tone="caution"] { color: @caution; }
QLabel[tone="bad"] { color: @bad; }
QLabel[tone="neutral"] { color: @neutral; }
QLabel[tone="accent"] { color: @accent; }

QFrame[kind="card"] { background: @panel; border: 1px solid @line; border-radius: #10px; }
QFrame[kind="banner"] { border: 0; border-radius: #10px; }
QFrame[kind="banner"][tone="good"] { background: @good_ground; }
QFrame[kind="banner"][tone="caution"] { background: @caution_ground; }
QFrame[kind="banner"][tone="bad"] { background: @bad_ground; }
QFrame[kind="banner"][tone="neutral"] { background: @neutral_ground; }
QFrame[kind="banner"][tone="accent"] { background: @selection; }
QFrame[kind="toast"] { background: @panel; border: 1px solid @line; border-radius: #10px; }
QWidget[kind="panel"] { background: @panel; }
QWidget[kind="footer"] { background: @panel; border-top: 1px solid @line; }
QWidget[kind="header"] { background: @panel; border-bottom: 1px solid @line; }
QFrame[kind="upright"] { background: @line; border: 0; max-width: 1px; min-width: 1px; }
QFrame[kind="line"] { background: @line; border: 0; max-height: 1px; min-height: 1px; }
QProgressBar { background: @line; border: 0; border-radius: #2px; max-height: #4px; min-height: #4px; }
QProgressBar::chunk { background: @accent; border-radius: #2px; }

QSplitter::handle { background: @line; }
QSplitter::handle:hover { background: @accent; }
QAbstractItemView, QScrollArea { background: @panel; border: 0; outline: 0; }
QScrollArea[kind="plain"], QScrollArea[kind="plain"] > QWidget > QWidget { background: @window; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }
QTabWidget::tab-bar { left: #24px; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @quiet; padding: #8px 0; margin-right: #20px;
  border: 0; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:focus { color: @accent; }
QScrollBar:vertical { background: transparent; width: #10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: #10px; margin: 0; }
QScrollBar::handle { background: @ring_track; border-radius: #3px; margin: #2px; min-height: #24px; min-width: #24px; }
QScrollBar::handle:hover { background: @quiet; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""

FONTS: tuple[FontKind, ...] = ("title", "heading", "small", "small_strong", "overline", "mono")


def stylesheet(theme: Theme) -> str:
    """Fill the template: `@name` is a colour, `#n` a scaled measure, `!kind` a font."""
    colors = theme.colors
    named = {name: getattr(colors, name).name() for name in colors._fields}
    step = 110 if theme.is_dark else 112
    named["accent_hover"] = (colors.accent.lighter(step) if theme.is_dark else colors.accent.darker(step)).name()
    named["accent_pressed"] = colors.accent.darker(step + 12).name()
    fonts = {kind: _declaration(theme, kind) for kind in FONTS}
    return _fill(
        theme, {**{f"@{name}": value for name, value in named.items()}, **{f"!{k}": v for k, v in fonts.items()}}
    )


def _fill(theme: Theme, values: dict[str, str]) -> str:
    names = "|".join(sorted(map(re.escape, values), key=len, reverse=True))
    text = re.sub(names, lambda match: values[match.group()], TEMPLATE)
    return re.sub(r"#(\d+)px", lambda match: f"{theme.px(int(match.group(1)))}px", text)


def _declaration(theme: Theme, kind: FontKind) -> str:
    font = theme.font(kind)
    family = f"font-family: '{font.family()}';" if kind == "mono" else ""
    return f"{family} font-size: {font.pixelSize()}px; font-weight: {font.weight().value};"
