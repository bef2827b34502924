"""
What every test undergoes besides its own assertions, as a pytest plugin.

A test that passed still fails if it logged a WARNING, lost an error in a task, leaked a planted secret into its output,
or left a Qt window or timer behind. For Python's and Qt's own warnings, the settings in pyproject.toml do the same.
"""

from __future__ import annotations

import gc
import logging
import re
import sys
from typing import TYPE_CHECKING, cast

import pytest

from tests.canary import Canary

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from PySide6.QtCore import QObject


class LogWatch(logging.Handler):
    """Collects what is logged at WARNING or above, and knows what the test expects of it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: list[logging.LogRecord] = []
        self._expected: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)

    def expect(self, logger: str, message: str) -> None:
        """
        Declare that this test makes `logger` say this at WARNING or above, once or more.

        Args:
            logger: the logger's whole name.
            message: a regular expression, searched in the formatted message.
        """
        self._expected.append((logger, message))

    def complaints(self) -> list[str]:
        unmet = set(self._expected)
        complaints = []
        for record in self._records:
            met = {
                (logger, message)
                for logger, message in self._expected
                if logger == record.name and re.search(message, record.getMessage())
            }
            unmet -= met
            if not met:
                complaints.append(f"logged: {logging.Formatter('%(levelname)s %(name)s: %(message)s').format(record)}")
        return complaints + [f"expected in the log, but not there: {logger}: {message}" for logger, message in unmet]


LOG_WATCH = pytest.StashKey[LogWatch]()
CANARY = pytest.StashKey[Canary]()
QT_BEFORE = pytest.StashKey[set[int]]()
DID_NOT_PASS = pytest.StashKey[bool]()


@pytest.fixture
def canary(request: pytest.FixtureRequest) -> Canary:
    """Plants secrets; the test fails if one turns up in its stdout, stderr or log, in any of several encodings."""
    planted: Canary = request.node.stash[CANARY]
    return planted


@pytest.fixture
def expect_log(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`expect_log(logger, regex)`: this WARNING or worse belongs to the test, which fails if it does not come."""
    watch: LogWatch = request.node.stash[LOG_WATCH]
    return watch.expect


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[LOG_WATCH] = watch = LogWatch()
    item.stash[CANARY] = Canary()
    item.stash[QT_BEFORE] = set(_qt_objects())
    logging.getLogger().addHandler(watch)
    # From here on the garbage collector sees only what this test makes: saves 2 ms a test, 10 ms where Qt is in use.
    gc.freeze()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    watch = item.stash[LOG_WATCH]
    try:
        result = yield
        # A task's lost error is logged when the task goes; a window that only a cycle holds is no leftover.
        raised = _collect_garbage()
        left = [text for address, text in _qt_objects().items() if address not in item.stash[QT_BEFORE]]
    finally:
        logging.getLogger().removeHandler(watch)
    complaints = [*watch.complaints(), *raised, *(f"left over: {text}" for text in left)]
    if complaints and DID_NOT_PASS not in item.stash:
        pytest.fail("\n".join(complaints), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not report.passed:
        item.stash[DID_NOT_PASS] = True
    elif report.when == "teardown":
        leaks = {f"{leak} in {title}" for title, text in report.sections for leak in item.stash[CANARY].found_in(text)}
        if leaks:
            report.outcome = "failed"
            report.longrepr = "\n".join(sorted(leaks))
    return report


def _collect_garbage() -> list[str]:
    """Give what objects raised as they went; pytest itself would blame it on the next test."""
    raised = []
    kept_hook = sys.unraisablehook
    sys.unraisablehook = lambda lost: raised.append(f"raised when collected: {lost.exc_value!r}")
    try:
        gc.collect()
    finally:
        sys.unraisablehook = kept_hook
    return raised


def _qt_objects() -> dict[int, str]:
    """Give address and description of every top-level widget, and of the active timers made since `gc.freeze`."""
    if "PySide6.QtWidgets" not in sys.modules:
        return {}
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import getCppPointer, isValid

    if not isinstance(QApplication.instance(), QApplication):
        return {}
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    timers = [cast("QTimer", thing) for thing in gc.get_objects() if issubclass(type(thing), QTimer)]
    found: list[QObject] = [timer for timer in timers if isValid(timer) and timer.isActive()]
    # Qt keeps its tool tip's window for the next tool tip.
    found += [widget for widget in QApplication.topLevelWidgets() if widget.metaObject().className() != "QTipLabel"]
    return {getCppPointer(thing)[0]: repr(thing) for thing in found}
