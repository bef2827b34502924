"""Statuses, expiry and scopes in words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from tokendeck.core.errors import OriginNotConfirmed, SignInNeeded, VaultDamaged
from tokendeck.core.expiry import At, ExpirySource, Never, NotStated
from tokendeck.core.origin import host_of
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.renewal import effective_lead, renewal_of
from tokendeck.core.status import (
    Due,
    Expired,
    Live,
    Locked,
    NeedsAttention,
    NoToken,
    OnDemand,
    Paused,
    Renewing,
    SignIn,
    Status,
    Waiting,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokendeck.core.connection import ConnectionRecord, Trouble
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant, Provider, Renewal
    from tokendeck.core.token import TokenFacts
    from tokendeck.core.wording.errors import Errors
    from tokendeck.core.wording.spans import Spans

Lines = tuple[str, str]
"""What matters, and the quiet words beside it; the second may be empty."""


class States:
    """Words for what a connection is and has."""

    def __init__(self, translate: Callable[[str, str], str], spans: Spans, errors: Callable[[], Errors]) -> None:
        """Take the translation, the words for spans, and those for errors, which only some states need."""
        self.translate = translate
        self._spans = spans
        self._errors = errors

    def word(self, status: Status, now: Moment | None) -> str:
        """Give the one word; waiting brings its countdown where `now` is given."""
        match status:
            case NoToken():
                return self.translate("Wording", "No token")
            case Live():
                return self.translate("Wording", "Live")
            case Due():
                return self.translate("Wording", "Due")
            case Renewing():
                return self.translate("Wording", "Renewing")
            case Waiting(why):
                if now is None:
                    return self.translate("Wording", "Waiting")
                return self.translate("Wording", "Waiting {countdown}").format(countdown=self._until_next_try(why, now))
            case Expired():
                return self.translate("Wording", "Expired")
            case OnDemand():
                return self.translate("Wording", "On demand")
            case SignIn():
                return self.translate("Wording", "Sign in")
            case NeedsAttention():
                return self.translate("Wording", "Needs attention")
            case Paused():
                return self.translate("Wording", "Paused")
            case Locked():
                return self.translate("Wording", "Locked")
            case _:
                assert_never(status)

    def sentence(self, record: ConnectionRecord, status: Status, provider: Provider, grant: Grant, now: Moment) -> str:
        """Give what the status means and what to do."""
        said = self._meaning(record, status, provider, grant, now)
        if record.cut_off_at is None or isinstance(status, Renewing | Locked):
            return said
        when = self._spans.when(record.cut_off_at, now)
        cut_off = self.translate(
            "Wording",
            "The answer to a request for a token, sent {when}, was never saved: it was cut off, or the disk was full.",
        )
        if record.can_refresh:
            cut_off = self.translate(
                "Wording",
                "The answer to a refresh, begun {when}, was never saved: it was cut off, or the disk was full. It is "
                "tried once more; if the provider refuses it, sign in again.",
            )
        return f"{said} {cut_off.format(when=when)}"

    def expiry(self, record: ConnectionRecord, status: Status, grant: Grant, now: Moment) -> Lines:
        """Give the two short lines of the list: how long, and what follows."""
        token = record.token
        if token is None:
            return self._nothing_issued(record, status, grant, now)
        match token.expiry:
            case At():
                left = token.remaining(now) or timedelta(0)
                if left <= timedelta(0):
                    return self.translate("Wording", "expired"), self._spans.ago(-left)
                return self._spans.countdown(left), self._what_follows(
                    token, status, renewal_of(record, grant), now, left
                )
            case Never():
                return self.translate("Wording", "never expires"), self._issued(token, now)
            case NotStated():
                return self.translate("Wording", "not stated"), self._proven(record, token, now)
            case _:
                assert_never(token.expiry)

    def expiry_source(self, record: ConnectionRecord, provider: Provider, now: Moment) -> Lines:
        """Give when the token ends, and who says so."""
        token = record.token
        if token is None:
            return self.translate("Wording", "no token"), ""
        match token.expiry:
            case At(when, source):
                return self._spans.when(when, now), self._said_by(source, token, provider)
            case Never():
                text = self.translate("Wording", "as {provider} says on its page")
                return self.translate("Wording", "never"), text.format(provider=provider.name)
            case NotStated():
                text = self.translate("Wording", "{provider} does not say how long its tokens last")
                return self.translate("Wording", "not stated"), text.format(provider=provider.name)
            case _:
                assert_never(token.expiry)

    def scopes(self, record: ConnectionRecord, requested: Sequence[str]) -> Lines:
        """Give the granted scopes, and how they compare with those asked for."""
        granted = record.token.scope if record.token else None
        asked = ", ".join(requested)
        if granted is None and not requested:
            return self.translate("Wording", "none named"), self.translate("Wording", "none were asked for")
        if granted is None:
            return asked, self.translate("Wording", "asked for; no answer names what was granted")
        main = ", ".join(granted) or self.translate("Wording", "none")
        if not requested:
            return main, self.translate("Wording", "none were asked for")
        if set(granted) == set(requested):
            return main, self.translate("Wording", "as asked for")
        return main, self.translate("Wording", "asked for {scopes}").format(scopes=asked)

    def good_for(self, facts: TokenFacts, now: Moment) -> str:
        """Give what a toast says of a token just copied."""
        match facts.expiry:
            case At():
                left = facts.remaining(now) or timedelta(0)
                if left <= timedelta(0):
                    return self.translate("Wording", "already ended")
                return self.translate("Wording", "good for {span}").format(span=self._spans.short(left))
            case Never():
                return self.translate("Wording", "never expires")
            case NotStated():
                return self.translate("Wording", "lifetime not stated")
            case _:
                assert_never(facts.expiry)

    def spoken(self, record: ConnectionRecord, status: Status, provider: Provider, grant: Grant, now: Moment) -> str:
        """Give a row as a screen reader says it; times are in words and change with the minute, not with the second."""
        environment = provider.environment(record.connection.environment)
        place = f"{provider.name} {environment.name if environment else record.connection.environment}".rstrip()
        parts = [record.connection.name, place, self._spoken_expiry(record, status, grant, now)]
        if not isinstance(status, Expired | NoToken):
            parts.insert(2, self.word(status, None).lower())
        return ", ".join(parts)

    def _spoken_expiry(self, record: ConnectionRecord, status: Status, grant: Grant, now: Moment) -> str:
        token = record.token
        if token is None or isinstance(token.expiry, Never):
            return self.expiry(record, status, grant, now)[0]
        left = token.remaining(now)
        if left is None:
            return self.translate("Wording", "lifetime not stated")
        if left > timedelta(0):
            return self.translate("Wording", "expires in {span}").format(span=self._spans.duration(left))
        return self.translate("Wording", "expired {span} ago").format(span=self._spans.duration(-left))

    def _meaning(self, record: ConnectionRecord, status: Status, provider: Provider, grant: Grant, now: Moment) -> str:
        match status:
            case NoToken():
                text = self.translate("Wording", "No token yet. Copy, test or refresh to ask {provider} for one.")
                if record.serial:
                    text = self.translate("Wording", "No token. Copy, test or refresh to ask {provider} for a new one.")
                return text.format(provider=provider.name)
            case Live() | Due():
                return self._alive(record, status, provider, grant, now)
            case Renewing():
                text = self.translate(
                    "Wording", "Renewing. {provider} is being asked; the old token works until it expires."
                )
                if record.token is None:
                    text = self.translate("Wording", "Renewing. {provider} is being asked for a token.")
                return text.format(provider=provider.name)
            case Waiting(why):
                return self._waiting(record, why, provider, now)
            case Expired():
                return self._expired(record, grant, now)
            case OnDemand():
                text = self.translate(
                    "Wording", "On demand. Every copy and every test asks {provider} for a token of its own."
                )
                return text.format(provider=provider.name)
            case SignIn(why) | NeedsAttention(why):
                if why is None:
                    return self._errors().sentences(SignInNeeded(), provider)
                return self._stopped(why, provider, now)
            case Paused():
                return self.translate("Wording", "Paused by you. Nothing is asked for until you resume it.")
            case Locked():
                return self.translate("Wording", "Locked. Unlock the vault to copy, test or renew.")
            case _:
                assert_never(status)

    def _stopped(self, why: Trouble, provider: Provider, now: Moment) -> str:
        """Say what keeps a request from being sent; some errors' own sentences say already what to do."""
        from tokendeck.core.trouble import error_from, is_withheld  # where nothing is wrong, it is not needed

        error = error_from(why, provider.name, now.wall)
        said = self._errors().sentences(error, provider)
        if not is_withheld(why) or isinstance(error, OriginNotConfirmed | VaultDamaged):
            return said
        happened = self.translate("Wording", "Nothing was sent, because it cannot be sent like this.")
        return f"{happened} {said} {self.translate('Wording', 'Edit the connection to correct it.')}"

    def _alive(
        self, record: ConnectionRecord, status: Live | Due, provider: Provider, grant: Grant, now: Moment
    ) -> str:
        token = record.token
        assert token is not None, "only a token is live"
        left, whole = token.remaining(now), token.lifetime()
        if left is None or whole is None:
            return self._endless(record, token, provider, grant, now)
        good = self._spans.duration(left)
        if isinstance(status, Due):
            return self.translate("Wording", "Due. Good for {span}; Tokendeck renews it now.").format(span=good)
        if grant.renewal.policy is not RenewalPolicy.AHEAD:
            text = self.translate("Wording", "Live. Good for {span}; it is renewed only when you ask.")
            return text.format(span=good)
        lead = effective_lead(renewal_of(record, grant), whole)
        if not lead:
            return self.translate("Wording", "Live. Good for {span}; Tokendeck renews it then.").format(span=good)
        text = self.translate("Wording", "Live. Good for {span}; Tokendeck renews it {lead} before it expires.")
        return text.format(span=good, lead=self._spans.duration(lead))

    def _endless(
        self, record: ConnectionRecord, token: TokenFacts, provider: Provider, grant: Grant, now: Moment
    ) -> str:
        if isinstance(token.expiry, Never):
            text = self.translate("Wording", "Live. {provider} says that it never expires; {issued}.")
            return text.format(provider=provider.name, issued=self._issued(token, now))
        text = self.translate(
            "Wording", "Live, as far as is known. {provider} does not say how long it lasts; {proven}."
        )
        said = text.format(provider=provider.name, proven=self._proven(record, token, now))
        if grant.renewal.every is None or grant.renewal.policy is not RenewalPolicy.AHEAD:
            return f"{said} {self.translate('Wording', 'A test call shows whether it still works.')}"
        every = self.translate("Wording", "Tokendeck renews it when it is {span} old.")
        return f"{said} {every.format(span=self._spans.duration(grant.renewal.every))}"

    def _waiting(self, record: ConnectionRecord, why: Trouble, provider: Provider, now: Moment) -> str:
        from tokendeck.core.trouble import error_from, next_try_in  # where nothing is wrong, it is not needed

        origins = record.connection.confirmed_origins
        said = self._errors().explain(
            error_from(why, host_of(origins[0]) if origins else provider.name, now.wall), provider
        )
        pause = next_try_in(why, now.wall)
        text = self.translate("Wording", "Tokendeck tries again in {span}; {token}.")
        if pause is None or pause < timedelta(seconds=1):
            text = self.translate("Wording", "Tokendeck tries again now; {token}.")
        left = record.token.remaining(now) if record.token else None
        if record.token is None:
            token = self.translate("Wording", "there is no token to use until then")
        elif left is None:
            token = self.translate("Wording", "the token in hand is kept")
        elif left > timedelta(0):
            good = self.translate("Wording", "the token in hand is good for {span}")
            token = good.format(span=self._spans.duration(left))
        else:
            token = self.translate("Wording", "the token in hand has expired")
        again = text.format(span=self._spans.duration(pause or timedelta(0)), token=token)
        return " ".join(filter(None, (said.happened, again, self._errors().quote(said, provider))))

    def _expired(self, record: ConnectionRecord, grant: Grant, now: Moment) -> str:
        assert record.token is not None, "only a token expires"
        dead_for = self._spans.duration(-(record.token.remaining(now) or timedelta(0)))
        if grant.needs_person and not record.token.has_refresh_token:
            text = self.translate("Wording", "Expired {span} ago, and nothing renews it but signing in again.")
        else:
            text = self.translate("Wording", "Expired {span} ago. Refresh to ask for a new token.")
        return text.format(span=dead_for)

    def _nothing_issued(self, record: ConnectionRecord, status: Status, grant: Grant, now: Moment) -> Lines:
        if isinstance(status, Waiting):
            quiet = self.translate("Wording", "retry in {countdown}").format(
                countdown=self._until_next_try(status.why, now)
            )
        elif record.trouble is not None:
            quiet = self._spans.since(record.trouble.at, now)
        elif grant.renewal.policy is RenewalPolicy.ON_USE:
            quiet = self.translate("Wording", "new each time")
        elif record.serial:
            quiet = self.translate("Wording", "the last one is gone")
        else:
            quiet = self.translate("Wording", "never issued")
        if grant.renewal.policy is RenewalPolicy.ON_USE:
            return self.translate("Wording", "per use"), quiet
        return self.translate("Wording", "no token"), quiet

    def _what_follows(self, token: TokenFacts, status: Status, renewal: Renewal, now: Moment, left: timedelta) -> str:
        match status:
            case Due() | Renewing():
                return self.translate("Wording", "renews now")
            case Waiting(why):
                text = self.translate("Wording", "retry in {countdown}")
                return text.format(countdown=self._until_next_try(why, now))
            case Live() if renewal.policy is RenewalPolicy.AHEAD:
                until_due = left - effective_lead(renewal, token.lifetime() or timedelta(0))
                text = self.translate("Wording", "renews in {countdown}")
                return text.format(countdown=self._spans.countdown(until_due))
            case Locked():
                return self.translate("Wording", "renews once unlocked")
            case _:
                return self.translate("Wording", "not renewed")

    def _said_by(self, source: ExpirySource, token: TokenFacts, provider: Provider) -> str:
        whole = token.lifetime() or timedelta(0)
        match source:
            case ExpirySource.EXPIRES_IN:
                text = self.translate("Wording", "as the provider said (expires_in {seconds})")
                return text.format(seconds=f"{whole.total_seconds():.0f}")
            case ExpirySource.JWT:
                return self.translate("Wording", "as the token itself says (exp)")
            case ExpirySource.DECLARED:
                text = self.translate("Wording", "as {provider} says on its page ({span})")
                return text.format(provider=provider.name, span=self._spans.duration(whole))
            case _:
                assert_never(source)

    def _issued(self, token: TokenFacts, now: Moment) -> str:
        return self.translate("Wording", "issued {age}").format(age=self._spans.ago(now.since(token.asked_at)))

    def _proven(self, record: ConnectionRecord, token: TokenFacts, now: Moment) -> str:
        """Give when this very token was proven good; the proof of an earlier one says nothing about it."""
        proven = record.last_good_at
        if proven is None or proven < token.asked_at.wall:
            return self._issued(token, now)
        return self.translate("Wording", "proven {age}").format(age=self._spans.age(proven, now))

    def _until_next_try(self, why: Trouble, now: Moment) -> str:
        from tokendeck.core.trouble import next_try_in  # where nothing is wrong, it is not needed

        return self._spans.countdown(next_try_in(why, now.wall) or timedelta(0))
