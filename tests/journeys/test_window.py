"""From Add to a copied token and a verdict, for each provider, as a person at the window does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.adding import LABELS, OWN_PROVIDER, SECRETS, add, fill_in
from tests.journeys.person import beside_the_text, pasted, until
from tests.journeys.stage import in_the_windows_loop
from tokendeck.sandbox import Hold
from tokendeck.ui.clipboard import MARKS

if TYPE_CHECKING:
    from tests.journeys.stage import Stage
    from tokendeck.sandbox import ProviderId

# Menus open over the window by means that the offscreen platform lacks; they open all the same.
pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True)

PROVIDERS: tuple[ProviderId, ...] = ("payos", "paysera", "pyng", "payt", "paysecurez")
EXPIRY = {
    "payos": "lifetime not stated",
    "paysera": "expires in 59 minutes",
    "pyng": "expires in 59 minutes",
    "payt": "never expires",
    "paysecurez": "per use",
}
GOOD_FOR = {
    "payos": "Lifetime not stated.",
    "paysera": "Good for 59 min.",
    "pyng": "Good for 59 min.",
    "payt": "Never expires.",
    "paysecurez": "Good for 29 min.",
}
VERDICTS = {
    "payos": "Mine: It works. 200 in ",
    "paysera": "Mine: It works. 200 in ",
    "pyng": "Mine: A token was minted in ",
    "payt": "Mine: A token was minted in ",
    "paysecurez": "Mine: A token was minted in ",
}
PROVEN = {
    "payos": "List payments",
    "paysera": "List payment methods",
    "pyng": "PYNG Checkout documents no safe call, so that is all this proves.",
    "payt": "Payt documents no safe call, so that is all this proves.",
    "paysecurez": "PaySecurez documents no safe call, so that is all this proves.",
}
MINTED = {"payos": 1, "paysera": 1, "pyng": 2, "payt": 2, "paysecurez": 3}
"""Token requests of one addition, one copy and one test."""

REFUSALS = {
    "payos": "PayOS refused the client secret (",
    "paysera": "Paysera Checkout says: “Invalid client credentials”.",
    "pyng": "PYNG Checkout says: “Client authentication failed”.",
    "payt": "Payt refused the client secret (",
    "paysecurez": "PaySecurez refused the client secret (",
}


@pytest.mark.parametrize("provider", PROVIDERS)
@in_the_windows_loop
async def test_from_add_to_copied_token_to_verdict(stage: Stage, provider: ProviderId) -> None:
    async with stage.sandbox, stage.window() as person:
        fields = stage.sandbox.fields[provider]
        secret, public = fields[SECRETS[provider]], fields[next(iter(LABELS[provider]))]
        await person.until_reading("No connections yet", "Vault: in memory")

        await fill_in(person, stage, provider, "Mine")
        preview, form = person.shown("What will be sent"), person.reads()
        person.press("Test and save")
        await person.until_reading("It works. 200 in ")
        person.press("Close")
        row = person.row("Mine")
        minted = stage.sandbox.count(provider, "token")

        await person.key("Ctrl+C")
        await person.until_reading(f"Token copied. {GOOD_FOR[provider]}", "Clears in 30 s")
        copied, marks = pasted(), beside_the_text()

        await person.key("Ctrl+Return")
        await person.until_reading(VERDICTS[provider])
        person.turn_to("Test calls")
        await person.until_reading(PROVEN[provider])
        accepted = await stage.accepts(provider, copied)

    assert preview.startswith(f"POST {stage.sandbox.base_url}/")
    assert secret not in form
    assert public in form
    assert "••••••••" in preview
    assert row.endswith(EXPIRY[provider])
    assert minted == 1
    assert accepted
    assert marks == MARKS
    assert stage.sandbox.count(provider, "token") == MINTED[provider]
    assert pasted() == ""


@pytest.mark.parametrize("provider", PROVIDERS)
@in_the_windows_loop
async def test_a_wrong_secret_keeps_everything_typed_and_points_at_its_field(
    stage: Stage, provider: ProviderId
) -> None:
    async with stage.sandbox, stage.window() as person:
        await person.until_reading("Vault: in memory")
        label = LABELS[provider][SECRETS[provider]]

        await fill_in(person, stage, provider, "Mine", secret="wrong!")
        person.press("Test and save")
        await person.until_reading(REFUSALS[provider])

        assert person.typed("Name") == "Mine"
        assert person.typed(label) == "••••••"
        assert person.remark(label) == "The answer points here."
        assert person.has_focus(label)
        assert stage.sandbox.count(provider, "token") == 1

        person.fill(label, stage.sandbox.fields[provider][SECRETS[provider]])
        person.press("Test and save")
        await person.until_reading("It works. 200 in ")
        person.press("Close")

        assert person.row("Mine")


@pytest.mark.parametrize("provider", ["payos", "paysera", "pyng", "payt"])
@in_the_windows_loop
async def test_refresh_brings_another_token(stage: Stage, provider: ProviderId) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, provider, "Mine")
        await person.until(lambda: person.fact("fingerprint"))
        before = person.fact("fingerprint")

        await person.key("F5")
        await person.until_reading("Mine has a new token.")
        await person.until(lambda: person.fact("fingerprint") not in {"", before})

    assert stage.sandbox.count(provider, "token") == 2


@pytest.mark.promise(28)
@in_the_windows_loop
async def test_an_hours_token_is_renewed_five_minutes_ahead_by_itself(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")
        await person.until_reading("Tokendeck renews it 5 minutes before it expires.")

        stage.clock.move_on(minutes=55, seconds=1)
        await person.until(lambda: stage.sandbox.count("paysera", "token") == 2)

        await person.until(lambda: person.row("Mine").endswith("live, expires in 59 minutes"))


@in_the_windows_loop
async def test_a_provider_that_is_down_is_waited_for_and_nothing_is_lost(stage: Stage) -> None:
    async with stage.window() as person:
        await stage.sandbox.start()
        port = int(stage.sandbox.base_url.rsplit(":", 1)[1])
        await add(person, stage, "paysera", "Mine")
        await person.key("Ctrl+C")
        await person.until_reading("Token copied.")
        token = pasted()

        await stage.sandbox.stop()
        await person.key("F5")
        await person.until_reading(f"Mine: No connection to 127.0.0.1:{port} came about.")
        waiting = person.row("Mine")
        await person.key("Ctrl+Shift+X")
        await person.key("Ctrl+C")
        await until(lambda: pasted() == token)

        await stage.sandbox.start(port)
        stage.clock.move_on(minutes=1)
        await person.until(lambda: person.row("Mine").endswith("live, expires in 59 minutes"))
        await stage.sandbox.stop()

    assert waiting.endswith("waiting, expires in 59 minutes")


@in_the_windows_loop
async def test_a_provider_that_is_down_while_adding_costs_nothing_typed(stage: Stage) -> None:
    async with stage.window() as person:
        await person.until_reading("Vault: in memory")
        async with stage.sandbox:
            await fill_in(person, stage, "paysera", "Mine")

        person.press("Test and save")
        await person.until_reading("No connection to 127.0.0.1:")
        kept = person.typed("Client secret")
        person.press("Save without testing")
        await person.until(lambda: not person.dialog)

        assert kept
        assert person.row("Mine").endswith(", no token")


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
