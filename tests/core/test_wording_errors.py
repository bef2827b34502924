from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.core.error_samples import LEAVES
from tests.core.samples import METHODS, provider
from tokendeck.core.errors import (
    ActionNeeded,
    BadUrl,
    ConfigurationRefused,
    FieldError,
    KeyringLocked,
    KeyringMute,
    KeyringTrouble,
    LifetimeTooShort,
    NetworkStep,
    NoSuchConnection,
    OriginNotConfirmed,
    PassingTrouble,
    ProviderBusy,
    StoreUnwritable,
    TlsFault,
    TokendeckError,
    UnknownCall,
    Unreachable,
    UsageError,
    VaultDamaged,
    VaultNotSetUp,
    VaultUnavailable,
)
from tokendeck.core.provider import Field
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut, VaultState
from tokendeck.core.verdict import Step, Verdict, VerdictKind
from tokendeck.core.wording import Wording

WORDING = Wording()
PAYSERA = provider()
UNFORESEEN = "Something happened that Tokendeck did not foresee."


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("about", [PAYSERA, None], ids=["provider", "nobody"])
def test_every_error_is_whole_sentences_in_the_users_terms(error: TokendeckError, about: object) -> None:
    said = WORDING.error(error, provider=about)  # type: ignore[arg-type]  # a Provider or None

    assert UNFORESEEN not in said
    assert said.endswith((".", "”."))
    assert type(error).__name__ not in said
    assert not re.search(r"[Ff]ailed to|Exception|Error|None|[{}]|\.\.|  ", said)


@pytest.mark.parametrize("error", [ValueError("s3cret"), KeyError("s3cret"), TokendeckError("s3cret"), SystemExit()])
def test_what_nobody_foresaw_is_called_that(error: BaseException) -> None:
    said = WORDING.error(error)

    assert said.startswith(UNFORESEEN)
    assert "s3cret" not in said


def test_a_token_that_came_dead_is_no_matter_of_asking_for_less() -> None:
    said = WORDING.error(LifetimeTooShort(timedelta(0), timedelta(seconds=-0.1)), provider=PAYSERA)

    assert said == "Paysera gave a token that had ended when it came. Ask the provider why it does so."


@pytest.mark.parametrize("branch", [ActionNeeded, UsageError, PassingTrouble, VaultUnavailable])
def test_a_branch_itself_has_words_too(branch: type[TokendeckError]) -> None:
    said = WORDING.error(branch())

    assert said.endswith(".")
    assert UNFORESEEN not in said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ConfigurationRefused(status=401, code="invalid_client", words="Invalid client credentials."),
            (
                "Paysera refused the client secret (invalid_client). Check it in the dashboard, then paste it again. "
                "Paysera says: “Invalid client credentials”."
            ),
        ),
        (
            ConfigurationRefused(status=400, code="No such merchant."),
            (
                "Paysera refused the request (400). Compare the settings of this connection with the dashboard. "
                "Paysera says: “No such merchant”."
            ),
        ),
        (
            ProviderBusy(status=503, words="maintenance"),
            "Paysera cannot serve just now (503). Nothing is lost; try again later. Paysera says: “maintenance”.",
        ),
        (
            Unreachable("api.test", NetworkStep.NAME_LOOKUP, detail="Name or service not known"),
            (
                "No address was found for api.test. Nothing is lost; check the network and the address, then try "
                "again. The system says: “Name or service not known”."
            ),
        ),
        (
            Unreachable("api.test", NetworkStep.SEND, timed_out=True),
            "api.test did not take the request in time. Nothing is lost; check the network, then try again.",
        ),
        (
            OriginNotConfirmed("https://api.test:443"),
            (
                "This would take a secret to api.test, which you have not confirmed. Nothing was sent. "
                "If it belongs there, edit the connection and save it to confirm."
            ),
        ),
        (
            Unreachable("api.test", NetworkStep.TLS, fault=TlsFault.EXPIRED, detail="certificate has expired"),
            (
                "api.test showed a certificate that has expired; nothing was sent. Whoever runs it has to renew that; "
                "check the date of this computer as well. The system says: “certificate has expired”."
            ),
        ),
        (
            Unreachable("api.test", NetworkStep.TLS, fault=TlsFault.UNTRUSTED),
            (
                "This computer knows nobody who vouches for api.test; nothing was sent. If your organisation signs its "
                "own certificates, add its authority's file: `tokendeck doctor` names the folder. Otherwise something "
                "stands between."
            ),
        ),
        (
            Unreachable("api.test", NetworkStep.TLS, timed_out=True),
            (
                "api.test did not secure the connection in time; nothing was sent. Nothing is lost; check the network, "
                "then try again."
            ),
        ),
        (FieldError("client_secret", "a value"), "Client secret: expected a value."),
        (UnknownCall("x", ()), "This provider has no test call “x”."),
        (NoSuchConnection("shp", ("a", "b")), "There is no connection called “shp”. Names like it: “a”, “b”."),
        (
            KeyringMute("Secret Service", "another process is setting the vault up"),
            (
                "Your keyring did not answer. Tokendeck asked Secret Service for the key to this vault and got no "
                "answer in time. Nothing was changed. Unlock or restart the keyring, then try again. "
                "The system says: “another process is setting the vault up”."
            ),
        ),
        (
            StoreUnwritable("/home/x/store", "disk full"),
            (
                "The store cannot be written. /home/x/store takes no changes now. Nothing that was saved is lost. Free "
                "some space or make the folder writable, then try again. The system says: “disk full”."
            ),
        ),
    ],
)
def test_an_error_says_what_happened_what_to_do_and_what_was_said(error: TokendeckError, said: str) -> None:
    assert WORDING.error(error, provider=PAYSERA) == said


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ((Field("p", "API password", secret=True),), "the API password (401)"),
        ((Field("p", "Passwort {x}", secret=True),), "the passwort {x} (401)"),
        ((Field("i", "Id"),), "the credentials (401)"),
        ((Field("a", "A", secret=True), Field("b", "B", secret=True)), "the credentials (401)"),
    ],
)
def test_a_refused_secret_is_called_what_its_field_is_called(fields: tuple[Field, ...], named: str) -> None:
    said = WORDING.error(ConfigurationRefused(status=401), provider=provider(fields=fields))

    assert named in said


