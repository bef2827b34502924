from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tests.journeys.stage import Stage


@pytest.fixture
def stage(home: Path, qapp: QApplication) -> Stage:
    from tests.journeys.stage import Stage

    return Stage(home, qapp)
