"""Where things stand in a row."""

from __future__ import annotations

from enum import Enum
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from tokendeck.ui.theme import Theme

MONOGRAM_PX = 36
RING_PX = 16
SHAPE_PX = 20
ACTION_PX = 28
NARROWEST_NAME_PX = 132
ROOMY_NAME_PX = 190
"""Only beyond it do the columns move apart."""

WIDEST_EXTRA_PX = 32
KEPT_SIZES = 64
"""A splitter that is dragged asks for every width."""


class RowAction(Enum):
    """What a row's icons do, in their order."""

    COPY = "copy"
    TEST = "test"
    REFRESH = "refresh"


class Geometry(NamedTuple):
    """A row's rectangles, from its own top left corner, left to right."""

    size: QRectF
    monogram: QRectF
    name: QRectF
    below_name: QRectF
    ring: QRectF
    main: QRectF
    quiet: QRectF
    shape: QRectF
    state: QRectF
    verdict: QRectF
    actions: dict[RowAction, QRectF]
    identity: QRectF
    """Around all that says who this is: square, name and what stands below it."""

    pressable: QRectF
    """Around all actions."""

    is_compact: bool
    """Whether the state stands below the expiry, for want of room, and the quiet lines are left out."""

    def action_at(self, point: QPointF) -> RowAction | None:
        """Give the action whose icon is at `point`."""
        return next((action for action, rect in self.actions.items() if rect.contains(point)), None)

    def counting(self) -> QRectF:
        """Give what changes from one second to the next."""
        return self.ring.united(self.main).united(self.quiet).united(self.shape).united(self.state)


class Ruler:
    """Measures rows; asks the fonts once."""

    def __init__(
        self, theme: Theme, *, states: tuple[str, ...], mains: tuple[str, ...], quiets: tuple[str, ...]
    ) -> None:
        """
        Measure what columns must hold.

        Args:
            theme: fonts and scale.
            states: the widest words for a state.
            mains: the widest of what stands beside the ring.
            quiets: the widest of what stands below that.

        """
        self._theme = theme
        strong, small = QFontMetricsF(theme.font("strong")), QFontMetricsF(theme.font("small"))
        normal = QFontMetricsF(theme.font("figures"))
        self._line, self._small_line = strong.height(), small.height()
        px = theme.px
        beside_ring = px(RING_PX + SPACE_S + SPACE_XS / 2)
        main_width = max(map(normal.horizontalAdvance, mains))
        state_width = max(map(normal.horizontalAdvance, states))
        self._time_width = beside_ring + max(main_width, *map(small.horizontalAdvance, quiets))
        self._state_width = px(SHAPE_PX + SPACE_S) + state_width
        self._compact_width = beside_ring + max(main_width, state_width)
        """Of a row whose state stands below its time."""

        self._known: dict[tuple[int, int, bool], Geometry] = {}

    @property
    def narrowest(self) -> int:
        """The width below which a row cannot be read."""
        px = self._theme.px
        parts = SPACE_L + MONOGRAM_PX + NARROWEST_NAME_PX + 4 * SPACE_M + len(RowAction) * ACTION_PX
        return round(px(parts) + self._compact_width)

    def measure(self, width: int, height: int, *, mirrored: bool = False) -> Geometry:
        """Give the geometry of a row of this size, mirrored for writing that runs from right to left."""
        key = (width, height, mirrored)
        if key not in self._known:
            if len(self._known) > KEPT_SIZES:
                self._known.clear()
            self._known[key] = self._measure(width, height, mirrored=mirrored)
        return self._known[key]

    def _measure(self, width: int, height: int, *, mirrored: bool) -> Geometry:
        px = self._theme.px
        side, ring, shape, action = px(MONOGRAM_PX), px(RING_PX), px(SHAPE_PX), px(ACTION_PX)
        edge, gap = px(SPACE_L), px(SPACE_M)
        name_left = edge + side + gap
        actions_left = width - gap - len(RowAction) * action
        both = self._time_width + self._state_width
        spare = actions_left - name_left - px(NARROWEST_NAME_PX) - both - gap - 2 * px(SPACE_S)
        compact = spare < 0
        shape = ring if compact else shape
        apart = px(SPACE_S) + min(max(spare - px(ROOMY_NAME_PX - NARROWEST_NAME_PX), 0) / 6, px(WIDEST_EXTRA_PX))
        state_left = actions_left - apart - self._state_width
        time_left = state_left - apart - self._time_width
        if compact:
            time_left = actions_left - gap - self._compact_width
            state_left = time_left - (shape - ring) / 2
        between = px(SPACE_XS) / 2
        first = (height - self._line - self._small_line - between) / 2
        second = first + self._line + between
        shape_top = second + (self._small_line - shape) / 2 + between if compact else (height - shape) / 2
        ring_top = first + (self._line - ring) / 2 if compact else (height - ring) / 2
        text_left = time_left + ring + px(SPACE_S) + between
        text_right = actions_left - gap if compact else state_left - between
        word_left = text_left if compact else state_left + shape + px(SPACE_S)
        name_width = max(0.0, time_left - gap - name_left)

        def box(left: float, top: float, wide: float, high: float) -> QRectF:
            return QRectF(width - left - wide if mirrored else left, top, max(wide, 0.0), high)

        boxes = {
            one: box(actions_left + place * action, (height - action) / 2, action, action)
            for place, one in enumerate(RowAction)
        }
        monogram = box(edge, (height - side) / 2, side, side)
        name, below_name = (
            box(name_left, first, name_width, self._line),
            box(name_left, second, name_width, self._small_line),
        )
        return Geometry(
            size=QRectF(0, 0, width, height),
            monogram=monogram,
            name=name,
            below_name=below_name,
            ring=box(time_left, ring_top, ring, ring),
            main=box(text_left, first, text_right - text_left, self._line),
            quiet=box(text_left, second, text_right - text_left, self._small_line),
            shape=box(state_left, shape_top, shape, shape),
            state=box(word_left, shape_top, actions_left - px(SPACE_XS) - word_left, shape),
            verdict=box(word_left, second, actions_left - px(SPACE_XS) - word_left, self._small_line),
            actions=boxes,
            identity=monogram.united(name).united(below_name),
            pressable=reduce(QRectF.united, boxes.values()),
            is_compact=compact,
        )
