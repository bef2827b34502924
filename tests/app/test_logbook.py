from __future__ import annotations

import io
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tokendeck.app.logbook import Logbook
from tokendeck.app.logfile import LONGEST_RECORD, MOST_BYTES, NEWEST_LINES, OLDER_FILES, newest_lines
from tokendeck.core.secret import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    ExpectLog = Callable[[str, str], None]

PLANTED = "planted 's3cret'/é"

log = logging.getLogger("tokendeck.somewhere")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deck" / "state" / "tokendeck.log"


@pytest.fixture
def nobody_else_listens() -> Iterator[None]:
    """Keep what is logged from pytest, which would print all of it."""
    root = logging.getLogger()
    kept, root.handlers = root.handlers, []
    yield
    root.handlers = kept


def fail(secret: Secret) -> None:
    text = secret.reveal()
    raise ValueError(f"cannot parse {text}")


def test_nothing_is_made_before_there_is_something_to_keep(path: Path) -> None:
    with Logbook(path) as logbook:
        logbook.open()
        log.debug("a detail")

    assert not path.parent.parent.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_only_this_user_can_read_it(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    path.touch(mode=0o644)

    with Logbook(path) as logbook:
        logbook.open()
        log.info("it began")

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_every_folder_that_is_made_for_it_is_this_users_alone(path: Path) -> None:
    kept = os.umask(0)
    try:
        with Logbook(path) as logbook:
            logbook.open()
            log.info("it began")
    finally:
        os.umask(kept)

    assert [one.stat().st_mode & 0o777 for one in (path.parent.parent, path.parent, path)] == [0o700, 0o700, 0o600]


@pytest.mark.usefixtures("nobody_else_listens")
def test_it_takes_no_more_room_than_it_may(path: Path) -> None:
    with Logbook(path) as logbook:
        logbook.open()
        for number in range(200):
            log.info("%d %s", number, "x" * 2 * LONGEST_RECORD)

    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["tokendeck.log", "tokendeck.log.1", "tokendeck.log.2"]
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES * (1 + OLDER_FILES)
    assert newest_lines(path)[-1].count("x") < LONGEST_RECORD


@pytest.mark.promise(1)
def test_no_secret_comes_into_it_whoever_logs_it(path: Path, expect_log: ExpectLog) -> None:
    held = Secret(PLANTED)
    expect_log("tokendeck.somewhere", "it failed")

    with Logbook(path) as logbook:
        logbook.open()
        try:
            fail(held)
        except ValueError:
            log.exception("it failed with %s", held)
        log.info("the library says %s", held.reveal())
        log.info("POST with %s", {"Authorization": "Basic bWU6c2VjcmV0"})

    written = path.read_text("utf-8")
    assert "planted" not in written
    assert "bWU6c2VjcmV0" not in written
    assert f"ValueError: cannot parse {MASK}" in written
    assert f"the library says {MASK}" in written
    assert 'raise ValueError(f"cannot parse {text}")' in written


@pytest.mark.promise(1)
@pytest.mark.usefixtures("nobody_else_listens")
def test_what_cannot_be_written_is_not_printed_instead(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path.parent.mkdir(parents=True)
    path.mkdir()

    with Logbook(path) as logbook:
        logbook.open()
        log.error("no room for %s", PLANTED)
        log.error("%d", PLANTED)

    assert capfd.readouterr() == ("", "")
    assert logging.raiseExceptions


def test_whoever_debugs_sees_everything_on_the_terminal_too(path: Path) -> None:
    terminal, held = io.StringIO(), Secret(PLANTED)

    with Logbook(path, debug=True, shown_on=terminal) as logbook:
        logbook.open()
        logbook.open()
        log.debug("sent %s", held.reveal())
        logging.getLogger("filelock").debug("one step more")

    assert terminal.getvalue().endswith(f"Z DEBUG tokendeck.somewhere: sent {MASK}\n")
    assert terminal.getvalue() == path.read_text("utf-8")


def test_it_leaves_logging_as_it_was(path: Path) -> None:
    before = (logging.getLogger().level, logging.getLogger("qasync").level, list(logging.getLogger().handlers))

    with Logbook(path, debug=True) as logbook:
        logbook.open()

    after = (logging.getLogger().level, logging.getLogger("qasync").level, list(logging.getLogger().handlers))
    assert after == before


def test_an_error_that_nobody_caught_ends_there_and_is_told(path: Path, expect_log: ExpectLog) -> None:
    expect_log("tokendeck.app.logbook", "nobody caught")
    told: list[Exception] = []

    with Logbook(path) as logbook:
        logbook.tell_by(told.append)
        try:
            fail(Secret(PLANTED))
        except ValueError as error:
            sys.excepthook(ValueError, error, error.__traceback__)

    assert [type(error) for error in told] == [ValueError]
    assert "in fail" in path.read_text("utf-8")
    assert "planted" not in path.read_text("utf-8")


def test_ctrl_c_is_no_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed_on: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: passed_on.append(kind))

    with Logbook(path):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert passed_on == [KeyboardInterrupt]
    assert not path.exists()


def test_an_error_of_a_thread_ends_there(path: Path, expect_log: ExpectLog) -> None:
    expect_log("tokendeck.app.logbook", "ended the thread asks-a-keyring")

    with Logbook(path):
        thread = threading.Thread(target=fail, args=(Secret(PLANTED),), name="asks-a-keyring")
        thread.start()
        thread.join()

    assert "CRITICAL" in path.read_text("utf-8")
    assert "planted" not in path.read_text("utf-8")


def test_an_error_that_nobody_could_catch_ends_there(path: Path, expect_log: ExpectLog) -> None:
    expect_log("tokendeck.app.logbook", "Exception ignored|nobody could catch")

    class Frail:
        def __del__(self) -> None:
            fail(Secret(PLANTED))

    with Logbook(path):
        Frail()

    assert "in __del__" in path.read_text("utf-8")
    assert "planted" not in path.read_text("utf-8")


def test_the_newest_lines_are_whole(path: Path) -> None:
    path.parent.mkdir(parents=True)
    missing = newest_lines(path)
    path.write_text("first\nlast\n", "utf-8")
    short = newest_lines(path)
    path.write_text("".join(f"{number:05d} é{'x' * 400}\n" for number in range(1000)), "utf-8")
    long = newest_lines(path)
    path.write_text("".join(f"{number:05d}\n" for number in range(1000)), "utf-8")

    assert (missing, short) == ([], ["first", "last"])
    assert all(line[:5].isdigit() and line.endswith("x") for line in long)
    assert long[-1].startswith("00999")
    assert newest_lines(path) == [f"{number:05d}" for number in range(1000 - NEWEST_LINES, 1000)]
