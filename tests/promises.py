"""
Which promise is proven by which tests, as a pytest plugin.

`@pytest.mark.promise(7)` is checked against promises.toml in every run. With `--keep-promises`, a run fails where a
promise in scope has no test that passed, or one that did not, and names those. With `--promises`, it lists every one
besides, with its tests and their results.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

PROMISES = Path(__file__).with_name("promises.toml")
KEPT, BROKEN, UNPROVEN, LATER = "kept", "BROKEN", "NO TEST", "later"


@dataclass(frozen=True)
class Promise:
    """One promise as promises.toml has it."""

    number: int
    title: str
    section: str
    comes_with: str = ""
    """The feature that brings what is promised; empty where it is there."""


def read_promises(file: Path = PROMISES) -> dict[int, Promise]:
    """Give every promise by its number."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    later = {number: feature for feature, numbers in sections.pop("later").items() for number in numbers}
    promises = [
        Promise(int(number), title, section, later.pop(int(number), ""))
        for section, titles in sections.items()
        for number, title in titles.items()
    ]
    assert not later, f"{file.name} puts off what it does not name: {sorted(later)}"
    return {promise.number: promise for promise in promises}


@dataclass
class Proofs:
    """What the tests of one run came to, by promise and test."""

    outcomes: dict[int, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, number: int, test: str, outcome: str) -> None:
        self.outcomes[number].setdefault(test.partition("[")[0], []).append(outcome)

    def verdict(self, promise: Promise) -> str:
        outcomes = {outcome for several in self.outcomes[promise.number].values() for outcome in several}
        if outcomes - {"passed", "skipped"}:
            return BROKEN
        if promise.comes_with:
            return LATER
        return KEPT if "passed" in outcomes else UNPROVEN

    def unkept(self, promises: Iterable[Promise]) -> list[Promise]:
        return [promise for promise in promises if self.verdict(promise) in {BROKEN, UNPROVEN}]

    def table(self, promises: Iterable[Promise]) -> list[str]:
        lines = []
        section = ""
        for promise in promises:
            if promise.section != section:
                section = promise.section
                lines += ["", section]
            comes_with = f" (comes with {promise.comes_with})" if promise.comes_with else ""
            lines.append(f"{promise.number:4}  {self.verdict(promise):8} {promise.title}{comes_with}")
            lines += [f"{'':14} {_summed(several):18} {test}" for test, several in self._tests(promise)]
        return lines

    def _tests(self, promise: Promise) -> list[tuple[str, list[str]]]:
        return sorted(self.outcomes[promise.number].items())


def _summed(outcomes: list[str]) -> str:
    return ", ".join(f"{outcomes.count(one)} {one}" for one in sorted(set(outcomes)))


PROOFS = pytest.StashKey[Proofs]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", action="store_true", help="list every promise with its tests; fail for the rest")
    parser.addoption(
        "--keep-promises", action="store_true", help="fail for promises that no test keeps; list only those"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[PROOFS] = proofs = Proofs()
    config.pluginmanager.register(Collector(proofs), "promise proofs")


class Collector:
    """Sorts the tests' reports; under pytest-xdist it does so where they come together."""

    def __init__(self, proofs: Proofs) -> None:
        self._proofs = proofs

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            for name, value in report.user_properties:
                if name == "promise" and isinstance(value, int):
                    self._proofs.note(value, report.nodeid, report.outcome)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = read_promises()
    for item in items:
        for mark in item.iter_markers("promise"):
            if len(mark.args) != 1 or mark.args[0] not in known:
                raise pytest.UsageError(f"{item.nodeid}: no promise has the number {mark.args}")
            item.user_properties.append(("promise", mark.args[0]))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    result = yield
    if _is_asked(session.config) and session.config.stash[PROOFS].unkept(read_promises().values()):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not _is_asked(config):
        return
    proofs, promises = config.stash[PROOFS], read_promises().values()
    terminalreporter.section("promises")
    if config.getoption("--promises"):
        terminalreporter.write("\n".join(proofs.table(promises)) + "\n\n")
    unkept = proofs.unkept(promises)
    in_scope = [promise for promise in promises if not promise.comes_with]
    terminalreporter.write_line(f"{len(in_scope) - len(unkept)} of {len(in_scope)} promises in scope are kept.")
    for promise in unkept:
        terminalreporter.write_line(f"{proofs.verdict(promise):8} {promise.number}: {promise.title}")


def _is_asked(config: pytest.Config) -> bool:
    asked = config.getoption("--promises") or config.getoption("--keep-promises")
    return bool(asked) and not hasattr(config, "workerinput")
