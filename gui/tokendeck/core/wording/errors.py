"""Errors in words: what happened, what to do, and what the other side said."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from tokendeck.core.answers import plain_words
from tokendeck.core.errors import (
    ActionNeeded,
    BadUrl,
    BudgetSpent,
    CertificateFileError,
    ConfigurationRefused,
    ConfirmationNeeded,
    DescriptorError,
    FieldError,
    FileTaken,
    GrantDead,
    HeldByAnother,
    IssuerMismatch,
    LifetimeTooShort,
    NameTaken,
    NoSuchConnection,
    NothingToSignIn,
    NotOffered,
    NotThisSignIn,
    OriginNotConfirmed,
    PassingTrouble,
    Paused,
    PortInUse,
    ProviderBusy,
    SignInEnded,
    SignInNeeded,
    SignInRefused,
    UnfitIssuer,
    UnknownCall,
    UnknownProvider,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
    UsageError,
    VaultUnavailable,
)
from tokendeck.core.origin import host_of
from tokendeck.core.wording.explanation import Explanation, Voice, system_says
from tokendeck.core.wording.issuers import unfit_issuer
from tokendeck.core.wording.sign_in import SignInWords
from tokendeck.core.wording.unreachable import unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.provider import Provider
    from tokendeck.core.wording.spans import Spans
    from tokendeck.core.wording.vaults import Vaults

CODE = re.compile(r"[A-Za-z0-9_.:/-]{1,48}")
"""What a provider may put for a code so that it can stand in parentheses; anything longer is quoted as words."""

TOO_MANY_REQUESTS = 429


class Errors:
    """Words for everything in `core.errors`, and honest ones for everything else."""

    def __init__(self, translate: Callable[[str, str], str], spans: Spans, vaults: Vaults) -> None:
        """Take the translation, and the words for spans and for the vault."""
        self.translate = translate
        self._spans = spans
        self._vaults = vaults
        self.sign_in = SignInWords(translate)

    def sentences(self, error: BaseException, provider: Provider | None) -> str:
        """Give one paragraph: what happened, what to do, then the other side's own words, quoted."""
        said = self.explain(error, provider)
        return " ".join(filter(None, (said.happened, said.advice, self.quote(said, provider))))

    def quote(self, said: Explanation, provider: Provider | None) -> str:
        """Give the other side's own words as a sentence; empty where it said none."""
        match said.voice:
            case Voice.SYSTEM:
                return system_says(self.translate, said.quoted)
            case Voice.PROVIDER:
                words = plain_words(said.quoted).rstrip(".")
                text = self.translate("Wording", "{provider} says: “{words}”.")
                return text.format(provider=self.subject(provider), words=words) if words else ""
            case _:
                assert_never(said.voice)

    def subject(self, provider: Provider | None) -> str:
        """Give the provider's name as a sentence begins with it."""
        return provider.name if provider else self.translate("Wording", "The provider")

    def explain(self, error: BaseException, provider: Provider | None) -> Explanation:
        """Give what happened and what to do."""
        match error:
            case ActionNeeded():
                return self._action_needed(error, provider)
            case UsageError():
                return self._usage(error, provider)
            case PassingTrouble():
                return self._passing(error, provider)
            case VaultUnavailable():
                title, body = self._vaults.shut(error, provider)
                return Explanation(f"{title}. {body}")
            case NoSuchConnection():
                return self._no_such_connection(error)
            case _:
                return Explanation(
                    self.translate("Wording", "Something happened that Tokendeck did not foresee."),
                    self.translate(
                        "Wording",
                        "What was saved stays saved. Try again; if it comes back, please report it with what "
                        "`tokendeck doctor` says.",
                    ),
                )

    def _action_needed(self, error: ActionNeeded, provider: Provider | None) -> Explanation:
        subject = self.subject(provider)
        match error:
            case ConfigurationRefused():
                return self._refused(error, provider)
            case GrantDead():
                happened = self.translate("Wording", "{provider} no longer accepts this sign-in{mark}.")
                advice = self.translate("Wording", "Sign in again.")
                return Explanation(
                    happened.format(provider=subject, mark=mark(error.code, error.status)), advice, error.words
                )
            case SignInRefused():
                return self.sign_in.explain(error, subject, mark(error.code, error.status))
            case IssuerMismatch():
                return self.sign_in.explain(error, subject, mark(error.code, None))
            case SignInEnded():
                return self.sign_in.explain(error, subject, "")
            case UnfitIssuer():
                return unfit_issuer(self.translate, error)
            case UnusableToken():
                return self._unusable(error, subject)
            case SignInNeeded():
                happened = self.translate("Wording", "Nobody has signed in to this connection yet.")
                return Explanation(happened, self.translate("Wording", "Sign in to get its first token."))
            case LifetimeTooShort() if error.given <= timedelta(0):
                happened = self.translate("Wording", "{provider} gave a token that had ended when it came.")
                return Explanation(
                    happened.format(provider=subject), self.translate("Wording", "Ask the provider why it does so.")
                )
            case LifetimeTooShort():
                happened = self.translate(
                    "Wording", "{provider} gives tokens good for {given}; you asked for {asked}."
                ).format(
                    provider=subject, given=self._spans.duration(error.given), asked=self._spans.duration(error.asked)
                )
                return Explanation(happened, self.translate("Wording", "Ask for less."))
            case OriginNotConfirmed():
                happened = self.translate(
                    "Wording", "This would take a secret to {origin}, which you have not confirmed. Nothing was sent."
                )
                advice = self.translate("Wording", "If it belongs there, edit the connection and save it to confirm.")
                return Explanation(happened.format(origin=host_of(error.origin)), advice)
            case ConfirmationNeeded():
                happened = error.text or self.translate("Wording", "This call may change something in production.")
                return Explanation(happened, self.translate("Wording", "Nothing was sent; confirm to go on."))
            case Paused():
                happened = self.translate("Wording", "This connection is paused.")
                return Explanation(happened, self.translate("Wording", "Resume it, then try again."))
            case _:
                return Explanation(self.translate("Wording", "A person must act before this can go on."))

    def _refused(self, error: ConfigurationRefused, provider: Provider | None) -> Explanation:
        match error.code, error.status:
            case "invalid_scope", _:
                happened = self.translate("Wording", "{provider} refused the scope{mark}.")
                advice = self.translate("Wording", "Correct it in the settings of this connection.")
            case "unauthorized_client" | "unsupported_grant_type", _:
                happened = self.translate("Wording", "{provider} does not give this client tokens in this way{mark}.")
                advice = self.translate("Wording", "Choose another grant, or have this one enabled in the dashboard.")
            case "invalid_grant", _:
                happened = self.translate("Wording", "{provider} refused what it was given for a token{mark}.")
                advice = self.translate("Wording", "Check the credentials and the settings, then save them again.")
            case ("invalid_client" | "invalid_credentials", _) | (_, 401):
                happened, advice = self._refused_credentials(provider)
            case _, 403:
                happened = self.translate("Wording", "{provider} does not allow this{mark}.")
                advice = self.translate(
                    "Wording", "Check in the dashboard that the application is active and this address is allowed."
                )
            case _, 404 | 405:
                happened = self.translate("Wording", "{provider} gives no tokens at this address{mark}.")
                advice = self.translate("Wording", "Check the base URL in the settings of this connection.")
            case _:
                happened = self.translate("Wording", "{provider} refused the request{mark}.")
                advice = self.translate("Wording", "Compare the settings of this connection with the dashboard.")
        filled = happened.format(provider=self.subject(provider), mark=mark(error.code, error.status))
        return Explanation(filled, advice, error.words or ("" if CODE.fullmatch(error.code) else error.code))

    def _refused_credentials(self, provider: Provider | None) -> tuple[str, str]:
        """Name the secret as its field is labelled, where the provider has just one."""
        labels = [field.label for field in provider.fields if field.secret] if provider else []
        if len(labels) != 1:
            return (
                self.translate("Wording", "{provider} refused the credentials{mark}."),
                self.translate("Wording", "Check them in the dashboard, then paste them again."),
            )
        label = labels[0] if labels[0][1:2].isupper() else labels[0][:1].lower() + labels[0][1:]
        happened = self.translate("Wording", "{provider} refused the {secret}{mark}.")
        return (
            happened.replace("{secret}", label.replace("{", "{{").replace("}", "}}")),
            self.translate("Wording", "Check it in the dashboard, then paste it again."),
        )

    def _unusable(self, error: UnusableToken, subject: str) -> Explanation:
        advice = self.translate("Wording", "Ask the provider: this is nothing that a setting mends.")
        happened = self.translate("Wording", "{provider} gave a token with characters that no request can carry.")
        if error.code == "token_type":
            happened = self.translate("Wording", "{provider} gave a token of a type that Tokendeck cannot use.")
        return Explanation(happened.format(provider=subject), advice, error.words)

    def _usage(self, error: UsageError, provider: Provider | None) -> Explanation:
        match error:
            case DescriptorError():
                return self._descriptor(error)
            case FileTaken():
                happened = self.translate("Wording", "Another file called {name} has appeared meanwhile.")
                name = error.file.replace("\\", "/").rpartition("/")[2]
                return Explanation(
                    happened.format(name=name), self.translate("Wording", "Go back and press Find again.")
                )
            case CertificateFileError():
                text = self.translate("Wording", "{file} cannot be used: expected {expected}.")
                return Explanation(
                    text.format(file=error.file, expected=error.expected),
                    self.translate("Wording", "Nobody is trusted because of it; correct it, or take it away."),
                )
            case UnknownProvider():
                return self._unknown(
                    self.translate("Wording", "There is no provider “{name}”."), error.provider, error.known
                )
            case UnknownCall():
                text = self.translate("Wording", "This provider has no test call “{name}”.")
                return self._unknown(text, error.call, error.known)
            case FieldError():
                labels = {field.key: field.label for field in provider.fields} if provider else {}
                text = self.translate("Wording", "{field}: expected {expected}.")
                name = labels.get(error.key, error.key)
                return Explanation(text.format(field=name, expected=error.expected.rstrip(".")))
            case BadUrl():
                text = self.translate("Wording", "“{url}” is no address that Tokendeck sends to: expected {expected}.")
                return Explanation(text.format(url=plain_words(error.url), expected=error.expected))
            case NameTaken():
                text = self.translate("Wording", "There is a connection called “{name}” already.")
                return Explanation(text.format(name=error.name), self.translate("Wording", "Choose another name."))
            case NotThisSignIn() | NothingToSignIn() | NotOffered():
                return self.sign_in.explain(error, self.subject(provider), "")
            case PortInUse():
                text = self.translate("Wording", "Another program listens on port {port}.")
                advice = self.translate("Wording", "Choose another port, or 0 for any that is free.")
                return Explanation(text.format(port=error.port), advice)
            case _:
                return Explanation(self.translate("Wording", "What was typed cannot be carried out."))

    def _descriptor(self, error: DescriptorError) -> Explanation:
        expected = plain_words(error.expected).rstrip(".")
        if error.key:
            text = self.translate("Wording", "{file} cannot be used: at {key}, expected {expected}.")
        else:
            text = self.translate("Wording", "{file} cannot be used: expected {expected}.")
        return Explanation(text.format(file=error.file, key=error.key, expected=expected))

    def _unknown(self, text: str, name: str, known: tuple[str, ...]) -> Explanation:
        advice = self.translate("Wording", "Known: {names}.").format(names=", ".join(known)) if known else ""
        return Explanation(text.format(name=plain_words(name)), advice)

    def _no_such_connection(self, error: NoSuchConnection) -> Explanation:
        text = self.translate("Wording", "There is no connection called “{name}”.")
        near = ", ".join(f"“{name}”" for name in error.near)
        advice = self.translate("Wording", "Names like it: {names}.").format(names=near) if near else ""
        return Explanation(text.format(name=plain_words(error.name)), advice)

    def _passing(self, error: PassingTrouble, provider: Provider | None) -> Explanation:
        match error:
            case Unreachable():
                return unreachable(self.translate, error)
            case ProviderBusy():
                return self._busy(error, provider)
            case UnreadableAnswer():
                return self._unreadable(error, provider)
            case HeldByAnother():
                happened = self.translate(
                    "Wording", "Another Tokendeck is asking for this connection's token just now."
                )
                return Explanation(happened, self._try_again(error))
            case BudgetSpent():
                happened = self.translate("Wording", "{provider} has been asked as often as it allows.")
                return Explanation(happened.format(provider=self.subject(provider)), self._try_again(error))
            case _:
                return Explanation(self.translate("Wording", "This does not work just now."), self._try_again(error))

    def _busy(self, error: ProviderBusy, provider: Provider | None) -> Explanation:
        where = mark(error.code, error.status)
        if error.status == TOO_MANY_REQUESTS:
            happened = self.translate("Wording", "{provider} asks for a pause{mark}.")
        else:
            happened = self.translate("Wording", "{provider} cannot serve just now{mark}.")
        filled = happened.format(provider=self.subject(provider), mark=where)
        return Explanation(filled, self._try_again(error), error.words)

    def _unreadable(self, error: UnreadableAnswer, provider: Provider | None) -> Explanation:
        advice = self.translate(
            "Wording", "Check the base URL, and whether a proxy or a network's own page stands between."
        )
        match error.what:
            case "web_page":
                happened = self.translate("Wording", "{provider} seems to have answered with a web page{mark}.")
            case "redirect":
                happened = self.translate(
                    "Wording", "{provider} pointed to another address{mark}, which was not followed."
                )
            case "cut_off":
                happened = self.translate("Wording", "{provider} broke off halfway through its answer{mark}.")
                advice = self._try_again(error)
            case "too_long":
                happened = self.translate("Wording", "{provider} answered with far more than a token{mark}.")
            case "no_token":
                happened = self.translate("Wording", "{provider} answered without a token{mark}.")
                advice = self.translate("Wording", "Compare the settings of this connection with the provider's page.")
            case _:
                happened = self.translate("Wording", "{provider} answered with nothing that Tokendeck can read{mark}.")
        filled = happened.format(provider=self.subject(provider), mark=mark("", error.status))
        return Explanation(filled, advice, error.words)

    def _try_again(self, error: PassingTrouble) -> str:
        if not error.retry_after:
            return self.translate("Wording", "Nothing is lost; try again later.")
        text = self.translate("Wording", "Nothing is lost; try again in {span}.")
        return text.format(span=self._spans.duration(error.retry_after))


def mark(code: str, status: int | None) -> str:
    """Give ` (invalid_client)`, ` (503)` or nothing: the fact that a person quotes to the provider's support."""
    if CODE.fullmatch(code):
        return f" ({code})"
    return "" if status is None else f" ({status})"
