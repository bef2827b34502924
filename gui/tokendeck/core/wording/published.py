"""What an issuer publishes about itself, for people: one fact after the other, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.origin import readable_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tokendeck.core.metadata import IssuerMetadata

REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a grant's name, not a secret
MOST_SCOPES = 24
"""Nobody reads more of them in a form."""


class Published:
    """Words for `IssuerMetadata`."""

    def __init__(self, translate: Callable[[str, str], str]) -> None:
        """Take the translation."""
        self.translate = translate

    def names(self) -> dict[str, str]:
        """Give what people call each fact, by key and in reading order; what only engineers ask for comes last."""
        return {
            "issuer": self.translate("Wording", "Issuer"),
            "token": self.translate("Wording", "Tokens"),
            "authorize": self.translate("Wording", "Sign-in page"),
            "device": self.translate("Wording", "Device codes"),
            "revoke": self.translate("Wording", "Revocation"),
            "introspect": self.translate("Wording", "Introspection"),
            "tls": self.translate("Wording", "With a certificate"),
            "grants": self.translate("Wording", "Grants"),
            "client_auth": self.translate("Wording", "Clients prove themselves by"),
            "scopes": self.translate("Wording", "Scopes"),
            "pkce": self.translate("Wording", "Sign-in code"),
            "answers": self.translate("Wording", "Sign-in answer"),
        }

    def facts(self, found: IssuerMetadata) -> dict[str, tuple[str, str]]:
        """
        Give main and quiet text of each fact that was told, by the keys of `names`.

        Addresses below the issuer's own are cut to what follows it, so that others strike the eye.
        """
        aliases = (found.tls.token, found.tls.device, found.tls.revoke, found.tls.introspect)
        told = {
            "issuer": (found.issuer, ""),
            "token": (_below(found, found.token) or self.translate("Wording", "it names no address"), ""),
            "authorize": (_below(found, found.authorize), ""),
            "device": (_below(found, found.device), ""),
            "revoke": (_below(found, found.revoke), ""),
            "introspect": (_below(found, found.introspect), ""),
            "tls": ("\n".join(dict.fromkeys(_below(found, one) for one in aliases if one)), ""),
            "grants": self._known_and_not(found.grants, self._grants(), leave_out=(REFRESH_TOKEN,)),
            "client_auth": self._client_auth(found),
            "scopes": self._scopes(found),
            "pkce": self._pkce(found) if found.authorize else ("", ""),
            "answers": self._answers(found) if found.authorize else ("", ""),
        }
        return {key: fact for key, fact in told.items() if any(fact)}

    def caution(self, found: IssuerMetadata) -> str:
        """Say which hosts beside the issuer's own would be spoken to; empty where there are none."""
        said = (
            (self.translate("Wording", "Secrets would also go to {origins}."), found.secrets_elsewhere),
            (self.translate("Wording", "You would sign in at {origins}."), found.sign_in_elsewhere),
        )
        told = (text.format(origins=", ".join(map(readable_origin, origins))) for text, origins in said if origins)
        return " ".join(told)

    def _grants(self) -> dict[str, str]:
        return {
            "client_credentials": self.translate("Wording", "client credentials: the client by itself"),
            "authorization_code": self.translate("Wording", "authorization code: a person in a browser"),
            "urn:ietf:params:oauth:grant-type:device_code": self.translate(
                "Wording", "device code: a person on another device"
            ),
        }

    def _client_auth(self, found: IssuerMetadata) -> tuple[str, str]:
        by_certificate = self.translate("Wording", "a certificate of their own")
        ways = {
            "client_secret_basic": self.translate("Wording", "a secret in a header"),
            "client_secret_post": self.translate("Wording", "a secret in the body"),
            "client_secret_jwt": self.translate("Wording", "a statement signed with a secret"),
            "private_key_jwt": self.translate("Wording", "a statement signed with a private key"),
            "tls_client_auth": by_certificate,
            "self_signed_tls_client_auth": by_certificate,
            "none": self.translate("Wording", "nothing, where they are public"),
        }
        main, quiet = self._known_and_not(found.client_auth, ways)
        if found.signing:
            signed = self.translate("Wording", "signed by {names}").format(names=", ".join(found.signing))
            quiet = "; ".join(filter(None, (signed, quiet)))
        return main, quiet

    def _pkce(self, found: IssuerMetadata) -> tuple[str, str]:
        if found.takes_s256 is None:
            said = self.translate("Wording", "is of use to Tokendeck alone, if the issuer supports that")
            return said, self.translate("Wording", "PKCE is not mentioned")
        if found.takes_s256:
            return self.translate("Wording", "is of use to Tokendeck alone"), self.translate("Wording", "PKCE, S256")
        said = self.translate("Wording", "could be spent by others, so nobody signs in with a browser from here")
        return said, self.translate("Wording", "no PKCE by S256")

    def _answers(self, found: IssuerMetadata) -> tuple[str, str]:
        if found.names_issuer:
            said = self.translate("Wording", "says which issuer it is from; one from another is refused")
        else:
            said = self.translate("Wording", "may not say which issuer it is from")
        return said, "RFC 9207"

    def _scopes(self, found: IssuerMetadata) -> tuple[str, str]:
        more = len(found.scopes) - MOST_SCOPES
        quiet = self.translate("Wording", "and {count} more").format(count=more) if more > 0 else ""
        return " ".join(found.scopes[:MOST_SCOPES]), quiet

    def _known_and_not(
        self, told: Iterable[str], known: dict[str, str], *, leave_out: tuple[str, ...] = ()
    ) -> tuple[str, str]:
        """Give the known ones a line each, and quietly the others by their names."""
        lines = dict.fromkeys(known[one] for one in told if one in known)
        others = ", ".join(one for one in told if one not in known and one not in leave_out)
        unknown = self.translate("Wording", "not used: {names}").format(names=others) if others else ""
        return "\n".join(lines), unknown


def _below(found: IssuerMetadata, url: str) -> str:
    start = found.issuer.rstrip("/")
    return f"…{url.removeprefix(start)}" if url.startswith(f"{start}/") else url
