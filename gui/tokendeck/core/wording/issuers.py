"""Why an issuer's own words do not serve, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.wording.explanation import Explanation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.errors import UnfitIssuer


def unfit_issuer(translate: Callable[[str, str], str], error: UnfitIssuer) -> Explanation:
    """Give what is wrong, and what to do."""
    if error.flaw == "other_issuer" and error.found:
        text = translate("Wording", "The metadata is that of “{found}” and not of {issuer}; it was not used.")
        advice = translate("Wording", "The two must be equal letter by letter; only a / at the end may differ.")
    elif error.flaw == "other_issuer":
        text = translate("Wording", "The metadata does not say that it is that of {issuer}; it was not used.")
        advice = translate("Wording", "Ask the provider for its issuer.")
    elif error.flaw == "no_s256":
        text = translate(
            "Wording", "{issuer} lets a person sign in only without PKCE by S256, which Tokendeck insists on."
        )
        advice = translate("Wording", "Ask the provider to switch it on: nobody else can spend a code then.")
    elif error.flaw == "no_grant":
        text = translate("Wording", "{issuer} publishes no way to get a token that Tokendeck knows.")
        advice = translate("Wording", "If there is one, describe the provider in a file of your own.")
    elif error.flaw == "web_page":
        text = translate("Wording", "{issuer} answered with a web page where its metadata should be.")
        advice = translate("Wording", "Check the address, and whether a network's own page stands between.")
    elif error.flaw == "redirect":
        text = translate("Wording", "{issuer} pointed to another address for its metadata, which was not followed.")
        advice = translate("Wording", "Enter the issuer exactly as its documentation spells it.")
    elif error.flaw == "unreadable":
        text = translate("Wording", "{issuer} answered with something that is no metadata.")
        advice = translate("Wording", "Check the address, or describe the provider in a file of your own.")
    else:
        text = translate("Wording", "{issuer} publishes no metadata where RFC 8414 and OpenID Connect have it.")
        advice = translate("Wording", "Check the address, or describe the provider in a file of your own.")
    return Explanation(text.format(found=error.found, issuer=error.issuer), advice)
