"""The parts that the composition root would hand in, under the test's hand, and a terminal to type at."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.manual_clock import ManualClock
from tokendeck.cli.main import main
from tokendeck.core.diagnosis import Diagnosis, Finding, Inspected
from tokendeck.core.errors import UnfitIssuer
from tokendeck.core.wording import Wording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import TextIO

    from tokendeck.cli.options import Options
    from tokendeck.core.errors import DescriptorError
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Provider

from tests.cli.fake_engine import FakeEngine
from tests.cli.samples import Shelf


@dataclass
class FakeProgram:
    """Hands out one engine, however often it is asked."""

    clock: ManualClock
    shelf: Shelf
    fake: FakeEngine
    problems: tuple[DescriptorError, ...] = ()
    findings: tuple[Finding, ...] = ()
    inspected: tuple[Inspected, ...] = ()
    damaged: tuple[str, ...] = ()
    store: Exception | None = None
    """What opening the store raises."""

    draining: Callable[[], Awaitable[None]] | None = None
    """Goes on while the engine's context is being left."""

    opened: list[str] = field(default_factory=list)
    has_browser: bool = True
    metadata: IssuerMetadata | None = None
    described: list[str] = field(default_factory=list)
    written: str = ""
    """The file that describing an issuer comes to."""

    sandbox: Callable[[int, Callable[[str], None]], Awaitable[None]] | None = None

    def catalog(self) -> Shelf:
        return self.shelf

    def damaged_stores(self) -> tuple[str, ...]:
        return self.damaged

    def descriptor_problems(self) -> tuple[DescriptorError, ...]:
        return self.problems

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[FakeEngine]:
        if self.store is not None:
            raise self.store
        try:
            yield self.fake
        finally:
            if self.draining is not None:
                await self.draining()
            self.fake.drained = True

    def open_browser(self, address: str) -> bool:
        self.opened.append(address)
        return self.has_browser

    async def discover(self, issuer: str) -> IssuerMetadata:
        if self.metadata is None:
            raise UnfitIssuer(issuer, "no_metadata")
        return self.metadata

    async def describe(self, issuer: str) -> tuple[Provider, str]:
        self.described.append(issuer)
        return self.shelf.provider("acme"), self.written

    async def serve_sandbox(self, port: int, announce: Callable[[str], None]) -> None:
        assert self.sandbox is not None, "this test has no sandbox"
        await self.sandbox(port, announce)

    async def examine(self) -> Diagnosis:
        return Diagnosis(
            at=self.clock.now().wall,
            parts={"Tokendeck": "0.1.0", "Python": "3.11.7"},
            system="Linux",
            findings=self.findings,
            connections=self.inspected,
            log=(),
        )


class Typed(io.StringIO):
    """Stands in for stdin: a person at a terminal, or a pipe."""

    def __init__(self, text: str, *, person: bool) -> None:
        super().__init__(text)
        self._person = person

    def isatty(self) -> bool:
        return self._person


@dataclass
class Shown:
    """What one command line came to."""

    code: int
    out: str
    err: str


@dataclass
class Stage:
    """One program with nothing in it, and a terminal before it."""

    clock: ManualClock = field(default_factory=ManualClock)
    shelf: Shelf = field(default_factory=Shelf)
    environ: dict[str, str] = field(default_factory=dict)
    options: list[Options] = field(default_factory=list)
    """What the program was built for, each time it was."""

    asked_for: list[str] = field(default_factory=list)
    """The questions whose answers were typed unseen."""

    def __post_init__(self) -> None:
        self.engine = FakeEngine(self.clock, self.shelf)
        self.program = FakeProgram(self.clock, self.shelf, self.engine)

    def wording_of(self, error: Exception) -> str:
        return Wording().error(error)

    def run(
        self,
        *argv: str,
        stdin: str | bytes = "",
        person: bool = False,
        hidden: tuple[str | BaseException, ...] = (),
        stdout: TextIO | None = None,
    ) -> Shown:
        """
        Type a command line.

        A `person` sits at a terminal and types `stdin`, or unseen `hidden`, one after another. Where `stdout` is given,
        `Shown.out` stays empty.
        """
        answers = list(hidden)

        def ask_hidden(question: str) -> str:
            self.asked_for.append(question)
            answer = answers.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        out, err = io.StringIO(), io.StringIO()
        typed = Typed(stdin, person=person) if isinstance(stdin, str) else io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        code = main(
            argv,
            self._build,
            stdin=typed,
            stdout=stdout or out,
            stderr=err,
            environ=self.environ,
            ask_hidden=ask_hidden,
        )
        return Shown(code, out.getvalue(), err.getvalue())

    def _build(self, options: Options) -> FakeProgram:
        self.options.append(options)
        return self.program
