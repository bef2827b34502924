"""What is known of connections, and when it is read anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import DescriptorError
from tokendeck.engine.events import RecordAdded, RecordRemoved
from tokendeck.engine.roster import Roster

if TYPE_CHECKING:
    from tests.engine.rig import Rig
    from tokendeck.engine.events import Event


async def test_a_grant_that_its_file_no_longer_has_is_named_as_the_files_mistake(rig: Rig) -> None:
    connection_id = await rig.add("Shop", grant="gone")

    with pytest.raises(DescriptorError) as caught:
        await rig.engine.token(connection_id)

    assert caught.value.key == "grants.gone"


async def test_what_is_read_after_clearing_is_read_from_its_beginning(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    roster = Roster(rig.ledger, rig.catalog)
    heard: list[Event] = []
    roster.subscribe(heard.append)
    await roster.load()

    roster.clear()
    gone = roster.records()
    await roster.load()

    assert gone == ()
    assert [record.connection.id for record in roster.records()] == [connection_id]
    assert heard == [RecordAdded(connection_id), RecordRemoved(connection_id), RecordAdded(connection_id)]


async def test_a_connection_is_found_by_any_spelling_of_its_name(rig: Rig) -> None:
    connection_id = await rig.add("Caf\u00e9")

    assert rig.engine.find(" CAFE\u0301 ").connection.id == connection_id
