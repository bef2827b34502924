from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui import samples
from tests.ui.desk import Desk, desk, keep
from tests.ui.detail.driver import SHOP
from tokendeck.ui.detail.pane import DetailPane
from tokendeck.ui.signing_in.attempt import SigningIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from tokendeck.core.connection import Connection


__all__ = ["desk"]


@pytest.fixture
def pane(desk: Desk, qtbot: QtBot) -> DetailPane:
    made = DetailPane(desk.context, SigningIn(desk.context))
    qtbot.addWidget(made)
    made.resize(720, 800)
    made.show()
    return made


@pytest.fixture
def show(desk: Desk, pane: DetailPane) -> Callable[..., None]:
    def show_one(of: Connection = SHOP, **changes: object) -> None:
        keep(desk, samples.record(of, **changes))
        pane.show_record(of.id)

    return show_one
