"""What is handed to whoever helps, from the window and from a shell: enough to help by, and nothing private."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.adding import add, fill_in
from tests.journeys.person import pasted
from tests.journeys.shell import Shell, sandbox_process
from tests.journeys.stage import in_the_windows_loop
from tokendeck.app.logbook import COMMANDS_LOG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.canary import Canary
    from tests.journeys.stage import Stage


@pytest.mark.promise(1)
@pytest.mark.qt_log_ignore(r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True)
@in_the_windows_loop
async def test_the_window_shows_what_it_copies_for_whoever_helps(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Web shop")
        await fill_in(person, stage, "payos", "Old shop", secret="no such secret")
        person.press("Save without testing")
        await person.until(lambda: person.row("Old shop"))

        person.menu("Help", "Copy diagnostics")
        await person.until(lambda: "Connections: 2" in person.shown("What will be copied"))
        shown = person.shown("What will be copied")
        person.press("Copy")
        copied = pasted()
        person.press("Close")

    fields = {**stage.sandbox.fields["paysera"], **stage.sandbox.fields["payos"]}
    assert copied == shown
    assert "connection 1 (" in copied
    assert "It opens. Guard: memory." in copied
    private = {*fields.values(), "no such secret", "Web shop", "Old shop", stage.sandbox.base_url}
    assert [text for text in private if text in copied] == []


@pytest.mark.promise(1)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["people", "programs"])
def test_a_shell_prints_the_same_for_whoever_helps(home: Path, canary: Canary, form: tuple[str, ...]) -> None:
    client_id, secret = "kaunas-20417", canary.plant("client secret")
    passphrase_file = home / "passphrase"
    passphrase_file.write_text(canary.plant("passphrase"), "utf-8")
    passphrase_file.chmod(0o600)
    shell = Shell(home / "deck", passphrase_file)
    with sandbox_process() as sandbox:
        fields = {"client_id": client_id, "client_secret": secret}
        assert shell.add("paysera", "Kaunas shop", fields, sandbox["base_url"]).code == 0
        assert shell.run("token", "Kaunas shop").code == 1
    with (shell.home / "state" / COMMANDS_LOG).open("a", encoding="utf-8") as log:
        log.write(f"a library says: no client {client_id} (Kaunas shop), client_secret={secret}\n")

    examined = shell.run("doctor", *form)

    assert examined.code == 0
    assert "connection 1" in examined.out
    assert "invalid_client 401" in examined.out
    assert "a library says: no client " in examined.out
    assert canary.found_in(examined.out) == []
    assert [text for text in (client_id, "Kaunas", sandbox["base_url"], str(home)) if text in examined.out] == []
