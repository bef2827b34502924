"""
Every error that Tokendeck raises on purpose. Each leaf answers: who can mend it, and when?

    TokendeckError
    ├── ActionNeeded               a person, now                             exit code 1
    │   ├── GrantDead                  sign in again
    │   ├── SignInNeeded               sign in for the first time
    │   ├── ConfigurationRefused       correct what the connection sends
    │   ├── UnusableToken              ask the provider: its answer cannot be used
    │   ├── LifetimeTooShort           ask for less
    │   ├── OriginNotConfirmed         confirm where the secret would go
    │   ├── ConfirmationNeeded         confirm a hazardous call
    │   └── Paused                     resume the connection
    ├── UsageError                 whoever typed it, now                     exit code 2
    │   ├── DescriptorError            correct the file at the key
    │   ├── UnknownProvider            name one that exists
    │   ├── FieldError                 correct the field
    │   ├── BadUrl                     correct the URL
    │   ├── UnknownCall                name a test call that exists
    │   ├── NameTaken                  choose another name
    │   └── PortInUse                  choose another port
    ├── PassingTrouble             time                                      exit code 3
    │   ├── Unreachable                the network, or the other side
    │   ├── ProviderBusy               the provider; perhaps it says when
    │   ├── UnreadableAnswer           whatever stands between, or the provider
    │   ├── HeldByAnother              the process that holds the connection's lock
    │   └── BudgetSpent                the next window of the rate budget
    ├── VaultUnavailable           a person at the keyring or the disk       exit code 4
    │   ├── VaultLocked                unlock it
    │   ├── VaultNotSetUp              set up how the vault is protected
    │   ├── KeyringLocked              unlock the keyring
    │   ├── KeyringMute                wait for the keyring, or use a passphrase
    │   ├── KeyringMissing             start a keyring, or use a passphrase
    │   ├── KeyringChanged             bring back the backend that guards this vault
    │   ├── KeyLost                    bring back the key, or start a new vault
    │   ├── WrongPassphrase            type it again
    │   ├── VaultDamaged               restore the row from a backup, or enter the secret again
    │   ├── StoreDamaged               start anew; the damaged file is kept
    │   ├── StoreTooNew                update Tokendeck
    │   └── StoreUnwritable            free the disk, or change the folder's mode
    └── NoSuchConnection           whoever typed it, now                     exit code 5

Foreign exceptions are translated into these at a room's door. Errors carry facts and no secrets; `wording` makes the
sentences.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class TokendeckError(Exception):
    """Root of the tree; never raised itself."""

    exit_code = 1


class ActionNeeded(TokendeckError):
    """A person must act before another try can succeed."""

    exit_code = 1


class _ProviderSaid(TokendeckError):
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


class GrantDead(_ProviderSaid, ActionNeeded):
    """The authorization is gone (`invalid_grant`): RFC 6749, section 5.2."""


class SignInNeeded(ActionNeeded):
    """The grant needs a person to sign in, and nobody has yet."""


class ConfigurationRefused(_ProviderSaid, ActionNeeded):
    """The provider refuses what the connection sends: credentials, scope, URL or request shape."""


class UnusableToken(_ProviderSaid, ActionNeeded):
    """The answer holds a token that cannot be used: unknown type, or characters that no header can carry."""


class LifetimeTooShort(ActionNeeded):
    """More validity was asked for than the provider gives."""

    def __init__(self, asked: timedelta, given: timedelta) -> None:
        """Hold what was `asked` for and what a fresh token was `given`."""
        super().__init__(asked, given)
        self.asked = asked
        self.given = given


class OriginNotConfirmed(ActionNeeded):
    """A request would take a secret to an origin that its user has not confirmed."""

    def __init__(self, origin: str) -> None:
        """Hold the `origin`, as `origin_of` spells it."""
        super().__init__(origin)
        self.origin = origin


class ConfirmationNeeded(ActionNeeded):
    """A hazardous test call needs a yes first."""

    def __init__(self, hazard_id: str, text: str) -> None:
        """Hold the hazard's id and the descriptor's own warning."""
        super().__init__(hazard_id)
        self.hazard_id = hazard_id
        self.text = text


class Paused(ActionNeeded):
    """The user paused this connection."""


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


class PortInUse(UsageError):
    """Another program listens on this port."""

    def __init__(self, port: int) -> None:
        """Hold the `port`."""
        super().__init__(port)
        self.port = port


class PassingTrouble(TokendeckError):
    """Nothing is lost, and another try later may succeed."""

    exit_code = 3

    retry_after: timedelta | None = None
    """How long the other side asked to be left alone; None where it did not say."""


class NetworkStep(Enum):
    """How far a request got before it failed."""

    NAME_LOOKUP = "name_lookup"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    ANSWER = "answer"


class Unreachable(PassingTrouble):
    """The request got no answer."""

    def __init__(self, host: str, step: NetworkStep, *, timed_out: bool = False, detail: str = "") -> None:
        """
        Say how far it got.

        Args:
            host: where it was going.
            step: the step that failed.
            timed_out: whether waiting too long was the reason.
            detail: the system's or the certificate's own words, without URL; may be empty.

        """
        super().__init__(host, step.value)
        self.host = host
        self.step = step
        self.timed_out = timed_out
        self.detail = detail


class ProviderBusy(_ProviderSaid, PassingTrouble):
    """429, 5xx or an error code that says to come back later."""

    def __init__(
        self, *, status: int | None = None, code: str = "", words: str = "", retry_after: timedelta | None = None
    ) -> None:
        """Hold what the provider said, and for how long it asked to be left alone."""
        super().__init__(status=status, code=code, words=words)
        self.retry_after = retry_after


class UnreadableAnswer(_ProviderSaid, PassingTrouble):
    """The answer is not what a token endpoint gives: a web page, a redirect, half a body."""

    def __init__(self, what: str, *, status: int | None = None) -> None:
        """Hold what came instead: `web_page`, `redirect`, `cut_off`, `too_long`, `not_json` or `no_token`."""
        super().__init__(status=status)
        self.what = what


class HeldByAnother(PassingTrouble):
    """Another process holds this connection's lock and does not let go."""