def test_a_damaged_secret_is_called_by_its_key_where_no_field_is_known() -> None:
    assert "“client_secret”" in WORDING.error(VaultDamaged("0" * 32, "secret:client_secret"))
    assert "“Client secret”" in WORDING.error(VaultDamaged("0" * 32, "secret:client_secret"), provider=PAYSERA)


@pytest.mark.promise(12)
@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("settings", "settings of this connection are not what was saved"),
        ("secret:client_secret", "stored secret is damaged"),
        ("token:access", "stored token is damaged"),
        ("token:refresh", "stored token is damaged"),
    ],
)
def test_damage_is_named_right_and_brings_what_to_do(field: str, said: str) -> None:
    sentence = WORDING.error(VaultDamaged("0" * 32, field), provider=PAYSERA)

    assert said in sentence
    assert "in the edit form" in sentence


@pytest.mark.promise(19)
@pytest.mark.parametrize(
    "error",
    [
        NoSuchConnection("a\u202e\nb" * 300),
        UnknownCall("a\u202e\nb" * 300, ()),
        BadUrl("a\u202e\nb" * 300, "https"),
        Unreachable("api.test", NetworkStep.TLS, detail="a\u202e\nb" * 300),
    ],
)
def test_whatever_was_typed_or_sent_is_quoted_as_one_plain_line(error: TokendeckError) -> None:
    said = WORDING.error(error)

    assert said.isprintable()
    assert len(said) < 600


@pytest.mark.promise(8)
def test_every_fault_of_tls_is_called_differently_and_says_that_nothing_was_sent() -> None:
    said = {fault: WORDING.error(Unreachable("api.test", NetworkStep.TLS, fault=fault)) for fault in (*TlsFault, None)}
    # In TLS 1.3 a server refuses its client when that has begun to send.
    of_the_client = said.pop(TlsFault.OWN_REFUSED)

    assert len({*said.values(), of_the_client}) == len(said) + 1
    assert all("api.test" in one and "nothing was sent." in one for one in said.values())
    assert "api.test" in of_the_client


@pytest.mark.parametrize(
    ("verdict", "headline", "detail"),
    [
        (Verdict(VerdictKind.WORKS, Step.DONE, status=200, latency_ms=182.2), "It works. 200 in 182 ms.", ""),
        (
            Verdict(VerdictKind.WORKS, Step.DONE, status=200, latency_ms=182.2, retried=True, meaning="All is well."),
            "It works. 200 in 182 ms.",
            "All is well. The first answer was 401, so a new token was asked for and the call repeated once.",
        ),
        (
            Verdict(VerdictKind.MINTED, Step.DONE, status=200, latency_ms=212),
            "A token was minted in 212 ms.",
            "Paysera documents no safe call, so that is all this proves.",
        ),
        (
            Verdict(VerdictKind.MINTED, Step.DONE),
            "A token was minted.",
            "Paysera documents no safe call, so that is all this proves.",
        ),
        (
            Verdict(VerdictKind.REFUSED, Step.AUTHENTICATION, status=401, latency_ms=90, words="Token is expired"),
            "It ended at authentication. 401 in 90 ms.",
            (
                "Paysera gave a token and does not accept it here. Check the environment. "
                "Paysera says: “Token is expired”."
            ),
        ),
        (
            Verdict(VerdictKind.REFUSED, Step.PERMISSION, status=403, latency_ms=90, meaning="The token is revoked."),
            "It ended at permission. 403 in 90 ms.",
            "The token is revoked.",
        ),
        (
            Verdict(VerdictKind.REFUSED, Step.PERMISSION, status=403, latency_ms=90, code="forbidden"),
            "It ended at permission. 403 in 90 ms.",
            (
                "Paysera knows the token and does not allow this call. Check the permissions in the dashboard. "
                "Paysera says: “forbidden”."
            ),
        ),
        (
            Verdict(VerdictKind.TROUBLE, Step.RATE, status=429, latency_ms=9),
            "It ended at the rate limit. 429 in 9 ms.",
            "Paysera asks for a pause. The credentials may be good; try again later.",
        ),
        (
            Verdict(VerdictKind.TROUBLE, Step.ANSWER, status=503, latency_ms=12_400),
            "It ended at the answer. 503 in 12.4 s.",
            "Paysera has trouble of its own. The credentials may be good; try again later.",
        ),
        (
            Verdict(VerdictKind.TROUBLE, Step.ANSWER, status=302, latency_ms=9),
            "It ended at the answer. 302 in 9 ms.",
            "Paysera pointed to another address, which was not followed.",
        ),
        (
            Verdict(VerdictKind.REFUSED, Step.ANSWER, status=404, latency_ms=9),
            "It ended at the answer. 404 in 9 ms.",
            "Paysera did not take this call. Check its address and its fields.",
        ),
        (
            Verdict(VerdictKind.REFUSED, Step.AUTHENTICATION, status=401, error=ConfigurationRefused(status=401)),
            "It ended at authentication. 401.",
            "Paysera refused the client secret (401). Check it in the dashboard, then paste it again.",
        ),
    ],
)
def test_a_verdict_says_whether_it_works_and_whose_turn_it_is(verdict: Verdict, headline: str, detail: str) -> None:
    assert WORDING.verdict(verdict, PAYSERA) == (headline, detail)


