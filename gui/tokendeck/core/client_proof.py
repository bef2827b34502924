"""How one request proves whose it is: facts and secrets, from which whoever sends it makes the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.core.frozen import dataclass
from tokendeck.core.provider import ClientAuthMethod
from tokendeck.core.secret import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.provider import ClientAuth, SigningAlgorithm
    from tokendeck.core.secret import Secret
    from tokendeck.core.template import Template

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523, section 2.2."""

PROVING_PARAMETERS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
"""By which clients prove themselves in a body."""


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """HTTP Basic credentials, not yet joined and encoded."""

    user: Text
    password: Text
    form_encoded: bool
    """Whether both are form-encoded first: RFC 6749, section 2.3.1."""


@dataclass(frozen=True, slots=True)
class ClientAssertion:
    """What the client says of itself and signs at the time of sending: RFC 7523, section 3."""

    client_id: Text
    key: Text
    """A private key in PEM form; or the secret that both sides know."""

    key_field: str
    """Key of the field that it stands in, for complaints."""

    is_shared: bool
    """Whether the provider knows the same secret."""

    audience: Text
    key_id: Text
    """May be empty."""

    algorithms: tuple[SigningAlgorithm, ...] = ()
    """Those that the provider takes, of which the first serves that fits the key; none means the key's usual one."""

    @staticmethod
    def parameters(signed: Text) -> dict[str, Text]:
        """Give the parameters in which the `signed` statement is sent."""
        return {"client_assertion_type": Text(ASSERTION_TYPE), "client_assertion": signed}


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """What the client shows while TLS begins: RFC 8705, section 2.1."""

    certificates: Text
    """In PEM form: its own first, then those that lead to an authority."""

    certificates_field: str
    """Key of the field that they stand in, for complaints."""

    key: Text
    """The private key in PEM form."""

    key_field: str
    """Key of the field that it stands in, for complaints."""


ClientProof = BasicAuth | ClientAssertion | ClientCertificate


def proof_of(auth: ClientAuth, values: Mapping[str, str | Secret], url: str) -> ClientProof | None:
    """
    Give how a request to `url` proves whose it is; None where its parameters do.

    Raises:
        FieldError: a field is empty that it needs.

    """
    if auth.method is ClientAuthMethod.NONE:
        return None
    assert auth.user is not None
    assert auth.password is not None
    user, password = auth.user.fill(values), auth.password.fill(values)
    match auth.method:
        case ClientAuthMethod.BASIC | ClientAuthMethod.BASIC_ENCODED:
            return BasicAuth(user, password, form_encoded=auth.method is ClientAuthMethod.BASIC_ENCODED)
        case ClientAuthMethod.PRIVATE_KEY_JWT | ClientAuthMethod.CLIENT_SECRET_JWT:
            return ClientAssertion(
                client_id=user,
                key=password,
                key_field=_field_of(auth.password),
                is_shared=auth.method is ClientAuthMethod.CLIENT_SECRET_JWT,
                audience=Text(url) if auth.audience is None else auth.audience.fill(values),
                key_id=auth.key_id.fill(values) if auth.key_id and auth.key_id.names <= values.keys() else Text(),
                algorithms=auth.algorithms,
            )
        case ClientAuthMethod.TLS:
            assert auth.certificate is not None
            certificates = auth.certificate.fill(values)
            return ClientCertificate(certificates, _field_of(auth.certificate), password, _field_of(auth.password))
        case _:
            assert_never(auth.method)


def _field_of(template: Template) -> str:
    """Give the field of a template that is one field and nothing else, as these are."""
    return next(iter(template.names))
