"""One error or more of every leaf of the tree."""

from __future__ import annotations

from datetime import timedelta

from tokendeck.core import errors
from tokendeck.core.errors import (
    BadUrl,
    BudgetSpent,
    CertificateFileError,
    ConfigurationRefused,
    ConfirmationNeeded,
    DescriptorError,
    EndOfSignIn,
    FieldError,
    FileTaken,
    GrantDead,
    HeldByAnother,
    Hindrance,
    IssuerMismatch,
    KeyLost,
    KeyringChanged,
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    LifetimeTooShort,
    NameTaken,
    NetworkStep,
    NoSuchConnection,
    NothingToSignIn,
    NotOffered,
    NotThisSignIn,
    OriginNotConfirmed,
    Paused,
    PortInUse,
    ProviderBusy,
    SignInEnded,
    SignInNeeded,
    SignInRefused,
    StoreDamaged,
    StoreTooNew,
    StoreUnwritable,
    TlsFault,
    TokendeckError,
    UnfitIssuer,
    UnknownCall,
    UnknownProvider,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
    VaultDamaged,
    VaultLocked,
    VaultNotSetUp,
    WrongPassphrase,
    WrongRecoveryKey,
)

HOUR = timedelta(hours=1)

LEAVES: tuple[TokendeckError, ...] = (
    GrantDead(status=400, code="invalid_grant", words="Token revoked."),
    SignInNeeded(),
    *(
        SignInRefused(code=code, words="The owner said no.")
        for code in ("access_denied", "invalid_scope", "invalid_grant", "bad_request", "unauthorized_client", "else")
    ),
    *(SignInEnded(why) for why in EndOfSignIn),
    IssuerMismatch("https://auth.example.test", "https://other.example.test"),
    IssuerMismatch("https://auth.example.test", ""),
    *(IssuerMismatch("https://auth.example.test", "", code) for code in ("access_denied", "invalid_scope", "<b>")),
    *(NotThisSignIn(flaw) for flaw in ("address", "no_state", "other_state", "doubled", "unreadable", "no_code")),
    NothingToSignIn(),
    UnfitIssuer("https://auth.example.test", "other_issuer", "https://other.example.test"),
    UnfitIssuer("https://auth.example.test", "other_issuer"),
    *(
        UnfitIssuer("https://auth.example.test", flaw)
        for flaw in ("no_metadata", "web_page", "redirect", "unreadable", "no_grant", "no_s256")
    ),
    NotOffered("revoke"),
    *(
        ConfigurationRefused(status=400, code=code)
        for code in ("invalid_client", "invalid_scope", "unauthorized_client", "invalid_grant", "bad_request", "")
    ),
    *(ConfigurationRefused(status=status) for status in (401, 403, 404, 405, 422)),
    ConfigurationRefused(code="Invalid or expired token"),
    UnusableToken(code="token_type", words="mac"),
    UnusableToken(code="token_characters"),
    LifetimeTooShort(2 * HOUR, HOUR),
    OriginNotConfirmed("https://api.example.test:443"),
    ConfirmationNeeded("allow_list", "A call from a wrong address revokes the token."),
    ConfirmationNeeded("unsafe_method", ""),
    Paused(),
    DescriptorError("payos.toml", "grants.main.url", "an https URL"),
    DescriptorError("payos.toml", "", "a TOML file"),
    FileTaken("/home/me/auth-example-test.toml"),
    UnknownProvider("payo", ("payos", "payt")),
    UnknownProvider("payo", ()),
    FieldError("client_secret", "a value"),
    FieldError("colour", "a field that this provider has"),
    BadUrl("http://api.example.test", "https"),
    UnknownCall("x", ("methods",)),
    NameTaken("Web shop"),
    PortInUse(8080),
    CertificateFileError("corp.pem", "certificates in PEM form"),
    *(Unreachable("api.example.test", step, timed_out=late) for step in NetworkStep for late in (False, True)),
    *(Unreachable("api.example.test", NetworkStep.TLS, fault=fault, detail="its words") for fault in TlsFault),
    ProviderBusy(status=429, retry_after=timedelta(seconds=30)),
    ProviderBusy(status=503, code="server_error", words="maintenance"),
    *(
        UnreadableAnswer(what, status=200)
        for what in ("web_page", "redirect", "cut_off", "too_long", "not_json", "no_token")
    ),
    HeldByAnother(),
    BudgetSpent(timedelta(seconds=12)),
    VaultLocked(),
    *(
        VaultNotSetUp(why)
        for why in (KeyringMissing(), KeyringLocked("KWallet"), KeyringMute("KWallet"), KeyLost("KWallet"))
    ),
    KeyringLocked("Secret Service", "the prompt was dismissed"),
    KeyringMute("Secret Service"),
    KeyringMute(),
    KeyringMissing(),
    KeyringChanged("Secret Service", "KWallet"),
    KeyLost("Secret Service"),
    KeyLost(),
    WrongPassphrase(),
    *(WrongRecoveryKey(what) for what in ("mistyped", "another", "none")),
    VaultDamaged("0" * 32, "secret:client_secret"),
    VaultDamaged("0" * 32, "token:access"),
    VaultDamaged("0" * 32, "settings"),
    VaultDamaged("", "guard"),
    StoreDamaged("store.damaged", "file is not a database"),
    StoreTooNew(3, 1),
    *(StoreUnwritable("store.sqlite", "in the system's words", one) for one in Hindrance),
    NoSuchConnection("shp", ("Web shop", "Old shop")),
    NoSuchConnection("shp"),
)


def every_leaf() -> set[type[object]]:
    """Give the classes of `core.errors` that nothing there is derived from."""
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, TokendeckError)]
    return {one for one in classes if not any(one in other.__bases__ for other in classes)}
