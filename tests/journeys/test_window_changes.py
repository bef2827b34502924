"""What a person changes at the window: edits, deletions, pauses, locks, the end; and that nothing is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.adding import OWN_PROVIDER, add
from tests.journeys.person import pasted, until
from tests.journeys.stage import in_the_windows_loop
from tokendeck.sandbox import Hold

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

# Menus open over the window by means that the offscreen platform lacks; they open all the same.
pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True)


@in_the_windows_loop
async def test_editing_keeps_the_secret_unless_another_is_typed(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")

        await person.key("F2")
        await person.until(lambda: person.dialog == "Edit a connection")
        person.fill("Name", "Ours")
        person.press("Test and save")
        await person.until_reading("It works. 200 in ")
        person.press("Close")
        renamed = person.rows()

        new = stage.sandbox.rotate_secret("paysera")["client_secret"]
        await person.key("F5")
        await person.until_reading("Ours: Paysera Checkout refused the client secret (invalid_client).")
        refused = person.row("Ours")
        await person.key("F2")
        await person.until(lambda: person.dialog == "Edit a connection")
        person.fill("Client secret", new)
        person.press("Save without testing")
        await person.until(lambda: not person.dialog)
        await person.key("F5")
        await person.until_reading("Ours has a new token.")

        assert [row.split(",")[0] for row in renamed] == ["Ours"]
        assert "needs attention" in refused
        assert "live" in person.row("Ours")


@in_the_windows_loop
async def test_an_edit_that_leads_elsewhere_asks_before_a_secret_goes_there(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")
        elsewhere = stage.sandbox.base_url.replace("127.0.0.1", "localhost")

        await person.key("F2")
        await person.until(lambda: person.dialog == "Edit a connection")
        person.fill("Base URL", elsewhere)
        await person.until_reading("The secret has not been sent there before. Is the address right?")
        asked = person.offers("Test and save")
        person.press(f"Send this secret to {elsewhere} from now on")
        confirmed = person.offers("Test and save")

    assert not asked
    assert confirmed


@in_the_windows_loop
async def test_what_is_deleted_can_be_brought_back(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")

        await person.key("Del")
        await person.until_reading("Mine was deleted.", "No connections yet")
        person.press("Undo")
        await person.until(lambda: person.row("Mine"))
        person.select("Mine")
        await person.key("Del")
        await person.until_reading("No connections yet")
        person.menu("Connection", "Undo delete")
        await person.until(lambda: person.row("Mine").endswith("live, expires in 59 minutes"))


@in_the_windows_loop
async def test_what_is_deleted_is_gone_for_good_once_the_window_has_closed(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")
        await person.key("Del")
        await person.until_reading("No connections yet")

    async with stage.no_window() as engine:
        assert engine.records() == ()


@in_the_windows_loop
async def test_searching_and_filtering(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Web shop")
        await add(person, stage, "payt", "Debtor sync")
        person.menu("Connection", "Pause")
        await person.until(lambda: "paused" in person.row("Debtor sync"))

        def found() -> list[str]:
            return [row.split(",")[0] for row in person.rows()]

        await person.key("W")  # typed onto the list, it goes into the search
        await person.until(lambda: found() == ["Web shop"])
        for search, names in (
            ("deb", ["Debtor sync"]),
            ("provider:paysera", ["Web shop"]),
            ("state:paused", ["Debtor sync"]),
            ("env:sandbox", ["Debtor sync", "Web shop"]),
            ("state:live sync", []),
        ):
            person.fill("Search connections", search)
            assert found() == names, search
        assert "Nothing matches “state:live sync”" in person.reads()
        person.press("Clear search")
        assert found() == ["Debtor sync", "Web shop"]


@in_the_windows_loop
async def test_what_is_paused_is_left_alone_until_it_is_resumed(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")

        person.menu("Connection", "Pause")
        await person.until(lambda: person.row("Mine").split(", ")[1] == "paused")
        await person.key("F5")
        await person.until_reading("Mine: This connection is paused. Resume it, then try again.")
        asked = stage.sandbox.count("paysera", "token")
        person.press("Resume")
        await person.until(lambda: person.row("Mine").split(", ")[1] == "live")

    assert asked == 1


@in_the_windows_loop
async def test_a_locked_vault_shows_names_and_gives_nothing_out(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")
        await person.key("Ctrl+C")
        await person.until_reading("Token copied.")

        await person.key("Ctrl+L")
        await person.until_reading("The vault is locked")
        cleared = pasted()
        locked = person.row("Mine")
        person.select("Mine")
        await person.key("Ctrl+C")
        await person.until_reading("Mine: The vault is locked.")
        refused = pasted()
        person.press("Unlock")
        await person.until_reading("Vault: in memory")
        person.select("Mine")
        await person.key("Ctrl+C")
        await person.until(pasted)

        assert cleared == refused == ""
        assert locked.endswith("locked, expires in 59 minutes")


@pytest.mark.promise(2)
@in_the_windows_loop
async def test_closing_waits_for_the_answer_on_the_wire_and_saves_it(stage: Stage) -> None:
    hold = Hold()
    async with stage.sandbox:
        async with stage.window(once_closed=hold.release) as person:
            await add(person, stage, "paysera", "Mine")
            await person.key("Ctrl+C")
            await person.until_reading("Token copied.")
            stage.sandbox.inject("paysera", "token", hold, times=1)
            await person.key("F5")
            await stage.sandbox.wait_for_requests(2, "paysera", "token")
            await person.until(lambda: "renewing" in person.row("Mine"))

        async with stage.no_window() as engine:
            record = engine.find("Mine")
            kept = await engine.kept_token(record.connection.id)
            assert kept is not None
            accepted = await stage.accepts("paysera", kept.access_token.reveal())

    assert record.serial == 2
    assert record.cut_off_at is None
    assert accepted
    assert pasted() == ""


@in_the_windows_loop
async def test_the_clipboard_is_cleared_after_half_a_minute(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")
        await person.key("Ctrl+C")
        await person.until_reading("Clears in 30 s")

        stage.clock.move_on(seconds=31)
        await until(lambda: not pasted())

        await person.until(lambda: "Clears in" not in person.reads())


@in_the_windows_loop
async def test_a_file_of_the_users_own_makes_a_provider(stage: Stage) -> None:
    stage.places.providers.mkdir(parents=True)
    (stage.places.providers / "acme.toml").write_text(OWN_PROVIDER, encoding="utf-8")
    async with stage.sandbox, stage.window() as person:
        await person.until_reading("Vault: in memory")
        fields = stage.sandbox.fields["paysera"]

        person.press("Add a connection")
        await person.until(lambda: person.dialog)
        person.fill("Search providers", "acme")
        chooser = person.reads()
        person.press("Continue")
        await person.until_reading("Add a connection to Acme Payments")
        person.fill("Name", "Mine")
        person.choose("Environment", "Another")
        person.fill("Environment name", "Sandbox")
        person.fill("Base URL", stage.sandbox.base_url)
        person.fill("Key id", fields["client_id"])
        person.fill("Secret", fields["client_secret"])
        person.press("Test and save")
        await person.until_reading("It works. 200 in ")
        person.press("Close")
        await person.key("Ctrl+C")
        await person.until_reading("Token copied.")
        accepted = await stage.accepts("paysera", pasted())
        row = person.row("Mine")

    assert "Acme Payments, api.acme.example · from your own file" in chooser
    assert row == "Acme Payments Sandbox, live, expires in 59 minutes"
    assert accepted
