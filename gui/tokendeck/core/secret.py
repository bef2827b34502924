"""Text that must not be seen, and text of which some pieces must not be seen."""

from __future__ import annotations

from typing import NoReturn
from weakref import WeakValueDictionary

MASK = "••••••••"


class Secret:
    """
    Text that prints as `Secret(…)` and refuses pickle, JSON and formatting.

    `reveal()` is the only way out, so that a search for it finds every use.
    """

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        """Hold `text`; it stays in memory as Python text and cannot be wiped."""
        self._text = text
        _LIVE[id(self)] = self

    def reveal(self) -> str:
        """Give the text itself."""
        return self._text

    def fingerprint(self) -> str:
        """
        Give eight hexadecimal digits by which two people can compare without sending the secret.

        The first 32 bits of SHA-256, as `4F·A1·9C·07`. It tells apart tokens, which are random; for a password, which
        can be guessed, it would confirm the guess: it is never shown for those.
        """
        import hashlib  # loads OpenSSL, and no list needs a fingerprint to be painted

        digest = hashlib.sha256(self._text.encode("utf-8", "surrogatepass")).digest()
        return "·".join(f"{byte:02X}" for byte in digest[:4])

    def outline(self) -> str:
        """Give the first six and last four characters around a mask; the mask alone where they are a third or more."""
        shown_characters = 10
        if len(self._text) <= 3 * shown_characters:
            return MASK
        return f"{self._text[:6]} {MASK * 3} {self._text[-4:]}"

    def __bool__(self) -> bool:
        """Tell whether there is any text."""
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        """Compare with another secret; never equal to plain text."""
        if not isinstance(other, Secret):
            return NotImplemented
        return self._text == other._text

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        """Show that there is a secret, and nothing of it."""
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> NoReturn:
        """Refuse: a secret in an f-string is a mistake. `!r` is allowed and shows nothing."""
        raise TypeError("a Secret cannot be formatted; reveal() it where it is meant to be seen")

    def __reduce__(self) -> NoReturn:
        """Refuse pickling and copying by `copy`."""
        raise TypeError("a Secret cannot be pickled")


# By identity: of two that are equal, one may go before the other.
_LIVE: WeakValueDictionary[int, Secret] = WeakValueDictionary()


def live_secrets() -> tuple[Secret, ...]:
    """Give every secret that somebody still holds, so that it can be kept out of a log. May be called on any thread."""
    found = (reference() for reference in _LIVE.valuerefs())
    return tuple(secret for secret in found if secret is not None)


class Text:
    """Text of which some pieces are secret: what a filled template is before it is sent or shown."""

    __slots__ = ("pieces",)

    def __init__(self, *pieces: str | Secret) -> None:
        """Join `pieces` in this order."""
        self.pieces = pieces

    def reveal(self) -> str:
        """Give the whole text, secrets included: only for the wire."""
        return "".join(piece.reveal() if isinstance(piece, Secret) else piece for piece in self.pieces)

    def masked(self) -> str:
        """Give the text for people, every secret piece as a mask of fixed length."""
        return "".join((MASK if piece else "") if isinstance(piece, Secret) else piece for piece in self.pieces)

    @property
    def is_secret(self) -> bool:
        """Whether any piece is secret."""
        return any(isinstance(piece, Secret) for piece in self.pieces)

    def __bool__(self) -> bool:
        """Tell whether there is any text."""
        return any(self.pieces)

    def __eq__(self, other: object) -> bool:
        """Compare piece by piece."""
        return isinstance(other, Text) and self.pieces == other.pieces

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.pieces)

    def __repr__(self) -> str:
        """Show the masked text."""
        return f"Text({self.masked()!r})"
