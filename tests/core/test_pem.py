"""PEM text, told by its labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendeck.core.pem import (
    blocks_in,
    certificate_complaint,
    certificates_in,
    private_key_complaint,
    private_key_in,
)


def block(label: str, body: str = "AAAA") -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


KEY, CERTIFICATE = block("PRIVATE KEY"), block("CERTIFICATE")


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        KEY.strip(),
        KEY.replace("\n", "\r\n"),
        KEY.replace("\n", "\\n"),
        KEY.replace("\n", "\\r\\n"),
        KEY.replace("\n", " "),
        "\n".join(f"    {line}" for line in KEY.splitlines()),
        f"friendlyName: shop\n{block('EC PARAMETERS')}{KEY}{CERTIFICATE}",
    ],
)
def test_a_key_is_found_however_it_was_copied(spelled: str) -> None:
    assert private_key_complaint(spelled) == ""
    assert private_key_in(spelled) == KEY


def test_long_text_is_laid_out_in_lines_of_64() -> None:
    assert private_key_in(block("RSA PRIVATE KEY", "A" * 100)).splitlines()[1:-1] == ["A" * 64, "A" * 36]


def test_certificates_keep_their_order() -> None:
    chain = block("CERTIFICATE", "AAAA") + block("CERTIFICATE", "BBBB")

    assert certificate_complaint(f"subject=shop\n{chain}") == ""
    assert certificates_in(f"subject=shop\n{chain}") == chain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("secret", "from its line"),
        (KEY[:-10], "from its line"),
        (block("PUBLIC KEY"), "this is the public one"),
        (block("RSA PUBLIC KEY"), "this is the public one"),
        (CERTIFICATE, "not only what belongs to it"),
        (KEY + block("EC PRIVATE KEY"), "one private key"),
        (block("ENCRYPTED PRIVATE KEY"), "without a passphrase"),
        (block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA"), "without a passphrase"),
        (block("OPENSSH PRIVATE KEY"), "PKCS #8"),
    ],
)
def test_what_is_no_usable_key_is_called_what_it_is(text: str, expected: str) -> None:
    assert expected in private_key_complaint(text)


@pytest.mark.parametrize("text", ["", "a line", block("PUBLIC KEY"), CERTIFICATE[:-10]])
def test_what_is_no_certificate_is_told(text: str) -> None:
    assert certificate_complaint(text).startswith("a certificate in PEM form")


@pytest.mark.promise(1)
@pytest.mark.parametrize("key", [KEY, KEY[:-10], block("ENCRYPTED PRIVATE KEY")])
def test_a_private_key_may_not_stand_where_it_would_be_seen(key: str) -> None:
    assert "its own field" in certificate_complaint(CERTIFICATE + key)


@given(st.text(st.sampled_from("-BEGINDPRVATKY \n\\A")))
def test_no_text_is_too_odd_to_be_told(text: str) -> None:
    for found in blocks_in(text):
        assert found.text.startswith("-----BEGIN ")
    assert private_key_complaint(text) or private_key_in(text)
    assert certificate_complaint(text) or certificates_in(text)
