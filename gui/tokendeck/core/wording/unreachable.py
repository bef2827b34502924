"""Why a request got no answer, in words: whose fault it is, and whether anything was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.errors import NetworkStep, TlsFault, Unreachable
from tokendeck.core.wording.explanation import Explanation, Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    Translate = Callable[[str, str], str]


def unreachable(translate: Translate, error: Unreachable) -> Explanation:
    """Give what happened, what to do, and the system's own words."""
    happened, advice = _tls(translate, error) if error.step is NetworkStep.TLS else _network(translate, error)
    return Explanation(happened.format(host=error.host), advice, error.detail, Voice.SYSTEM)


def _network(translate: Translate, error: Unreachable) -> tuple[str, str]:
    advice = translate("Wording", "Nothing is lost; check the network, then try again.")
    match error.step:
        case NetworkStep.NAME_LOOKUP:
            return (
                translate("Wording", "No address was found for {host}."),
                translate("Wording", "Nothing is lost; check the network and the address, then try again."),
            )
        case NetworkStep.CONNECT if error.timed_out:
            return translate("Wording", "{host} did not take up the connection in time."), advice
        case NetworkStep.CONNECT:
            return translate("Wording", "No connection to {host} came about."), advice
        case NetworkStep.SEND if error.timed_out:
            return translate("Wording", "{host} did not take the request in time."), advice
        case NetworkStep.SEND:
            return translate("Wording", "The connection to {host} ended while the request was being sent."), advice
        case NetworkStep.ANSWER if error.timed_out:
            return translate("Wording", "{host} did not answer in time."), advice
        case _:
            return translate("Wording", "{host} closed the connection without an answer."), advice


def _tls(translate: Translate, error: Unreachable) -> tuple[str, str]:
    match error.fault:
        case None if error.timed_out:
            return (
                translate("Wording", "{host} did not secure the connection in time; nothing was sent."),
                translate("Wording", "Nothing is lost; check the network, then try again."),
            )
        case None:
            return (
                translate("Wording", "No secure connection to {host} came about; nothing was sent."),
                translate(
                    "Wording",
                    "Its certificate may be wrong, or something stands between: check the network and the clock.",
                ),
            )
        case TlsFault.EXPIRED:
            return (
                translate("Wording", "{host} showed a certificate that has expired; nothing was sent."),
                translate("Wording", "Whoever runs it has to renew that; check the date of this computer as well."),
            )
        case TlsFault.NOT_YET_VALID:
            return (
                translate("Wording", "{host} showed a certificate that is not valid yet; nothing was sent."),
                translate("Wording", "Check the date of this computer; if that is right, its certificate is wrong."),
            )
        case TlsFault.OTHER_HOST:
            return (
                translate("Wording", "The certificate shown for {host} belongs to another name; nothing was sent."),
                translate("Wording", "Check the address; if that is right, something stands between."),
            )
        case TlsFault.UNTRUSTED:
            return (
                translate("Wording", "This computer knows nobody who vouches for {host}; nothing was sent."),
                translate(
                    "Wording",
                    "If your organisation signs its own certificates, add its authority's file: `tokendeck doctor` "
                    "names the folder. Otherwise something stands between.",
                ),
            )
        case TlsFault.WEAK:
            return (
                translate("Wording", "{host} showed a certificate too weak to be trusted; nothing was sent."),
                translate("Wording", "Whoever runs it has to replace it with a stronger one."),
            )
        case TlsFault.OLD_TLS:
            return (
                translate("Wording", "{host} speaks no TLS newer than 1.1, which is unsafe; nothing was sent."),
                translate("Wording", "Whoever runs it has to switch on TLS 1.2 or newer."),
            )
        case TlsFault.NO_TLS:
            return (
                translate("Wording", "{host} does not speak TLS; nothing was sent."),
                translate("Wording", "Check the address and its port."),
            )
        case TlsFault.OWN_REFUSED:
            return (
                translate("Wording", "{host} accepts no client without a certificate that it knows."),
                translate("Wording", "Check the certificate: has it expired, and does the provider know this one?"),
            )
        case _:
            assert_never(error.fault)
