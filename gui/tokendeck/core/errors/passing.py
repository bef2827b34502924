"""Nothing is lost, and time mends it: exit code 3."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.errors.root import ProviderSaid, TokendeckError

if TYPE_CHECKING:
    from datetime import timedelta


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


class TlsFault(Enum):
    """Why no secure connection came about, where that is known."""

    EXPIRED = "certificate_expired"
    NOT_YET_VALID = "certificate_not_yet_valid"
    OTHER_HOST = "certificate_of_other_host"
    UNTRUSTED = "certificate_untrusted"
    """Self-signed, or signed by nobody whom this machine or its user trusts."""

    WEAK = "certificate_weak"
    """Its key or its signature is too short to be trusted."""

    OLD_TLS = "old_tls"
    """The other side speaks nothing newer than TLS 1.1."""

    NO_TLS = "no_tls"
    """The other side speaks something else."""

    OWN_REFUSED = "own_certificate_refused"
    """The other side wants a certificate of the client's own, and got none or none that it accepts."""


class Unreachable(PassingTrouble):
    """The request got no answer."""

    def __init__(
        self,
        host: str,
        step: NetworkStep,
        *,
        timed_out: bool = False,
        fault: TlsFault | None = None,
        detail: str = "",
    ) -> None:
        """
        Say how far it got.

        Args:
            host: where it was going.
            step: the step that failed.
            timed_out: whether waiting too long was the reason.
            fault: what was wrong at the step TLS; None where that is not known, and at every other step.
            detail: the system's or the certificate's own words, without URL; may be empty.

        """
        super().__init__(host, step.value)
        self.host = host
        self.step = step
        self.timed_out = timed_out
        self.fault = fault
        self.detail = detail


class ProviderBusy(ProviderSaid, PassingTrouble):
    """429, 5xx or an error code that says to come back later."""

    def __init__(
        self, *, status: int | None = None, code: str = "", words: str = "", retry_after: timedelta | None = None
    ) -> None:
        """Hold what the provider said, and for how long it asked to be left alone."""
        super().__init__(status=status, code=code, words=words)
        self.retry_after = retry_after


class UnreadableAnswer(ProviderSaid, PassingTrouble):
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
