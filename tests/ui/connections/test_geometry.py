from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPointF

from tokendeck.ui.connections.geometry import Geometry, RowAction, Ruler

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF

    from tests.ui.conftest import Stage


@pytest.fixture
def ruler(stage: Stage) -> Ruler:
    return Ruler(stage.theme, states=("Needs attention",), mains=("never expires",), quiets=("renews once unlocked",))


def parts(geometry: Geometry) -> list[QRectF]:
    shown = (geometry.monogram, geometry.name, geometry.ring, geometry.main, geometry.shape, geometry.state)
    return [*shown, *geometry.actions.values()]


@pytest.mark.parametrize("mirrored", [False, True])
def test_nothing_overlaps_and_nothing_sticks_out_at_any_width(ruler: Ruler, *, mirrored: bool) -> None:
    for width in range(ruler.narrowest, 1400, 7):
        geometry = ruler.measure(width, 66, mirrored=mirrored)
        rects = parts(geometry)

        assert all(geometry.size.contains(rect) for rect in rects)
        assert not any(one.intersects(other) for one in rects for other in rects if one is not other)


def test_name_has_room_at_the_narrowest(ruler: Ruler) -> None:
    geometry = ruler.measure(ruler.narrowest, 66)

    assert geometry.is_compact
    assert geometry.name.width() >= 120


def test_mirrored_row_is_the_mirror_image(ruler: Ruler) -> None:
    plain, mirrored = ruler.measure(700, 66), ruler.measure(700, 66, mirrored=True)

    for name in ("monogram", "name", "ring", "state"):
        assert getattr(mirrored, name).right() == pytest.approx(700 - getattr(plain, name).left())


def test_icon_under_the_mouse_is_known(ruler: Ruler) -> None:
    geometry = ruler.measure(700, 66)

    assert geometry.action_at(geometry.actions[RowAction.TEST].center()) is RowAction.TEST
    assert geometry.action_at(QPointF(30, 30)) is None
