"""
The last line before text leaves for a log, a terminal or a person who helps.

No part of the program puts a secret into a message. What others put into theirs, an exception of a library for example,
is caught here: every secret that is alive, and whatever stands where secrets stand.
"""

from __future__ import annotations

import re

from tokendeck.core.masking import SECRET_KEY, mask_text
from tokendeck.core.secret import MASK, live_secrets

SHORTEST_KNOWN = 8
"""Characters of a secret that is masked wherever it stands; fewer are words, and would garble any text."""

SCHEME = re.compile(r"\b(Bearer|Basic|DPoP)(\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
HEADER = re.compile(r"""\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(["']?[ \t]*:)[^\r\n]+""", re.IGNORECASE)
PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END|\Z)", re.DOTALL)
JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?")
# The key begins where a word begins and is short: tried at every character of a long token it would take minutes.
KEY = rf"(?<![\w.-])(?:[\w.-]{{0,48}}?(?:{SECRET_KEY.pattern}|passphrase|assertion|verifier)[\w.-]{{0,48}}|code|state)"
QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
PAIR = re.compile(rf"""({KEY})(?:(["']?\s*:\s*)(?:{QUOTED})|(=)(?:{QUOTED}|[^\s&"',;()]+))""", re.IGNORECASE)


def redact(text: str) -> str:
    """Mask the secrets that are alive now, and what a header, a form, JSON or a call would call a secret."""
    known = [secret for secret in live_secrets() if len(secret.reveal()) >= SHORTEST_KNOWN]
    text = mask_text(text, known)
    text = PRIVATE_KEY.sub(rf"\1{MASK}", text)
    text = HEADER.sub(rf"\1\2 {MASK}", text)
    text = SCHEME.sub(rf"\1\2{MASK}", text)
    text = PAIR.sub(rf"\1\2\3{MASK}", text)
    return JWT.sub(MASK, text)
