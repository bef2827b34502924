"""A window that is open and shells beside it: real processes that meet at a real socket."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.doorbell import until_answered
from tests.journeys.shell import COMMAND, Shell, sandbox_process
from tokendeck.app.places import find_places
from tokendeck.cli.running.messages import request, value_of
from tokendeck.cli.running.place import socket_path
from tokendeck.cli.running.wire import exchange
from tokendeck.core.vault import VaultOpen, VaultOpening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows"),
    pytest.mark.timeout(120),
]

SHELLS = 20


@pytest.fixture(scope="module")
def sandbox() -> Iterator[dict[str, Any]]:
    with sandbox_process() as announced:
        yield announced


def without_passphrase(shell: Shell) -> Shell:
    return Shell(shell.home)


@contextmanager
def window(shell: Shell) -> Iterator[subprocess.Popen[str]]:
    """Open the window, and go on as soon as it answers."""
    process = start(shell)
    try:
        state = until_answered(path_of(shell), "vault", by=process)
        assert not isinstance(state, VaultOpening)
        assert isinstance(state, VaultOpen) is (shell.passphrase_file is not None)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def start(shell: Shell) -> subprocess.Popen[str]:
    return subprocess.Popen(shell.arguments(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def path_of(shell: Shell) -> str:
    path = socket_path(find_places(shell.home).name)
    assert path is not None
    return path


def test_shells_are_served_by_the_open_window_and_need_no_passphrase(shell: Shell, sandbox: dict[str, Any]) -> None:
    alone = without_passphrase(shell)

    with window(shell):
        added = alone.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
        token = alone.run("token", "mine", "--as", "json")
        tested = alone.run("test", "Mine", "--json")
        refreshed = alone.run("refresh", "--all")
        unknown = alone.run("token", "Nine")
        listed = alone.run("list", "--json")

    assert added.code == 0, added.err
    assert token.code == 0, token.err
    assert token.json["expiry_source"] == "expires_in"
    assert (tested.code, tested.json["verdict"]) == (0, "works")
    assert (refreshed.code, refreshed.out) == (0, "")
    assert unknown.code == 5
    assert [one["status"] for one in listed.json] == ["live"]


def test_what_goes_wrong_in_the_window_is_told_in_the_shell(shell: Shell, sandbox: dict[str, Any]) -> None:
    alone = without_passphrase(shell)
    fields = {**sandbox["fields"]["paysera"], "client_secret": "wrong"}

    with window(shell):
        alone.add("paysera", "Mine", fields, sandbox["base_url"])
        again = alone.add("paysera", "mine", fields, sandbox["base_url"])
        refused = alone.run("token", "Mine")

    assert again.code == 2
    assert (refused.code, refused.out) == (1, "")
    assert "Invalid client credentials" in refused.err


def test_while_the_window_is_locked_the_shell_answers_4(shell: Shell, sandbox: dict[str, Any]) -> None:
    fields, base_url = sandbox["fields"]["paysera"], sandbox["base_url"]
    shell.add("paysera", "Mine", fields, base_url)
    shell.run("token", "Mine")

    with window(without_passphrase(shell)):
        locked = [
            shell.run("token", "Mine"),
            shell.run("test", "Mine"),
            shell.run("refresh", "Mine"),
            shell.run("refresh", "--all"),
            shell.add("paysera", "Other", fields, base_url),
        ]
        listed = shell.run("list", "--json")

    assert {(one.code, one.out) for one in locked} == {(4, "")}
    assert {one.err for one in locked} == {"Tokendeck is locked. Unlock it in its window, then repeat the command.\n"}
    assert [one["name"] for one in listed.json] == ["Mine"]


@pytest.mark.promise(6)
def test_twenty_shells_at_expiry_send_one_token_request(shell: Shell) -> None:
    alone = without_passphrase(shell)
    with sandbox_process() as announced, window(shell):
        alone.add("paysera", "Mine", announced["fields"]["paysera"], announced["base_url"])
        give_next_token(announced, lifetime_s=50)
        ending = alone.run("token", "Mine")
        before = token_requests(announced)

        with ThreadPoolExecutor(SHELLS) as threads:
            asked = [threads.submit(alone.run, "token", "Mine", "--min-valid", "600") for _ in range(SHELLS)]
            results = [one.result() for one in asked]

        after = token_requests(announced)

    assert {one.code for one in results} == {0}, results
    assert {one.out for one in results} != {ending.out}
    assert len({one.out for one in results}) == 1
    assert (before, after) == (1, 2)


def give_next_token(announced: dict[str, Any], *, lifetime_s: int) -> None:
    fault = {"kind": "short_lifetime", "seconds": lifetime_s}
    plan = {"provider": "paysera", "endpoint": "token", "times": 1, "faults": [fault]}
    httpx.post(f"{announced['base_url']}/_sandbox/faults", json=plan, trust_env=False).raise_for_status()


def token_requests(announced: dict[str, Any]) -> int:
    received = httpx.get(f"{announced['base_url']}/_sandbox/received", trust_env=False).json()["received"]
    return len([one for one in received if one["endpoint"] == "token"])


@pytest.mark.promise(37)
def test_a_second_start_hands_over_to_the_first(shell: Shell) -> None:
    with window(shell) as first:
        second = subprocess.run(shell.arguments(), capture_output=True, text=True, timeout=50, check=False)

        assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
        assert first.poll() is None
        assert value_of(exchange(path_of(shell), request("hello", {}), 20)) is None


@pytest.mark.promise(37)
def test_of_two_starts_at_once_one_window_stays(shell: Shell) -> None:
    both = [start(shell), start(shell)]
    with ThreadPoolExecutor(2) as threads:
        try:
            ending = [threads.submit(one.wait) for one in both]
            ended, _ = wait(ending, timeout=50, return_when=FIRST_COMPLETED)
            codes = [one.result() for one in ended]
            answer = value_of(exchange(path_of(shell), request("hello", {}), 20))
        finally:
            for one in both:
                one.terminate()
                one.communicate(timeout=30)

    assert codes == [0]
    assert answer is None


def test_a_passphrase_file_that_cannot_be_read_is_told_before_a_window_opens(shell: Shell, home: Path) -> None:
    refused = Shell(shell.home, home / "nowhere").run()

    assert (refused.code, refused.out) == (2, "")
    assert refused.err == f"The passphrase file {home / 'nowhere'} cannot be read: No such file or directory.\n"
    assert not os.path.lexists(path_of(shell))


def test_another_home_has_a_window_of_its_own(shell: Shell, home: Path) -> None:
    other = Shell(home / "other", shell.passphrase_file)

    with window(shell), window(other):
        assert path_of(shell) != path_of(other)


@pytest.mark.promise(37)
def test_after_a_crash_the_shell_works_alone_and_the_next_start_answers(shell: Shell, sandbox: dict[str, Any]) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    with window(shell) as first:
        served = without_passphrase(shell).run("token", "Mine")
        first.kill()
        first.wait()
        left = os.path.lexists(path_of(shell))

        alone, refused = shell.run("token", "Mine"), without_passphrase(shell).run("token", "Mine")
    with window(shell):
        again = without_passphrase(shell).run("token", "Mine")

    assert left
    assert (alone.code, alone.out) == (0, served.out)
    assert refused.code == 4
    assert "--passphrase-file" in refused.err
    assert (again.code, again.out) == (0, served.out)
    assert not os.path.lexists(path_of(shell))


def test_a_window_that_hangs_is_passing_trouble_and_nobody_asks_behind_its_back(
    shell: Shell, sandbox: dict[str, Any]
) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    with window(shell) as hanging:
        hanging.send_signal(signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(2) as threads:
                asked, started = threads.submit(shell.run, "token", "Mine"), threads.submit(shell.run)
                refused, second = asked.result(), started.result()
            listed = shell.run("list", "--json")
        finally:
            hanging.send_signal(signal.SIGCONT)
        served = shell.run("token", "Mine")

    assert (refused.code, refused.out) == (3, "")
    assert refused.err == second.err
    assert second.code == 3
    assert [one["status"] for one in listed.json] == ["no_token"]
    assert served.code == 0


@pytest.mark.promise(22)
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can become another user")
def test_another_user_is_refused(shell: Shell) -> None:
    program = (
        "import os, socket, sys\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
    )

    with window(shell):
        refused = subprocess.run(
            [sys.executable, "-I", "-S", "-c", program, path_of(shell)],
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
            cwd="/",
        )

    assert refused.returncode == 1
    assert "PermissionError" in refused.stderr


def test_the_demo_is_handed_over_to_nobody(shell: Shell) -> None:
    with window(shell):
        demo = subprocess.run(
            [*COMMAND, "--demo"], capture_output=True, text=True, timeout=100, check=False, env=dict(os.environ)
        )

    assert demo.returncode == 0, demo.stderr
    assert "Web shop checkout" in demo.stdout
