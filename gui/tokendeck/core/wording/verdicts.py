"""What a test proved, in words: for a support agent who asks whose fault it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.verdict import Step, Verdict, VerdictKind
from tokendeck.core.wording.explanation import Explanation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.provider import Provider
    from tokendeck.core.wording.errors import Errors
    from tokendeck.core.wording.spans import Spans

FIRST_SERVER_ERROR = 500


class Verdicts:
    """Words for verdicts."""

    def __init__(self, translate: Callable[[str, str], str], spans: Spans, errors: Errors) -> None:
        """Take the translation, and the words for spans and errors."""
        self.translate = translate
        self._spans = spans
        self._errors = errors

    def headline_and_detail(self, verdict: Verdict, provider: Provider) -> tuple[str, str]:
        """Give one short line, and whole sentences; the second may be empty."""
        match verdict.kind:
            case VerdictKind.WORKS:
                works = self.translate("Wording", "It works.")
                return self._with_figures(works, verdict), _sentences(verdict.meaning, self._retry(verdict))
            case VerdictKind.MINTED:
                return self._minted(verdict, provider)
            case VerdictKind.REFUSED | VerdictKind.TROUBLE:
                headline = self._with_figures(self._ended_at(verdict.step), verdict)
                if verdict.error is not None:
                    return headline, self._errors.sentences(verdict.error, provider)
                said = Explanation("", quoted=verdict.words or verdict.code)
                quote = self._errors.quote(said, provider)
                return headline, _sentences(self._cause(verdict, provider), self._retry(verdict), quote)
            case _:
                assert_never(verdict.kind)

    def _minted(self, verdict: Verdict, provider: Provider) -> tuple[str, str]:
        if provider.test_calls:
            detail = self.translate(
                "Wording", "That proves the credentials; a test call proves that the API takes them."
            )
        else:
            text = self.translate("Wording", "{provider} documents no safe call, so that is all this proves.")
            detail = text.format(provider=provider.name)
        if verdict.latency_ms is None:
            return self.translate("Wording", "A token was minted."), detail
        headline = self.translate("Wording", "A token was minted in {latency}.")
        return headline.format(latency=self._spans.latency(verdict.latency_ms)), detail

    def _with_figures(self, sentence: str, verdict: Verdict) -> str:
        if verdict.status is None:
            return sentence
        if verdict.latency_ms is None:
            return self.translate("Wording", "{sentence} {status}.").format(sentence=sentence, status=verdict.status)
        return self.translate("Wording", "{sentence} {status} in {latency}.").format(
            sentence=sentence, status=verdict.status, latency=self._spans.latency(verdict.latency_ms)
        )

    def _ended_at(self, step: Step) -> str:
        match step:
            case Step.NAME_LOOKUP:
                return self.translate("Wording", "It ended at the name lookup.")
            case Step.CONNECT:
                return self.translate("Wording", "It ended at connecting.")
            case Step.TLS:
                return self.translate("Wording", "It ended at the secure connection (TLS).")
            case Step.SEND:
                return self.translate("Wording", "It ended at sending the request.")
            case Step.TOKEN:
                return self.translate("Wording", "It ended at getting a token.")
            case Step.AUTHENTICATION:
                return self.translate("Wording", "It ended at authentication.")
            case Step.PERMISSION:
                return self.translate("Wording", "It ended at permission.")
            case Step.RATE:
                return self.translate("Wording", "It ended at the rate limit.")
            case Step.ANSWER | Step.DONE:
                return self.translate("Wording", "It ended at the answer.")
            case _:
                assert_never(step)

    def _cause(self, verdict: Verdict, provider: Provider) -> str:
        """Say what the API's own answer means; the descriptor knows best."""
        if verdict.meaning:
            return verdict.meaning
        status = verdict.status or 0
        match verdict.step:
            case Step.AUTHENTICATION:
                text = self.translate(
                    "Wording", "{provider} gave a token and does not accept it here. Check the environment."
                )
            case Step.PERMISSION:
                text = self.translate(
                    "Wording",
                    "{provider} knows the token and does not allow this call. Check the permissions in the dashboard.",
                )
            case Step.RATE:
                text = self.translate(
                    "Wording", "{provider} asks for a pause. The credentials may be good; try again later."
                )
            case _ if status >= FIRST_SERVER_ERROR:
                text = self.translate(
                    "Wording", "{provider} has trouble of its own. The credentials may be good; try again later."
                )
            case _ if verdict.kind is VerdictKind.TROUBLE:
                text = self.translate("Wording", "{provider} pointed to another address, which was not followed.")
            case _:
                text = self.translate("Wording", "{provider} did not take this call. Check its address and its fields.")
        return text.format(provider=provider.name)

    def _retry(self, verdict: Verdict) -> str:
        if not verdict.retried:
            return ""
        return self.translate(
            "Wording", "The first answer was 401, so a new token was asked for and the call repeated once."
        )


def _sentences(*parts: str) -> str:
    return " ".join(filter(None, parts))
