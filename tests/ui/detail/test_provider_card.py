from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMessageBox

from tests.ui import samples
from tests.ui.detail.driver import SHOP, button
from tests.ui.fake_engine import FakeCatalog
from tokendeck.core.errors import ProviderBusy
from tokendeck.core.introspection import Introspection

if TYPE_CHECKING:
    from datetime import datetime

    from tests.ui.desk import Desk
    from tests.ui.detail.driver import Show
    from tokendeck.ui.detail.pane import DetailPane
    from tokendeck.ui.detail.provider_card import ProviderCard


@pytest.fixture
def card(desk: Desk, pane: DetailPane) -> ProviderCard:
    """The card of a provider that can be asked, and takes tokens back."""
    grant = samples.PAYSERA.grants[0]
    able = replace(samples.PAYSERA, grants=(replace(grant, introspect=grant.mint, revoke=grant.mint),))
    desk.engine.catalog = FakeCatalog((able,))
    return pane._token.provider


def words(card: ProviderCard) -> str:
    return f"{card._sentence.text()}\n{card._claims.text()}".strip()


async def test_a_provider_that_offers_neither_has_no_card(pane: DetailPane, show: Show, desk: Desk) -> None:
    show()
    await desk.settle()

    assert pane._token.provider.isHidden()


async def test_the_providers_word_is_shown_with_what_else_it_says(desk: Desk, card: ProviderCard, show: Show) -> None:
    show()
    claims: dict[str, str | datetime] = {"scope": "read", "exp": samples.NOON, "tenant": "7"}
    desk.engine.told = Introspection(active=True, asked_at=samples.NOON, claims=claims)

    button(card, "Ask the provider").click()
    await desk.settle()

    assert desk.engine.asked == [("introspect", SHOP.id)]
    assert card._sentence.text().startswith("The provider takes this token (asked today at ")
    assert "tenant: 7" in card._claims.text()
    assert "expires: today at " in card._claims.text()


async def test_a_token_that_is_no_longer_taken_is_called_so(desk: Desk, card: ProviderCard, show: Show) -> None:
    show()
    desk.engine.told = Introspection(active=False, asked_at=samples.NOON, claims={})

    button(card, "Ask the provider").click()
    await desk.settle()

    assert words(card).startswith("The provider no longer takes this token")
    assert card._claims.isHidden()


async def test_what_was_said_goes_with_the_token_it_was_said_of(desk: Desk, card: ProviderCard, show: Show) -> None:
    show()
    desk.engine.told = Introspection(active=True, asked_at=samples.NOON, claims={})
    button(card, "Ask the provider").click()
    await desk.settle()

    show(serial=99)
    await desk.settle()

    assert words(card) == "Only the provider knows whether it still takes the token."


async def test_an_answer_that_comes_too_late_is_not_shown(desk: Desk, card: ProviderCard, show: Show) -> None:
    show()
    desk.engine.told = Introspection(active=True, asked_at=samples.NOON, claims={})
    button(card, "Ask the provider").click()
    show(serial=99)
    await desk.settle()

    assert words(card) == "Only the provider knows whether it still takes the token."


@pytest.mark.parametrize("verb", ["Ask the provider", "Revoke…"])
async def test_what_came_between_is_told(desk: Desk, card: ProviderCard, show: Show, verb: str) -> None:
    show()
    desk.engine.told = desk.engine.failure = ProviderBusy(status=503)

    button(card, verb).click()
    if verb == "Revoke…":
        answer(card, "Revoke")
    await desk.settle()

    assert "cannot serve just now (503)" in words(card)


async def test_what_another_connections_tokens_came_to_is_not_shown_here(
    desk: Desk, card: ProviderCard, show: Show
) -> None:
    show()
    button(card, "Revoke…").click()
    answer(card, "Revoke")
    other = samples.connection(samples.PAYSERA, "Other", id="1" * 32)
    assert card._subject is not None
    card.show_subject(replace(card._subject, record=samples.record(other)))
    await desk.settle()

    assert words(card) == "Only the provider knows whether it still takes the token."


async def test_tokens_are_revoked_only_after_a_yes(desk: Desk, card: ProviderCard, show: Show) -> None:
    show()

    button(card, "Revoke…").click()
    answer(card, "Cancel")
    await desk.settle()
    declined = list(desk.engine.asked)
    button(card, "Revoke…").click()
    answer(card, "Revoke")
    await desk.settle()

    assert declined == []
    assert desk.engine.asked == [("revoke", SHOP.id)]
    assert words(card) == "The tokens were revoked and forgotten."


async def test_without_a_token_there_is_nothing_to_ask_about(desk: Desk, card: ProviderCard, show: Show) -> None:
    show(token=None)
    await desk.settle()

    assert card.isVisible()
    assert not button(card, "Ask the provider").isEnabled()
    assert not button(card, "Revoke…").isEnabled()


def answer(card: ProviderCard, text: str) -> None:
    """Press a button of the question that is open."""
    (box,) = (one for one in card.window().findChildren(QMessageBox) if one.isVisible())
    button(box, text).click()
