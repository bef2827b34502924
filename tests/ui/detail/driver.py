"""What the tests of the detail pane share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from PySide6.QtWidgets import QPushButton, QWidget

from tests.ui import samples
from tokendeck.core.connection import CallFacts, Trouble, TroubleKind

SHOP = samples.connection(samples.PAYSERA)

WORKED = CallFacts(samples.NOON - timedelta(minutes=1), "methods", "works", 200, 182.0)
REFUSED = CallFacts(samples.NOON - timedelta(minutes=1), "methods", "refused", 401, 182.0)
MINTED = CallFacts(samples.NOON - timedelta(minutes=1), "", "minted", 200, 182.0)

Show = Callable[..., None]


def button(widget: QWidget, text: str) -> QPushButton:
    return next(one for one in widget.findChildren(QPushButton) if one.text() == text and not one.isHidden())


def troubled(kind: TroubleKind, **facts: object) -> dict[str, object]:
    return {"trouble": Trouble(kind, samples.NOON, **facts), "token": None}  # type: ignore[arg-type]  # its keywords