class BudgetSpent(PassingTrouble):
    """The provider's rate budget, or our own floor between requests, leaves none for now."""

    def __init__(self, retry_after: timedelta) -> None:
        """Hold how long until the next request is allowed."""
        super().__init__(retry_after)
        self.retry_after = retry_after


class VaultUnavailable(TokendeckError):
    """Secrets cannot be read or written now. Nothing was deleted or overwritten because of it."""

    exit_code = 4


class VaultLocked(VaultUnavailable):
    """The vault is protected by a passphrase that was not given, or the user locked it."""


class VaultNotSetUp(VaultUnavailable):
    """There is no usable keyring, and nobody has chosen a passphrase yet."""


class _KeyringTrouble(VaultUnavailable):
    """Something about the operating system's keyring."""

    def __init__(self, backend: str = "", detail: str = "") -> None:
        """Hold the backend's name for people, for example `Secret Service`, and its own words without secrets."""
        super().__init__(backend)
        self.backend = backend
        self.detail = detail


class KeyringLocked(_KeyringTrouble):
    """The keyring is there and locked, or its prompt was dismissed."""


class KeyringMute(_KeyringTrouble):
    """The keyring did not answer within the deadline."""


class KeyringMissing(_KeyringTrouble):
    """No real keyring backend works here."""


class KeyringChanged(_KeyringTrouble):
    """The backend that guards this vault is not the one found now."""

    def __init__(self, expected: str, found: str) -> None:
        """Hold both backends' names."""
        super().__init__(found)
        self.expected = expected
        self.found = found


class KeyLost(_KeyringTrouble):
    """The keyring answers but does not hold this vault's key, or holds another one."""


class WrongPassphrase(VaultUnavailable):
    """The passphrase does not open this vault."""


class VaultDamaged(VaultUnavailable):
    """A sealed row does not open with the right key: damaged, swapped or tampered with."""

    def __init__(self, connection_id: str, field: str) -> None:
        """Hold which row it is."""
        super().__init__(connection_id, field)
        self.connection_id = connection_id
        self.field = field


class StoreDamaged(VaultUnavailable):
    """The store's file is no readable database; it was set aside, never overwritten."""

    def __init__(self, kept_as: str, detail: str) -> None:
        """Hold the path it was kept under and the database's own words."""
        super().__init__(kept_as, detail)
        self.kept_as = kept_as
        self.detail = detail


class StoreTooNew(VaultUnavailable):
    """A newer Tokendeck wrote this store; it was left untouched."""

    def __init__(self, found: int, known: int) -> None:
        """Hold the store's version and the newest one known here."""
        super().__init__(found, known)
        self.found = found
        self.known = known


class StoreUnwritable(VaultUnavailable):
    """The store cannot be written: full disk, read-only folder, file mode."""

    def __init__(self, path: str, detail: str) -> None:
        """Hold the path and the system's own words."""
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class NoSuchConnection(TokendeckError):
    """No connection has this name or id."""

    exit_code = 5

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        """Hold the name asked for and names like it."""
        super().__init__(name)
        self.name = name
        self.near = near
