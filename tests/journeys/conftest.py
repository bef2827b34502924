from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tests.journeys.shell import Shell
    from tests.journeys.stage import Stage


@pytest.fixture(scope="session", autouse=True)
def end_what_commands_are_forked_from() -> Iterator[None]:
    yield
    from tests.journeys.warm import end_warm_start

    end_warm_start()


@pytest.fixture
def stage(home: Path, qapp: QApplication) -> Stage:
    from tests.journeys.stage import Stage

    return Stage(home, qapp)


@pytest.fixture
def shell(home: Path) -> Shell:
    """Knows the passphrase of a vault that is there already, and empty."""
    from tests.journeys.shell import with_cheap_vault

    return with_cheap_vault(home / "deck")
