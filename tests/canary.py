"""Secrets planted by a test, and the forms in which one of them could leak."""

import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

# Below this, a secret would turn up in unrelated text by chance.
LEAST_LENGTH = 8


class Canary:
    """
    The secrets that must not appear in what this test writes to stdout, stderr or the log.

    Those three are searched when the test ends. Files, answers and the like are the test's own to search:
    `assert canary.found_in(path.read_bytes()) == []`.
    """

    def __init__(self) -> None:
        self._forms: dict[bytes, str] = {}

    def plant(self, label: str) -> str:
        """Make a secret that URLs, JSON and base64 each write differently; not fit for a header."""
        return self.watch(f"{secrets.token_hex(8)} s%3cret:/+&=\"'\\é", label)

    def plant_token(self, label: str) -> str:
        """Make a secret that fits into a header as it is, as access tokens must."""
        return self.watch(secrets.token_urlsafe(24), label)

    def watch(self, secret: str, label: str) -> str:
        """Watch for a secret that something else made; gives it back."""
        assert len(secret) >= LEAST_LENGTH, f"{label} is too short to be told from other text"
        for form, text in _forms(secret):
            self._forms.setdefault(text, f"{label} ({form})")
        return secret

    def found_in(self, data: str | bytes) -> list[str]:
        """Give what leaked into `data`, each as its label and form."""
        searched = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        return sorted({name for text, name in self._forms.items() if text in searched})


def _forms(secret: str) -> list[tuple[str, bytes]]:
    urls = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    escaped |= {repr(secret)[1:-1], repr(secret.encode())[2:-1]}
    return [
        ("raw", secret.encode()),
        *(("URL-encoded", text.encode()) for text in urls),
        *(("escaped", text.encode()) for text in escaped),
        # Basic authentication encodes the secret after other text, and maybe URL-encoded first.
        *(
            ("base64", part)
            for text in (secret, quote(secret, safe=""), quote_plus(secret))
            for part in _base64_anywhere(text.encode())
        ),
    ]


def _base64_anywhere(secret: bytes) -> set[bytes]:
    """Give what base64 makes of `secret` in the middle of other bytes: one string for each of three alignments."""
    parts = set()
    for before, spoiled in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(secret)) * 8 // 6  # the characters after these depend on what follows
        for encode in (b64encode, urlsafe_b64encode):
            parts.add(encode(bytes(before) + secret)[spoiled:whole])
    return parts