def test_a_mint_proves_less_than_a_call_that_is_documented() -> None:
    _, detail = WORDING.verdict(Verdict(VerdictKind.MINTED, Step.DONE), provider(test_calls=(METHODS,)))

    assert detail == "That proves the credentials; a test call proves that the API takes them."


@pytest.mark.parametrize("step", list(Step))
def test_every_step_at_which_a_test_ends_has_words(step: Step) -> None:
    error = Unreachable("api.test", NetworkStep.CONNECT)

    headline, detail = WORDING.verdict(Verdict(VerdictKind.TROUBLE, step, error=error), PAYSERA)

    assert headline.startswith("It ended at ")
    assert detail


@pytest.mark.parametrize(
    ("state", "title", "body"),
    [
        (
            VaultOpening(),
            "Asking your keyring",
            "It may show a prompt of its own. Names and times can be read meanwhile.",
        ),
        (
            VaultOpen(Guard.KEYRING, "Secret Service"),
            "Keyring: Secret Service",
            "The key to your secrets is kept in Secret Service.",
        ),
        (
            VaultOpen(Guard.PASSPHRASE, ""),
            "Vault: passphrase",
            "The key to your secrets is protected by your passphrase.",
        ),
        (
            VaultOpen(Guard.RECOVERY_KEY, ""),
            "Vault: recovery key",
            (
                "Your recovery key opened it, and nothing else does yet. Choose a passphrase, or start your keyring "
                "and give the recovery key once more."
            ),
        ),
        (VaultOpen(Guard.MEMORY, ""), "Vault: in memory", "Everything here is gone when Tokendeck ends."),
        (
            VaultShut(KeyringLocked("KWallet"), has_recovery_key=True),
            "Your keyring is locked",
            (
                "Tokendeck asked KWallet, which is locked or whose prompt was dismissed. Nothing was changed. Unlock "
                "it and try again. The recovery key opens this vault, too."
            ),
        ),
        (
            VaultShut(StoreUnwritable("/home/x/store", "disk full"), has_recovery_key=True),
            "The store cannot be written",
            (
                "/home/x/store takes no changes now. Nothing that was saved is lost. Free some space or make the "
                "folder writable, then try again. The system says: “disk full”."
            ),
        ),
        (
            VaultShut(KeyringMute("Secret Service")),
            "Your keyring did not answer",
            (
                "Tokendeck asked Secret Service for the key to this vault and got no answer in time. Nothing was "
                "changed. Unlock or restart the keyring, then try again."
            ),
        ),
    ],
)
def test_the_vault_is_shown_as_what_it_is(state: VaultState, title: str, body: str) -> None:
    assert WORDING.vault(state) == (title, body)


@pytest.mark.promise(4)
@pytest.mark.parametrize(
    "error", [one for one in LEAVES if isinstance(one, VaultUnavailable)], ids=lambda error: type(error).__name__
)
def test_whatever_shuts_the_vault_has_a_page(error: VaultUnavailable) -> None:
    title, body = WORDING.vault(VaultShut(error))

    assert not title.endswith(".")
    assert body.endswith((".", "”."))


@pytest.mark.promise(4)
@pytest.mark.parametrize("why", [one for one in LEAVES if isinstance(one, KeyringTrouble)], ids=repr)
def test_a_passphrase_is_offered_only_where_it_can_help(why: KeyringTrouble) -> None:
    _, kept_there = WORDING.vault(VaultShut(why))
    _, not_set_up = WORDING.vault(VaultShut(VaultNotSetUp(why)))

    assert "passphrase" not in kept_there
    assert "hoose a passphrase" in not_set_up
