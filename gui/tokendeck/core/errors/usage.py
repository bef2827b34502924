"""Something typed or written cannot be carried out: exit codes 2 and 5."""

from __future__ import annotations

from tokendeck.core.errors.root import TokendeckError


class UsageError(TokendeckError):
    """What was typed or written cannot be carried out."""

    exit_code = 2


class DescriptorError(UsageError):
    """A provider file is wrong; it costs only itself."""

    def __init__(self, file: str, key: str, expected: str) -> None:
        """
        Say where and what.

        Args:
            file: the file's path or name.
            key: dotted key inside it; empty when the file as a whole is meant.
            expected: what should stand there, as a phrase.

        """
        super().__init__(file, key, expected)
        self.file = file
        self.key = key
        self.expected = expected


class FileTaken(UsageError):
    """Where a provider file was going to be written, another has appeared."""

    def __init__(self, file: str) -> None:
        """Hold the `file`'s path."""
        super().__init__(file)
        self.file = file


class UnknownProvider(UsageError):
    """No descriptor has this id."""

    def __init__(self, provider: str, known: tuple[str, ...]) -> None:
        """Hold the id asked for and the ids there are."""
        super().__init__(provider)
        self.provider = provider
        self.known = known


class FieldError(UsageError):
    """A field of the connection is missing, unknown, malformed, or a secret where none may stand."""

    def __init__(self, key: str, expected: str) -> None:
        """Hold the field's `key` and what was `expected`, as a phrase."""
        super().__init__(key, expected)
        self.key = key
        self.expected = expected


class BadUrl(UsageError):
    """A URL that Tokendeck does not send requests to."""

    def __init__(self, url: str, expected: str) -> None:
        """Hold the URL as typed and what was expected, as a phrase."""
        super().__init__(url, expected)
        self.url = url
        self.expected = expected


class UnknownCall(UsageError):
    """The provider's descriptor has no test call of this id."""

    def __init__(self, call: str, known: tuple[str, ...]) -> None:
        """Hold the id asked for and the ids there are."""
        super().__init__(call)
        self.call = call
        self.known = known


class NameTaken(UsageError):
    """Another connection has this name; names are compared without regard to case."""

    def __init__(self, name: str) -> None:
        """Hold the `name` as typed."""
        super().__init__(name)
        self.name = name


class NotThisSignIn(UsageError):
    """What came back from the browser belongs to no attempt that is under way; the wait goes on."""

    def __init__(self, flaw: str) -> None:
        """Hold what is wrong with it: `address`, `no_state`, `other_state`, `doubled`, `unreadable` or `no_code`."""
        super().__init__(flaw)
        self.flaw = flaw


class NothingToSignIn(UsageError):
    """The connection's grant needs no person to sign in."""


class NotOffered(UsageError):
    """The connection's provider names no endpoint for this."""

    def __init__(self, what: str) -> None:
        """Hold what was wanted: `revoke` or `introspect`."""
        super().__init__(what)
        self.what = what


class PortInUse(UsageError):
    """Another program listens on this port."""

    def __init__(self, port: int) -> None:
        """Hold the `port`."""
        super().__init__(port)
        self.port = port


class CertificateFileError(UsageError):
    """A file of authorities to be trusted is of no use; it costs only itself."""

    def __init__(self, file: str, expected: str) -> None:
        """Hold the file's path and what was `expected` there, as a phrase."""
        super().__init__(file, expected)
        self.file = file
        self.expected = expected


class NoSuchConnection(TokendeckError):
    """No connection has this name or id."""

    exit_code = 5

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        """Hold the name asked for and names like it."""
        super().__init__(name)
        self.name = name
        self.near = near
