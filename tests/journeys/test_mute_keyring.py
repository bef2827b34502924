"""Promise 35: a keyring that does not answer stalls nothing, is told in time, and keeps nothing from ending."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if sys.platform != "linux":
    pytest.skip("only Linux has the Secret Service", allow_module_level=True)

from tests.doorbell import until_answered
from tests.journeys.adding import add
from tests.journeys.person import pasted
from tests.journeys.stage import in_the_windows_loop
from tests.storage.odd_service import OddService
from tokendeck.app.places import find_places
from tokendeck.cli.running.place import socket_path
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.storage import KEYRING_DEADLINE

if TYPE_CHECKING:
    from pathlib import Path

    from jeepney import Message

    from tests.journeys.stage import Stage
    from tests.secret_service import SecretService

LONGEST_STALL_S = 0.05
TO_BE_TOLD = timedelta(seconds=10)
TO_START = timedelta(seconds=2)
TO_END_S = 3.0
ANSWER_S = 20.0

OPENER = """
import asyncio, sys, time
from datetime import timedelta
from pathlib import Path
from PySide6.QtCore import QTimer, Qt
from PySide6.QtWidgets import QApplication
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.storage import open_storage
from tokendeck.ui.loop import run

application = QApplication([])
beats = []

async def main():
    storage = open_storage(Path(sys.argv[1]), guard=KeyringGuard(), deadline=timedelta(seconds=1))
    await storage.ledger.records()
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=5)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start()
    await asyncio.sleep(0.05)
    state = await storage.vault.open()
    await asyncio.sleep(0.05)
    timer.stop()
    await storage.close()
    return type(state.why.why).__name__

print(run(application, main()), max(later - before for before, later in zip(beats, beats[1:])))
"""


@pytest.mark.promise(35)
def test_asking_a_mute_keyring_stalls_the_windows_loop_by_less_than_50_ms(
    secret_service: SecretService, home: Path
) -> None:
    secret_service.go_mute()
    stalls: list[float] = []

    # What stalls the loop by itself does so every time; a machine that is busy elsewhere does not.
    while min(stalls, default=1.0) > LONGEST_STALL_S and len(stalls) < 5:
        ended = subprocess.run(
            [sys.executable, "-c", OPENER, str(home / f"deck{len(stalls)}")],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        trouble, stall = ended.stdout.split()
        assert trouble == "KeyringMute"
        stalls.append(float(stall))

    assert min(stalls) <= LONGEST_STALL_S


@pytest.mark.promise(35)
@in_the_windows_loop
async def test_a_mute_keyring_is_told_by_the_window_within_ten_seconds_and_opens_once_it_speaks(
    stage: Stage, secret_service: SecretService
) -> None:
    stage.guard = KeyringGuard()
    async with stage.sandbox:
        async with stage.window() as person:
            await add(person, stage, "paysera", "Mine", vault="Keyring: Secret Service")

        secret_service.go_mute()
        began = time.monotonic()
        async with stage.window() as person:
            asked, meanwhile = person.reads(), person.row("Mine")
            await person.until_reading("Your keyring did not answer")
            told = time.monotonic()
            offered = [one for one in ("Try again", "Use a passphrase", "New vault…") if person.offers(one)]
            secret_service.speak()
            person.press("Try again")
            await person.until_reading("Keyring: Secret Service")
            person.select("Mine")
            await person.key("Ctrl+C")
            await person.until(pasted)

    assert "Asking your keyring" in asked
    assert "locked" not in asked.casefold()
    assert "live" in meanwhile
    assert timedelta(seconds=told - began) <= TO_BE_TOLD
    assert offered == ["Try again"]


@pytest.mark.promise(35)
def test_a_window_that_waits_for_a_mute_keyring_answers_others_and_ends_within_three_seconds(
    secret_service: SecretService, home: Path
) -> None:
    asked = threading.Event()

    def say_nothing(_: Message) -> tuple[Message, ...]:
        asked.set()
        return ()

    secret_service.vanish()
    with (
        OddService(secret_service.address, odd={"Label": say_nothing}),
        subprocess.Popen(
            [sys.executable, "-m", "tokendeck"],
            env={**os.environ, "TOKENDECK_HOME": str(home / "deck")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as window,
    ):
        path = socket_path(find_places(home / "deck").name)
        assert path is not None
        try:
            until_answered(path, by=window)
            asked.wait()

            window.send_signal(signal.SIGTERM)
            out, err = window.communicate(timeout=TO_END_S)
        finally:
            window.kill()

    assert (window.returncode, out, err) == (0, "", "")


@pytest.mark.promise(35)
def test_the_keyring_is_given_so_long_that_the_message_still_comes_in_time() -> None:
    assert timedelta(seconds=5) <= KEYRING_DEADLINE <= TO_BE_TOLD - TO_START
