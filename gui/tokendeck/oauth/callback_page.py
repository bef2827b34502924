"""The page that a browser ends on after signing in: plain, self-contained, and kept by nobody."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:20vh auto;padding:0 24px;"
    "color:#1b1f24;background:#f6f7f9}h1{font-size:22px;margin:0 0 8px}p{margin:0}"
    "@media(prefers-color-scheme:dark){body{color:#e8ebef;background:#15181d}}"
)
STYLE_DIGEST = b64encode(sha256(STYLE.encode("ascii")).digest()).decode("ascii")

ONLY_ITS_OWN_STYLE = f"default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'"
NOWHERE_ELSE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", f"{ONLY_ITS_OWN_STYLE}; {NOWHERE_ELSE}"),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
)
"""The address of the page holds the code: nothing may keep it, and nothing else may be loaded from it."""


def page_body(heading: str, text: str) -> bytes:
    """Give the page; both are plain text and are escaped here."""
    from html import escape  # has a table of all entities, and most sessions never sign in

    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<title>{escape(heading)} - Tokendeck</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(heading)}</h1><p>{escape(text)}</p></body></html>"
    ).encode()
