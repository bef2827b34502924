from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractButton

from tests.ui.mockup import mockup_records
from tokendeck.ui.connections.delegate import row_index
from tokendeck.ui.connections.geometry import RowAction
from tokendeck.ui.connections.model import ConnectionsModel, Order
from tokendeck.ui.connections.query import Query
from tokendeck.ui.connections.view import ConnectionsView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QPaintEvent
    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Stage


LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


class WatchedView(ConnectionsView):
    """Remembers what it was asked to repaint."""

    painted: list[QRect]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's spelling
        self.painted.append(event.rect())
        super().paintEvent(event)


@pytest.fixture
def view(stage: Stage) -> Iterator[WatchedView]:
    model = ConnectionsModel(stage.context, mockup_records())
    made = WatchedView(stage.context, model)
    made.painted = []
    made.resize(660, 300)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def model_of(view: ConnectionsView) -> ConnectionsModel:
    model = view.model()
    assert isinstance(model, ConnectionsModel)
    return model


def spot(view: ConnectionsView, connection_id: str, action: RowAction | None = None) -> QPoint:
    """Give the middle of an icon in a row, or of the row's name."""
    row = model_of(view).row_of(connection_id)
    assert row is not None
    rect = view.visualRect(model_of(view).index(row))
    geometry = view._delegate.geometry(rect, view.layoutDirection())
    part = geometry.name if action is None else geometry.actions[action]
    return (part.center() + QPointF(rect.topLeft())).toPoint()


def click(view: ConnectionsView, at: QPoint) -> None:
    QTest.mouseClick(view.viewport(), LEFT, PLAIN, at)


def test_click_on_a_painted_icon_acts_on_its_row_and_selects_nothing(view: WatchedView) -> None:
    acted = QSignalSpy(view.acted)
    view.select("debtor")

    click(view, spot(view, "internal", RowAction.TEST))

    assert acted.at(0) == ["internal", RowAction.TEST]
    assert view.current_id == "debtor"


def test_icon_that_is_left_before_the_mouse_is_released_does_nothing(view: WatchedView) -> None:
    acted = QSignalSpy(view.acted)

    QTest.mousePress(view.viewport(), LEFT, PLAIN, spot(view, "internal", RowAction.COPY))
    QTest.mouseRelease(view.viewport(), LEFT, PLAIN, spot(view, "internal", RowAction.TEST))

    assert acted.count() == 0


def test_click_elsewhere_selects(view: WatchedView) -> None:
    changed = QSignalSpy(view.current_changed)

    click(view, spot(view, "internal"))

    assert view.current_id == "internal"
    assert changed.at(0) == ["internal"]


def test_row_that_a_screen_reader_selects_is_the_current_one(view: WatchedView) -> None:
    changed = QSignalSpy(view.current_changed)

    view.selectionModel().select(row_index(model_of(view), "old"), QItemSelectionModel.SelectionFlag.ClearAndSelect)

    assert view.current_id == "old"
    assert changed.at(changed.count() - 1) == ["old"]


def test_selected_row_has_real_buttons_named_after_it(view: WatchedView) -> None:
    acted = QSignalSpy(view.acted)
    view.select("web")

    buttons = [one for one in view.findChildren(QAbstractButton) if "Web shop" in one.accessibleName()]
    for button in buttons:
        QTest.mouseClick(button, LEFT)

    assert [one.accessibleName() for one in buttons] == [
        "Copy a token of Web shop checkout",
        "Test Web shop checkout",
        "Refresh Web shop checkout",
    ]
    assert [acted.at(one) for one in range(3)] == [["web", action] for action in RowAction]


def test_real_buttons_stand_where_the_icons_are_painted_in_other_rows(view: WatchedView) -> None:
    view.select("debtor")

    button = next(one for one in view.findChildren(QAbstractButton) if "Debtor sync" in one.accessibleName())
    at = button.mapTo(view.viewport(), button.rect().center())
    assert (at - spot(view, "debtor", RowAction.COPY)).manhattanLength() <= 2


