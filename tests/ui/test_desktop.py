from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from tests.ui.mockup import HandClock, MockupCatalog, mockup_records
from tokendeck.ui.desktop import Desktop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication

RESOURCES = Path(__file__).parents[2] / "resources"


@pytest.fixture
def desktop(qapp: QApplication, tmp_path: Path) -> Iterator[Desktop]:
    desktop = Desktop(
        mockup_records(),
        catalog=MockupCatalog(),
        now=HandClock(),
        resources=RESOURCES,
        settings_path=tmp_path / "window.ini",
    )
    yield desktop
    assert desktop.application is qapp
    desktop.window.close()
    desktop.window.deleteLater()
    desktop.context.theme.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.promise(37)
@pytest.mark.qt_log_ignore("does not support raise")  # off screen there is nothing before or behind
@pytest.mark.parametrize("activation", ["", "the desktop's token"])
def test_a_minimised_window_comes_forward(desktop: Desktop, activation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "an older one")
    desktop.window.showMinimized()

    desktop.come_forward(activation)

    assert desktop.window.isVisible()
    assert not desktop.window.isMinimized()
    assert os.environ["XDG_ACTIVATION_TOKEN"] == (activation or "an older one")


@pytest.mark.qt_log_ignore("does not support raise")  # as above
def test_a_maximised_window_comes_forward_as_it_is(desktop: Desktop) -> None:
    desktop.window.showMaximized()

    desktop.come_forward("")

    assert desktop.window.isMaximized()


def test_what_an_event_ended_in_is_told_at_the_window(desktop: Desktop) -> None:
    desktop.window.show()

    desktop.tell(ZeroDivisionError())

    (toast,) = desktop.window.toasts.shown()
    assert "did not foresee" in toast.text.text()
    desktop.window.toasts.clear()
