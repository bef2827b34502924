"""Signing in, in words: why an attempt came to nothing, and what the page says that the browser ends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.errors import (
    EndOfSignIn,
    IssuerMismatch,
    NothingToSignIn,
    NotOffered,
    NotThisSignIn,
    SignInEnded,
    SignInRefused,
)
from tokendeck.core.wording.explanation import Explanation

if TYPE_CHECKING:
    from collections.abc import Callable

SignInTrouble = SignInRefused | SignInEnded | IssuerMismatch | NotThisSignIn | NothingToSignIn | NotOffered


class SignInWords:
    """Words for signing in."""

    def __init__(self, translate: Callable[[str, str], str]) -> None:
        """Take the translation."""
        self.translate = translate

    def explain(self, error: SignInTrouble, subject: str, mark: str) -> Explanation:
        """Give what happened and what to do; `subject` names the provider, `mark` quotes its code."""
        match error:
            case SignInRefused():
                happened, advice = self._refused(error)
                return Explanation(happened.format(provider=subject, mark=mark), advice, error.words)
            case SignInEnded():
                return Explanation(self._ended(error.why), self.translate("Wording", "Nothing has changed."))
            case IssuerMismatch():
                return self._other_issuer(error, subject, mark)
            case NotThisSignIn():
                return Explanation(self._not_this(error.flaw), self._paste_advice())
            case NotOffered():
                text = self.translate("Wording", "{provider} names no address for this.")
                advice = self.translate("Wording", "If it has one, add it to the descriptor.")
                return Explanation(text.format(provider=subject), advice)
            case NothingToSignIn():
                return Explanation(
                    self.translate("Wording", "This connection needs nobody to sign in."),
                    self.translate("Wording", "Ask for a token right away."),
                )
            case _:
                assert_never(error)

    def page(self, connection: str, trouble: str) -> tuple[str, str]:
        """
        Give heading and text of the page that the browser ends on.

        Args:
            connection: its name; may be empty where the answer belongs to none.
            trouble: why it did not work, in sentences; empty where it did.

        """
        if trouble:
            return self.translate("Wording", "This did not work"), trouble
        text = self.translate("Wording", "“{name}” has its token. You can close this page and go back to Tokendeck.")
        return self.translate("Wording", "Signed in"), text.format(name=connection)

    def not_revoked(self, connection: str, reason: str) -> str:
        """Say that a deleted connection's tokens go on being taken, and why; `reason` in sentences."""
        text = self.translate(
            "Wording", "“{name}” is deleted, but its tokens were not revoked and may still be good. {why}"
        )
        return text.format(name=connection, why=reason)

    def _refused(self, error: SignInRefused) -> tuple[str, str]:
        match error.code:
            case "access_denied":
                return (
                    self.translate("Wording", "{provider} was told no: the sign-in was not allowed{mark}."),
                    self.translate("Wording", "If that was a slip, sign in once more and allow it."),
                )
            case "invalid_scope":
                return (
                    self.translate("Wording", "{provider} does not give what was asked for{mark}."),
                    self.translate("Wording", "Correct the scope in the settings of this connection."),
                )
            case "invalid_grant":
                return (
                    self.translate("Wording", "{provider} did not take the code that it had just given{mark}."),
                    self.translate("Wording", "Codes are good once and for a short time: sign in once more."),
                )
            case "bad_request" | "invalid_request" | "redirect_uri_mismatch":
                return (
                    self.translate("Wording", "{provider} refused the request to sign in{mark}."),
                    self.translate("Wording", "Compare the redirect URI with the registered one, letter by letter."),
                )
            case "unauthorized_client" | "unsupported_response_type":
                return (
                    self.translate("Wording", "{provider} does not let this client sign people in{mark}."),
                    self.translate("Wording", "Have it enabled for the client in the dashboard."),
                )
            case _:
                return (
                    self.translate("Wording", "{provider} ended the sign-in{mark}."),
                    self.translate("Wording", "Compare the settings of this connection with the dashboard."),
                )

    def _ended(self, why: EndOfSignIn) -> str:
        match why:
            case EndOfSignIn.CANCELLED:
                return self.translate("Wording", "The sign-in was cancelled.")
            case EndOfSignIn.TIMED_OUT:
                return self.translate("Wording", "The sign-in was not finished in time.")
            case EndOfSignIn.REPLACED:
                return self.translate("Wording", "Another sign-in was begun instead.")
            case EndOfSignIn.SETTINGS_CHANGED:
                return self.translate("Wording", "The connection was changed while it waited for the sign-in.")
            case _:
                assert_never(why)

    def _other_issuer(self, error: IssuerMismatch, subject: str, mark: str) -> Explanation:
        if not error.found and error.code:
            return self._unnamed_refusal(error, subject, mark)
        if error.found:
            text = self.translate(
                "Wording", "The answer came from “{found}” and not from {expected}; no token was asked for."
            )
        else:
            text = self.translate("Wording", "The answer does not say that it comes from {expected}; it was refused.")
        advice = self.translate("Wording", "Somebody may be interfering. If {provider} has moved, correct the issuer.")
        return Explanation(text.format(found=error.found, expected=error.expected), advice.format(provider=subject))

    def _unnamed_refusal(self, error: IssuerMismatch, subject: str, mark: str) -> Explanation:
        """
        Say what most likely happened where an answer brings an error and names no issuer.

        Some servers leave it out of errors only (django-oauth-toolkit 3.4), and whoever interferes wants a code, not an
        error.
        """
        if error.code == "access_denied":
            text = self.translate(
                "Wording", "{provider} was most likely told no: you or somebody else declined the sign-in{mark}."
            )
            advice = self.translate("Wording", "Sign in once more, and allow it if that was a slip.")
        else:
            text = self.translate("Wording", "{provider} has most likely refused the sign-in{mark}.")
            advice = self.translate(
                "Wording", "Sign in once more; if it ends so again, compare the settings with the dashboard."
            )
        unnamed = self.translate(
            "Wording", "The answer does not say that it comes from {expected}, so it was not taken at its word."
        )
        happened = f"{text} {unnamed}".format(provider=subject, mark=mark, expected=error.expected)
        return Explanation(happened, advice)

    def _not_this(self, flaw: str) -> str:
        match flaw:
            case "address":
                return self.translate("Wording", "This is not the address that the sign-in ends on.")
            case "other_state" | "no_state":
                return self.translate("Wording", "This answer belongs to another sign-in, or to none.")
            case "no_code":
                return self.translate("Wording", "There is no code in this answer.")
            case _:
                return self.translate("Wording", "This answer cannot be read.")

    def _paste_advice(self) -> str:
        return self.translate(
            "Wording", "Copy the whole address of the page that the browser showed last, and paste it while it is new."
        )