@pytest.mark.parametrize(("key", "typed"), [("p", "p"), ("/", ""), ("7", "7")])
def test_typing_goes_to_the_search(view: WatchedView, key: str, typed: str) -> None:
    heard = QSignalSpy(view.typed)

    QTest.keyClicks(view, key)

    assert [heard.at(one) for one in range(heard.count())] == [[typed]]


def test_enter_opens_what_is_selected_and_escape_is_passed_on(view: WatchedView) -> None:
    opened, escaped = QSignalSpy(view.opened), QSignalSpy(view.escaped)

    view.select("web")
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClick(view, Qt.Key.Key_Escape)

    assert (opened.count(), escaped.count()) == (1, 1)


def test_enter_opens_nothing_in_an_empty_list(view: WatchedView) -> None:
    opened = QSignalSpy(view.opened)
    model_of(view).set_records(())

    QTest.keyClick(view, Qt.Key.Key_Return)

    assert opened.count() == 0


def test_arrow_keys_walk_through_the_rows(view: WatchedView) -> None:
    view.select("debtor")

    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Down)

    assert view.current_id == "internal"


def test_selection_follows_its_connection_through_order_and_search(view: WatchedView) -> None:
    view.select("web")

    model_of(view).set_order(Order.EXPIRY)
    model_of(view).set_query(Query.parse("shop"))

    assert view.current_id == "web"
    assert view.currentIndex().data() == "Web shop checkout"


def test_selection_is_given_up_when_search_hides_it(view: WatchedView) -> None:
    view.select("web")
    changed = QSignalSpy(view.current_changed)

    model_of(view).set_query(Query.parse("debtor"))

    assert view.current_id == ""
    assert changed.at(0) == [""]


def test_connection_that_is_not_shown_cannot_be_selected(view: WatchedView) -> None:
    assert not view.select("nobody")


def test_tick_repaints_what_counts_in_visible_rows_alone(qtbot: QtBot, view: WatchedView) -> None:
    qtbot.waitUntil(lambda: bool(view.painted))
    view.painted.clear()

    view.tick()
    qtbot.waitUntil(lambda: bool(view.painted))

    whole = view.viewport().rect()
    assert all(rect.width() < whole.width() for rect in view.painted)
    assert all(rect.left() > spot(view, "debtor").x() for rect in view.painted)


@pytest.mark.parametrize("exposed", [QRect(0, 0, 300, 300), QRect(300, 10, 150, 200), QRect(500, 0, 140, 300)])
def test_what_is_painted_of_a_part_is_what_the_whole_shows_there(view: WatchedView, exposed: QRect) -> None:
    view.resize(660, 300)
    whole = view.viewport().grab().toImage()

    part = view.viewport().grab(exposed).toImage()

    assert view.painted[-1] == exposed
    assert part == whole.copy(exposed)


def test_tick_of_an_empty_list_repaints_nothing(view: WatchedView) -> None:
    model_of(view).set_records(())

    assert list(view._visible_rows()) == []


def test_row_is_spoken_as_a_sentence(view: WatchedView) -> None:
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == "Connections"

    cells = [interface.child(one) for one in range(interface.childCount())]
    names = [cell.text(QAccessible.Text.Name) for cell in cells]

    assert any(name.startswith("Internal gateway, keycloak.example") and "waiting" in name for name in names)


def test_mouse_over_an_icon_is_shown_and_forgotten(qtbot: QtBot, view: WatchedView) -> None:
    QTest.mouseMove(view.viewport(), spot(view, "internal", RowAction.TEST))
    row = model_of(view).row_of("internal")
    qtbot.waitUntil(lambda: view._delegate.hovered == (row, RowAction.TEST))

    view._hover(None)

    assert view._delegate.hovered is None


def test_new_theme_is_measured_anew(stage: Stage, view: WatchedView) -> None:
    before = view._delegate.ruler

    view.dress_again()

    assert view._delegate.ruler is not before
    assert view.verticalHeader().defaultSectionSize() == stage.theme.row_height()
