"""The checks that every test undergoes catch what they are for, and nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from tests.canary import Canary

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parent.parent

SUBJECTS = """
import asyncio
import logging
import subprocess
import sys
import warnings

import pytest

log = logging.getLogger("tokendeck.engine")


def test_fine_quiet_log():
    log.info("nothing to see")


def test_fine_expected_warning(expect_log):
    expect_log("tokendeck.engine", "no answer after [0-9]+ s")
    log.warning("no answer after %d s", 5)


def test_fine_awaited_error():
    async def fail():
        raise LookupError

    async def main():
        with pytest.raises(LookupError):
            await asyncio.create_task(fail())

    asyncio.run(main())


def test_fine_canary_unspoken(canary):
    log.debug("length %d", len(canary.plant("client secret")))


def test_fine_window_closed(qtbot):
    from PySide6.QtWidgets import QDialog, QMainWindow

    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    QDialog(window).open()


def test_fine_timer_stopped(qapp):
    from PySide6.QtCore import QTimer

    timer = QTimer(interval=1000)
    timer.start()
    timer.stop()


def test_bad_warning_logged():
    log.warning("something is off")


def test_bad_expected_warning_missing(expect_log):
    expect_log("tokendeck.engine", "no answer")


def test_bad_other_warning_than_expected(expect_log):
    expect_log("tokendeck.engine", "no answer")
    log.warning("no answer")
    log.error("and then this")


async def test_bad_error_lost_in_task():
    async def fail():
        raise LookupError("lost")

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    task.cycle = task


def test_bad_python_warning():
    warnings.warn("old ways", DeprecationWarning)


def test_bad_file_left_open(tmp_path):
    cycle = [open(tmp_path / "file", "w")]
    cycle.append(cycle)


def test_bad_canary_printed(canary):
    print(canary.plant("client secret"))


def test_bad_canary_logged(canary):
    log.debug("sent %r", {"client_secret": canary.plant("client secret")})


def test_bad_canary_printed_by_child(canary):
    subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1])", canary.plant_token("token")], check=True)


def test_bad_window_left(qapp):
    from PySide6.QtWidgets import QWidget

    qapp.left = QWidget()


def test_bad_timer_left(qapp):
    from PySide6.QtCore import QTimer

    qapp.ticking = QTimer(interval=100_000)
    qapp.ticking.start()


def test_bad_qt_warning(qapp):
    from PySide6.QtCore import qWarning

    qWarning("Qt is unhappy")
"""


def test_each_kind_of_trouble_fails_its_own_test_and_no_other(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest('pytest_plugins = ["tests.strictness"]')
    file = pytester.makepyfile(SUBJECTS)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    done = pytester.runpytest_subprocess(
        "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(pytester.path), "-rA", "-p", "no:cacheprovider", str(file)
    )

    results = [line.split() for line in done.outlines if "::test_" in line]
    troubled = {words[1].split("::")[1] for words in results if words[0] in {"FAILED", "ERROR"}}
    all_tests = {words[1].split("::")[1] for words in results}
    assert len(all_tests) == SUBJECTS.count("def test_")
    assert troubled == {name for name in all_tests if name.startswith("test_bad")}


@pytest.mark.parametrize("before", ["", "i", "id", "id:"])
@pytest.mark.parametrize("after", ["", ":", ";;"])
def test_a_canary_is_found_in_every_encoding(before: str, after: str) -> None:
    canary = Canary()
    secret = canary.plant("secret")
    around = before + secret + after

    leaks = {
        "plain": around.encode(),
        "URL": quote_plus(around).encode(),
        "JSON": json.dumps({"a": around}).encode(),
        "Basic": b64encode(around.encode()),
        "Basic, form-encoded first": b64encode(quote_plus(around).encode()),
    }

    assert [name for name, leak in leaks.items() if not canary.found_in(b"before " + leak + b" after")] == []
    assert canary.found_in("nothing of the kind") == []
