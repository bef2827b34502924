"""An app that runs as far as the command line can tell: its engine, its answers, its socket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.cli.fake_engine import FakeEngine
from tests.cli.samples import Shelf
from tests.manual_clock import ManualClock
from tokendeck.cli.running.answers import Answers
from tokendeck.cli.running.client import RunningApp, SharedEngine

if TYPE_CHECKING:
    from tokendeck.core.vault import VaultState


class AppsEngine(FakeEngine):
    """As the app has it: its vault has a state whether or not anybody asks it to open."""

    seen_as: VaultState | None = None
    """How the vault stands while nobody waits for it; None means as it does after."""

    @property
    def vault_state(self) -> VaultState:
        return self.seen_as or self.vault


@dataclass
class OpenApp:
    """An app, and a command line beside it; `path` is where they meet once somebody listens there."""

    path: str
    clock: ManualClock = field(default_factory=ManualClock)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    shown: list[str] = field(default_factory=list)
    """Activation tokens, one for each time that the window was brought forward."""

    def __post_init__(self) -> None:
        self.begun.set()
        self.engine = AppsEngine(self.clock, Shelf())
        self.engine.unlocked = True
        self.alone = FakeEngine(self.clock, self.engine.shelf, self.engine.kept)
        self.answers = Answers(self.engine, begun=self.begun, show=self.shown.append)
        self.client = RunningApp(self.path)
        self.shared = SharedEngine(self.alone, self.client)
