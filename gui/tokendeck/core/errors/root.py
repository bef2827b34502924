"""The root of the tree, and what its branches share."""

from __future__ import annotations


class TokendeckError(Exception):
    """Root of the tree; never raised itself."""

    exit_code = 1


class ProviderSaid(TokendeckError):
    """An answer of the provider led here."""

    def __init__(self, *, status: int | None = None, code: str = "", words: str = "") -> None:
        """
        Hold what the provider said.

        Args:
            status: HTTP status; None where there was no answer.
            code: the provider's own error code, for example `invalid_client`; may be empty.
            words: the provider's own description, plain text of at most 300 characters; may be empty.

        """
        super().__init__(status, code)
        self.status = status
        self.code = code
        self.words = words
