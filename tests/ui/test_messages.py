from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import qDebug, qWarning

from tokendeck.ui.messages import logged_messages

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def test_what_qt_says_is_logged(caplog: pytest.LogCaptureFixture, expect_log: Callable[[str, str], None]) -> None:
    expect_log("tokendeck.ui.messages", "no such property")

    with logged_messages():
        qWarning("no such property: 100 %")
        qDebug("a detail")

    assert caplog.record_tuples == [
        ("tokendeck.ui.messages", logging.WARNING, "Qt: no such property: 100 %"),
        ("tokendeck.ui.messages", logging.DEBUG, "Qt: a detail"),
    ]
