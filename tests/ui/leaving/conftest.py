from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


class Leavings:
    def __init__(self) -> None:
        self.count = 0

    def note(self) -> None:
        self.count += 1


@pytest.fixture
def leavings() -> Leavings:
    return Leavings()


@pytest.fixture
def owner(qapp: QApplication) -> Iterator[QObject]:  # noqa: ARG001 - Qt's objects need it
    """What a session is watched for."""
    from shiboken6 import delete

    owner = QObject()
    yield owner
    delete(owner)
