"""What is known of connections whose descriptor has changed under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import DescriptorError

if TYPE_CHECKING:
    from tests.engine.rig import Rig


async def test_a_grant_that_its_file_no_longer_has_is_named_as_the_files_mistake(rig: Rig) -> None:
    connection_id = await rig.add("Shop", grant="gone")

    with pytest.raises(DescriptorError) as caught:
        await rig.engine.token(connection_id)

    assert caught.value.key == "grants.gone"
