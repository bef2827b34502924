from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from tests.ui.mockup import START, mockup_records, record
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.ui.connections.model import ID_ROLE, ConnectionsModel, Order
from tokendeck.ui.connections.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ui.conftest import Stage


@pytest.fixture
def model(stage: Stage) -> Iterator[ConnectionsModel]:
    made = ConnectionsModel(stage.context, mockup_records())
    checks = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del checks


def shown(model: ConnectionsModel) -> list[str]:
    return [model.id_at(row) for row in range(model.rowCount())]


def test_connections_are_sorted_by_name_without_regard_to_case(stage: Stage) -> None:
    model = ConnectionsModel(stage.context, [record("b", "beta", "payt"), record("a", "Alpha", "payt")])

    assert shown(model) == ["a", "b"]


def test_sorting_by_expiry_puts_what_ends_first_first_and_the_endless_last(model: ConnectionsModel) -> None:
    model.set_order(Order.EXPIRY)

    assert shown(model) == ["old", "refund", "test-debtor", "pilot", "internal", "web", "merchant", "debtor"]


def test_sorting_by_provider_keeps_names_in_order(model: ConnectionsModel) -> None:
    model.set_order(Order.PROVIDER)

    assert shown(model)[-3:] == ["debtor", "test-debtor", "pilot"]


def test_query_leaves_what_matches_in_order(model: ConnectionsModel) -> None:
    model.set_query(Query.parse("debtor"))

    assert shown(model) == ["debtor", "test-debtor"]


def test_client_ids_tags_and_hosts_are_searched(model: ConnectionsModel) -> None:
    for text, found in (("client-web", ["web"]), ("vilnius", ["web"]), ("api.pyng", ["pilot"])):
        model.set_query(Query.parse(text))

        assert shown(model) == found


def test_state_filter_asks_for_the_state(model: ConnectionsModel) -> None:
    model.set_query(Query.parse("state:on_demand"))

    assert shown(model) == ["refund"]


def test_every_row_is_found_again(model: ConnectionsModel) -> None:
    for order in Order:
        model.set_order(order)

        assert [model.row_of(connection_id) for connection_id in shown(model)] == list(range(8))


def test_changed_record_touches_its_row_alone(model: ConnectionsModel) -> None:
    changes, resets = QSignalSpy(model.dataChanged), QSignalSpy(model.modelReset)
    web = model.record("web")
    assert web is not None

    model.put(replace(web, serial=2))

    assert changes.count() == 1
    assert changes.at(0)[0].row() == changes.at(0)[1].row() == model.row_of("web")
    assert resets.count() == 0


def test_renamed_connection_moves(model: ConnectionsModel) -> None:
    moves = QSignalSpy(model.rowsMoved)
    web = model.record("web")
    assert web is not None

    model.put(replace(web, connection=replace(web.connection, name="A shop")))

    assert shown(model)[0] == "web"
    assert moves.count() == 1


def test_connection_renamed_in_its_place_stays_there(model: ConnectionsModel) -> None:
    web = model.record("web")
    assert web is not None

    model.put(replace(web, connection=replace(web.connection, name="Web shop")))

    assert shown(model)[-1] == "web"
    assert model.index(7).data() == "Web shop"


def test_new_expiry_moves_a_connection_in_a_list_sorted_by_it(model: ConnectionsModel) -> None:
    model.set_order(Order.EXPIRY)
    pilot = model.record("pilot")
    assert pilot is not None
    assert pilot.token is not None
    later = At(START + timedelta(hours=1), ExpirySource.EXPIRES_IN)

    model.put(replace(pilot, token=replace(pilot.token, expiry=later)))

    assert shown(model)[5:] == ["pilot", "merchant", "debtor"]


def test_new_connection_is_put_in_its_place(model: ConnectionsModel) -> None:
    model.put(record("new", "Donations", "payt"))

    assert shown(model)[2] == "new"
    assert model.total == 9


def test_new_connection_that_the_query_does_not_want_is_counted_and_not_shown(model: ConnectionsModel) -> None:
    model.set_query(Query.parse("shop"))
    counted = QSignalSpy(model.counted)

    model.put(record("new", "Donations", "payt"))

    assert "new" not in shown(model)
    assert (model.total, counted.count()) == (9, 1)


def test_connection_that_stops_matching_leaves_the_list(model: ConnectionsModel) -> None:
    model.set_query(Query.parse("old shop"))
    old = model.record("old")
    assert old is not None

    model.put(replace(old, connection=replace(old.connection, name="Closed")))

    assert shown(model) == []
    assert model.total == 8


def test_removed_connection_is_gone_from_list_and_count(model: ConnectionsModel) -> None:
    model.remove("web")
    model.remove("web")

    assert model.row_of("web") is None
    assert (model.total, len(shown(model))) == (7, 7)
    model.set_query(Query.parse("shop"))
    assert "web" not in shown(model)


def test_row_says_its_spoken_sentence(model: ConnectionsModel) -> None:
    row = model.row_of("web")
    assert row is not None

    spoken = model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken.startswith("Web shop checkout, Paysera")
    assert "live" in spoken
    assert "48 minutes" in spoken


def test_connection_without_a_descriptor_is_listed_and_findable(stage: Stage) -> None:
    model = ConnectionsModel(stage.context, [record("lost", "Lost", "gone")])

    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Lost, gone, needs attention, no provider file"
    model.set_query(Query.parse("gone state:needs"))
    assert shown(model) == ["lost"]


def test_copied_mark_moves_from_row_to_row(model: ConnectionsModel) -> None:
    changes = QSignalSpy(model.dataChanged)

    model.mark_copied("web")
    model.mark_copied("old")
    model.mark_copied(None)

    assert [changes.at(one)[0].data(ID_ROLE) for one in (0, changes.count() - 1)] == ["web", "old"]
    assert model.copied is None
