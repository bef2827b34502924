from __future__ import annotations

import pytest

from tests.cli.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()
