"""The pages on which a person is asked for consent, and on which a wrong request ends. Nothing in them runs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tokendeck.sandbox.message import NO_STORE, Headers, Reply

if TYPE_CHECKING:
    from tokendeck.sandbox.dialects.reading import Refusal

TICKET = "ticket"
DECISION = "decision"
ALLOW = "allow"
DENY = "deny"

HEADERS: Headers = (
    ("Content-Type", "text/html; charset=utf-8"),
    *NO_STORE,
    # Not `form-action`: browsers apply it to the redirect that follows the form, which leads elsewhere.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    ("Referrer-Policy", "no-referrer"),
)


def consent_page(client_id: str, redirect_uri: str, *, path: str, ticket: str) -> Reply:
    """
    Ask whether an application may act for the person.

    The form goes to `path`, with `TICKET` and, by the button that was pressed, `DECISION`.
    """
    body = f"""<p>The application <b>{escape(client_id)}</b> asks for access to your company.</p>
<p>You will be sent on to {escape(redirect_uri)}</p>
<form method="post" action="{escape(path)}">
<input type="hidden" name="{TICKET}" value="{escape(ticket)}">
<button name="{DECISION}" value="{ALLOW}">Allow</button>
<button name="{DECISION}" value="{DENY}">Deny</button>
</form>"""
    return _page(200, "Allow access?", body)


def refusal_page(refusal: Refusal) -> Reply:
    """Tell the person what is wrong: the application that asked is not to be trusted with it."""
    body = f"<p>{escape(refusal.error)}: {escape(refusal.description)}</p>"
    return _page(refusal.status, "This cannot be asked for", body, refusal.headers)


def _page(status: int, title: str, body: str, headers: Headers = ()) -> Reply:
    page = f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{escape(title)}</title></head>
<body>
<h1>{escape(title)}</h1>
{body}
</body>
</html>
"""
    return Reply(status, (*HEADERS, *headers), page.encode())
