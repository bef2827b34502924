from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QSignalSpy

from tests.ui.fake_issuers import FakeIssuers
from tests.ui.mockup import mockup_records, record, step_through
from tokendeck.core.errors import ConfigurationRefused, ConfirmationNeeded, NetworkStep, NoSuchConnection, Unreachable
from tokendeck.core.verdict import Step, Verdict, VerdictKind
from tokendeck.ui.commands import Commands
from tokendeck.ui.connections.model import ConnectionsModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ui.conftest import Stage

REFUSED = ConfigurationRefused(status=401, code="invalid_client", words="Invalid client credentials")


class Play:
    """Commands with what they said."""

    def __init__(self, stage: Stage) -> None:
        self.engine = stage.engine
        self.model = ConnectionsModel(stage.context, mockup_records())
        self.engine.fill(mockup_records())
        self.commands = Commands(stage.context, self.model)
        self.told: list[tuple[str, str]] = []
        self.offers: list[tuple[str, Callable[[], None]]] = []
        self.copied: list[str] = []
        self.commands.told.connect(self._hear)
        self.commands.told_about.connect(lambda _about, *rest: self._hear(*rest))
        self.commands.copied.connect(self.copied.append)

    def _hear(self, text: str, tone: str, offer: tuple[str, Callable[[], None]] | None) -> None:
        if text:
            self.told.append((text, tone))
        if offer is not None:
            self.offers.append(offer)

    def end(self) -> None:
        self.commands._tick.stop()


@pytest.fixture
def play(stage: Stage) -> Play:
    stage.context.attach(stage.engine, step_through, FakeIssuers())  # type: ignore[arg-type]  # the mock-up has what commands use
    return Play(stage)


def test_copied_token_is_on_the_clipboard_before_anyone_is_told(stage: Stage, play: Play) -> None:
    play.commands.copy("web")

    assert stage.board.held == "token-of-web"
    assert play.copied == ["Token copied. Good for 48 min."]
    assert play.model.copied == "web"
    play.end()


def test_tick_of_a_copy_goes_by_itself(stage: Stage, play: Play) -> None:
    play.commands.copy("web")

    play.commands._tick.timeout.emit()

    assert play.model.copied is None
    assert stage.clipboard.seconds_left == 30
    play.end()


def test_header_is_copied_whole(stage: Stage, play: Play) -> None:
    play.commands.copy_header("web")

    assert stage.board.held == "Authorization: Bearer token-of-web"
    assert play.copied == ["Authorization header copied. Good for 48 min."]
    play.end()


def test_clipboard_that_refuses_is_admitted(stage: Stage, play: Play) -> None:
    stage.board.takes = False

    play.commands.copy("web")

    assert play.copied == []
    assert play.told == [("The clipboard did not take the token. Bring this window forward and try again.", "bad")]
    assert play.model.copied is None


@pytest.mark.parametrize("verb", ["copy", "test", "refresh", "delete"])
def test_trouble_is_told_with_the_connections_name_and_the_providers_words(play: Play, verb: str) -> None:
    play.engine.raises = REFUSED

    getattr(play.commands, verb)("old")

    ((text, tone),) = play.told
    assert text.startswith("Old shop: ")
    assert "“Invalid client credentials”" in text
    assert tone == "bad"


def test_test_says_its_verdict_and_hands_it_on(play: Play) -> None:
    verdicts = QSignalSpy(play.commands.verdict_arrived)

    play.commands.test("web", "list")

    assert play.engine.calls == [("test", "web", "list")]
    assert play.told == [("Web shop checkout: It works. 200 in 182 ms.", "good")]
    assert verdicts.at(0)[0] == "web"
    assert play.model.testing == set()


def test_a_test_that_got_a_token_alone_says_that_this_is_all_it_proves(play: Play) -> None:
    play.engine.verdict = Verdict(VerdictKind.MINTED, Step.DONE, status=200, latency_ms=182.0)

    play.commands.test("pilot")

    proven = "PYNG Checkout documents no safe call, so that is all this proves."
    assert play.told == [(f"Partner pilot: A token was minted in 182 ms. {proven}", "good")]
    assert [words for words, _ in play.offers] == ["Show"]


def test_second_test_waits_for_the_first(play: Play) -> None:
    play.model.mark_testing("web", under_way=True)

    play.commands.test("web")

    assert play.engine.calls == []


def test_hazard_is_asked_about_and_the_test_is_over_until_answered(play: Play) -> None:
    wanted = QSignalSpy(play.commands.confirmation_wanted)
    play.engine.raises = ConfirmationNeeded("revokes", "A call from another address destroys the token.")

    play.commands.test("debtor", "list")

    assert wanted.at(0) == ["debtor", "list", "A call from another address destroys the token."]
    assert play.told == []
    assert play.model.testing == set()


def test_confirmed_test_says_so_to_the_engine(play: Play) -> None:
    play.commands.test("debtor", confirmed=True)

    assert play.engine.calls == [("test", "debtor", "confirmed")]


def test_refresh_says_that_there_is_a_new_token(play: Play) -> None:
    play.commands.refresh("web")

    assert play.told == [("Web shop checkout has a new token.", "good")]


def test_refresh_of_what_keeps_no_token_says_so(play: Play) -> None:
    play.commands.refresh("refund")

    assert play.told == [("Refund desk gave a token. It is not kept: every use mints one of its own.", "good")]


def test_refreshing_all_due_leaves_the_fresh_alone(play: Play) -> None:
    play.commands.refresh_all_due()

    assert play.engine.calls == [("refresh", "internal"), ("refresh", "pilot")]


def test_nothing_due_is_said(play: Play) -> None:
    play.model.remove("internal")
    play.model.remove("pilot")

    play.commands.refresh_all_due()

    assert play.told == [("Nothing is due. Every token that can be renewed is fresh.", "neutral")]


def test_deleted_connection_comes_back_by_undo(play: Play) -> None:
    play.commands.delete("web")
    ((words, undo),) = play.offers
    assert play.told == [("Web shop checkout was deleted.", "neutral")]
    assert words == "Undo"

    undo()

    assert "web" in play.engine.kept
    play.commands.undo_last_delete()
    assert play.engine.calls == [("delete", "web"), ("undo_delete", "web")]


def test_connection_that_went_while_a_command_ran_is_passed_over(play: Play) -> None:
    play.model.remove("web")

    play.commands.copy("web")
    play.engine.raises = NoSuchConnection("web")
    play.commands.refresh("web")
    play.commands.refresh("web")
    play.commands.delete("web")
    play.commands.test("web")

    assert (play.told, play.copied) == ([], [])


def test_trouble_with_a_connection_that_is_gone_is_told_without_its_name(play: Play) -> None:
    play.model.remove("web")
    play.engine.raises = Unreachable("api.paysera.example", NetworkStep.CONNECT)

    play.commands.refresh("web")

    assert play.told[0][0].startswith("No connection to api.paysera.example")


def test_pause_goes_to_the_engine_and_its_trouble_to_the_user(play: Play) -> None:
    play.commands.set_paused("web", paused=True)
    play.engine.raises = REFUSED
    play.commands.set_paused("web", paused=False)

    assert play.engine.calls == [("set_paused", "web", "True"), ("set_paused", "web", "False")]
    assert len(play.told) == 1


def test_nothing_happens_before_there_is_an_engine(stage: Stage) -> None:
    model = ConnectionsModel(stage.context, [record("web", "Web", "payt")])

    Commands(stage.context, model).copy("web")

    assert stage.board.held == ""
