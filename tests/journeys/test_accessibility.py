"""The whole window through its accessibility tree alone, as a screen reader's user goes about it."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("AT-SPI is how Linux speaks to assistive technology", allow_module_level=True)

from tests.journeys.access_tree import demo_on_a_hidden_display, missing_programs
from tests.journeys.shell import sandbox_process
from tests.real_servers.clients import MACHINE
from tests.real_servers.descriptors import TOOLKIT
from tests.real_servers.server import running

REPOSITORY = str(Path(__file__).parents[2])

pytestmark = [
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed here: {', '.join(missing_programs())}"),
    pytest.mark.timeout(120),
]


def test_a_screen_reader_can_add_use_and_delete_a_connection(home: Path) -> None:
    with demo_on_a_hidden_display(home) as window, sandbox_process() as sandbox:
        fields = sandbox["fields"]["pyng"]
        window.find("push button", "Copy a token of Web shop checkout")  # the demo is furnished

        window.press("Add a connection")
        window.press("PYNG Checkout, ", "list item")
        window.press("Continue")
        window.find("text", "Name").write("Blind pilot")
        window.find("text", "Base URL").write(fields["base_url"])
        window.find("text", "API username").write(fields["username"])
        window.find("text", "API password").write(fields["password"])
        window.find("text", "Scope").write(fields["scope"])
        preview = window.find("text", "What will be sent").text
        window.press("Test and save")
        window.find("label", "It works. 200 in ")
        window.press("Close")

        assert preview.startswith(f"POST {fields['base_url']}/checkout/oauth2/token")
        assert fields["password"] not in preview

        window.find("cell", "Blind pilot, PYNG Checkout Production, live, expires in 59 minutes")
        window.press("Copy a token of Blind pilot")
        window.find("label", "Token copied. Good for 59 min.")
        window.press("Refresh Blind pilot")
        window.find("label", "Blind pilot has a new token.")
        window.press("Test Blind pilot")
        window.find("label", "Blind pilot: A token was minted")

        window.press("Old shop, ", "cell")
        window.press("Test Old shop")
        window.find("label", "Old shop: It ended at authentication. 401. Paysera Checkout refused the client secret")
        window.press("Show")
        window.find("label", "LAST TEST")

        window.press("Web shop checkout, ", "cell")
        window.press("Token", "page tab")
        masked = window.find("text", "Access token").text
        window.press("Show the token")
        shown = window.find("text", "Access token").text
        window.press("Hide the token")
        assert shown.startswith("eyJ")
        assert masked == window.find("text", "Access token").text == f"{shown[:6]} {'•' * 24} {shown[-4:]}"

        window.find("text", "Search connections").write("blind")
        window.press("Blind pilot, ", "cell")
        window.press("Connection", "menu item")
        window.press("Delete", "menu item")
        window.find("label", "Blind pilot was deleted.")
        window.press("Undo")
        window.find("cell", "Blind pilot, ")

        window.press("Token", "menu item")
        window.press("Lock", "menu item")
        window.find("label", "The vault is locked")
        window.press("Unlock")
        window.find("label", "Vault: in memory")


def stand_in_browser(folder: Path) -> str:
    """Write a program that is the desktop's browser where it is named, and where Qt looks for one by itself."""
    program = folder / "xdg-open"
    command = (sys.executable, "-m", "tests.journeys.browser")
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec {shlex.join(command)} "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    return str(program)


@pytest.mark.promise(21)
def test_one_press_signs_in_through_the_browser_that_the_desktop_has(home: Path) -> None:
    path = f"{home}:{os.environ['PATH']}"
    with demo_on_a_hidden_display(home, BROWSER=stand_in_browser(home), PATH=path) as window:
        window.find("push button", "Copy a token of Web shop checkout")  # the demo is furnished

        window.press("Debtor portal, ", "cell")
        window.press("Sign in to Debtor portal")
        window.find("label", "Signed in to Debtor portal. The token is good for ")
        window.find("cell", "Debtor portal, Payt Sandbox, live, expires in ")


def test_a_screen_reader_can_describe_a_provider_by_its_issuer(home: Path) -> None:
    with demo_on_a_hidden_display(home) as window, running(TOOLKIT) as server:
        window.find("push button", "Copy a token of Web shop checkout")  # the demo is furnished

        window.press("Add a connection")
        window.press("New from issuer")
        window.find("text", "Issuer").write("http://login.example.com")
        window.press("Find")
        window.find("label", "“http://login.example.com” is no address that Tokendeck sends to")
        window.find("text", "Issuer").write(f"{server.base_url}{TOOLKIT.issuer}")
        window.press("Find")
        window.find("label", "This is what it offers. Nothing is saved yet.")
        read = window.read_out()
        window.find("text", "Name of the provider").write("Toolkit")
        window.press("Continue")
        window.find("text", "Client ID").write(MACHINE.id)
        window.find("text", "Client secret").write(MACHINE.secret)
        window.press("Test and save")
        window.find("label", "It works. 200 in ")
        window.press("Close")
        window.find("cell", "Toolkit, Toolkit Production, live, expires in ")

    for said in ("…/token/", "client credentials: the client by itself", "a secret in a header", "PKCE, S256"):
        assert any(said in one for one in read), read
