"""Promises 10 and 12: settings that somebody else changed in the store send nothing anywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import ORIGIN, provider
from tests.engine.signing_in import answer, begin, ended, signed_in
from tests.storage.tampering import tamper
from tokendeck.core.errors import VaultDamaged
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.status import NeedsAttention, NoToken
from tokendeck.core.trouble import is_withheld

if TYPE_CHECKING:
    from tests.engine.rig import Rig

pytestmark = [pytest.mark.promise(10), pytest.mark.promise(12)]

ELSEWHERE = '{"overrides": {"base_url": "https://evil.example"}, "confirmed_origins": ["https://evil.example:443"]}'


def redirect(rig: Rig, connection_id: str) -> None:
    """Have the connection point to another origin, as if its user had confirmed that."""
    tamper(rig.home, "UPDATE connections SET settings = ? WHERE id = ?", ELSEWHERE, connection_id)


@pytest.mark.parametrize("policy", [RenewalPolicy.AHEAD, RenewalPolicy.ON_USE])
@pytest.mark.parametrize("is_noticed", [True, False])
async def test_no_command_sends_a_secret_or_a_token(rig: Rig, policy: RenewalPolicy, *, is_noticed: bool) -> None:
    rig.use(provider(policy=policy))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "kept")
    redirect(rig, connection_id)
    if is_noticed:
        await rig.engine.load()

    for command in (
        rig.engine.token(connection_id),
        rig.engine.refresh(connection_id),
        rig.engine.test(connection_id),
        rig.engine.as_saved(connection_id),
        rig.engine.confirm(connection_id, (ORIGIN,)),
    ):
        with pytest.raises(VaultDamaged) as caught:
            await command
        assert (caught.value.connection_id, caught.value.field) == (connection_id, "settings")

    assert rig.endpoint.sent == []


async def test_renewing_in_the_background_sends_nothing_and_holds_up_nobody(rig: Rig) -> None:
    altered, sound = await rig.add("Altered"), await rig.add("Sound")
    for connection_id in (altered, sound):
        await rig.give(connection_id, "kept", lifetime=timedelta(minutes=10))
    redirect(rig, altered)
    rig.engine.start()

    await rig.advance(1200, step=60)

    assert {request.origin for request in rig.endpoint.sent} == {ORIGIN}
    assert rig.engine.record(altered).serial == 1
    assert rig.engine.record(sound).serial > 1


async def test_the_list_says_so_until_they_are_saved_again(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    saved = await rig.engine.as_saved(connection_id)
    redirect(rig, connection_id)
    with pytest.raises(VaultDamaged):
        await rig.engine.refresh(connection_id)

    said = rig.engine.status(connection_id)
    await rig.engine.edit(saved, {})

    assert isinstance(said, NeedsAttention)
    assert is_withheld(said.why)
    assert rig.engine.status(connection_id) == NoToken()


async def test_the_list_says_so_of_a_token_that_does_not_open(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "kept", lifetime=timedelta(minutes=10))
    tamper(rig.home, "UPDATE sealed SET nonce = zeroblob(12) WHERE field = 'token:access'")
    rig.engine.start()

    await rig.advance(700, step=60)

    assert isinstance(rig.engine.status(connection_id), NeedsAttention)
    assert rig.endpoint.sent == []


async def test_saving_them_again_lets_the_connection_work_again(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    saved = await rig.engine.as_saved(connection_id)
    redirect(rig, connection_id)
    await rig.engine.load()

    await rig.engine.edit(saved, {})
    await rig.engine.token(connection_id)

    assert await rig.engine.as_saved(connection_id) == saved
    assert [request.origin for request in rig.endpoint.sent] == [ORIGIN]


async def test_nobody_signs_in_with_them(rig: Rig) -> None:
    rig.use(signed_in())
    altered, altered_meanwhile = await rig.add("Altered"), await rig.add("Altered meanwhile")
    redirect(rig, altered)
    with pytest.raises(VaultDamaged):
        await rig.engine.sign_in(altered)
    was_open = rig.listener.is_open

    sign_in = await begin(rig, altered_meanwhile)
    redirect(rig, altered_meanwhile)
    rig.listener.come_back(answer(sign_in, code="c"))
    error = await ended(sign_in)

    assert not was_open
    assert isinstance(error, VaultDamaged)
    assert rig.endpoint.sent == []
