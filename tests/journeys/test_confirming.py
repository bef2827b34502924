"""A provider's file that was changed behind the user's back: at the window and in a shell, nothing goes unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.adding import OWN_PROVIDER, add
from tests.journeys.shell import Shell, sandbox_process
from tests.journeys.stage import in_the_windows_loop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.stage import Stage

MOVED = "{base_url}/auth"


def write_descriptor(folder: Path, url: str = MOVED) -> None:
    """Write the user's own provider, or have somebody write it anew so that it sends to `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "acme.toml").write_text(OWN_PROVIDER.replace(MOVED, url), encoding="utf-8")


@pytest.mark.promise(10)
# Menus open over the window by means that the offscreen platform lacks; they open all the same.
@pytest.mark.qt_log_ignore(r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True)
@in_the_windows_loop
async def test_the_window_asks_before_a_secret_goes_where_a_changed_file_sends_it(stage: Stage) -> None:
    write_descriptor(stage.places.providers)
    async with stage.sandbox:
        async with stage.window() as person:
            await add(person, stage, "acme", "Mine")
        sent_before = stage.sandbox.count()
        elsewhere = stage.sandbox.base_url.replace("127.0.0.1", "localhost")
        write_descriptor(stage.places.providers, f"{elsewhere}/auth")

        async with stage.window() as person:
            await person.until_reading("Vault: in memory")
            person.select("Mine")
            await person.key("F5")
            await person.until(lambda: "needs attention" in person.row("Mine"))
            await person.until_reading("which you have not confirmed. Nothing was sent.")
            person.press("Edit")
            await person.until_reading("The secret has not been sent there before. Is the address right?")
            could_save = person.offers("Save without testing") or person.offers("Test and save")
            sent_unconfirmed = stage.sandbox.count() - sent_before
            person.press(f"Send this secret to {elsewhere} from now on")
            person.press("Save without testing")
            await person.until(lambda: not person.dialog)
            await person.key("F5")
            await person.until_reading("Mine has a new token.")

    assert (could_save, sent_unconfirmed) == (False, 0)
    assert stage.sandbox.count() == sent_before + 1


@pytest.mark.promise(10)
def test_a_shell_asks_before_a_secret_goes_where_a_changed_file_sends_it(home: Path) -> None:
    (home / "passphrase").write_text("correct horse battery staple\n", encoding="utf-8")
    (home / "passphrase").chmod(0o600)
    shell = Shell(home / "deck", home / "passphrase")
    write_descriptor(shell.home / "providers")
    with sandbox_process() as sandbox:
        shell.add("acme", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
        elsewhere = sandbox["base_url"].replace("127.0.0.1", "localhost")
        write_descriptor(shell.home / "providers", f"{elsewhere}/auth")

        refused = shell.run("token", "Mine")
        confirmed = shell.run("confirm", "Mine", "--yes")
        given_out = shell.run("token", "Mine")

    host = elsewhere.removeprefix("http://")
    assert (refused.code, refused.out) == (1, "")
    assert f"This would take a secret to {host}, which you have not confirmed. Nothing was sent." in refused.err
    assert (confirmed.code, confirmed.err) == (0, f"Confirmed. Mine may send to: {host}.\n")
    assert given_out.code == 0, given_out.err
