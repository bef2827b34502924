from __future__ import annotations

import pytest

from tokendeck.core.field_block import Fault, Problem, read_field_block
from tokendeck.core.pem import certificates_in, private_key_in
from tokendeck.core.provider import Field
from tokendeck.core.secret import Secret


def values(text: str) -> dict[str, str]:
    block = read_field_block(text)
    assert block.problems == []
    return {key: secret.reveal() for key, secret in block.fields.items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("key=value", "value"),
        ("  key = value  ", "value"),
        ("export key=value", "value"),
        ("key='a value'", "a value"),
        ("key='it is #1' # the first", "it is #1"),
        ('key="a \\"quoted\\" \\$value\\\\ with \\n"', 'a "quoted" $value\\ with \\n'),
        ("key=no # comment, a secret may hold this", "no # comment, a secret may hold this"),
        ("key=a=b=", "a=b="),
        ("key=", ""),
        ("key=''", ""),
        ("key=value\r\n", "value"),
        ("# a comment\n\n   \nkey=value\n", "value"),
        ("key=first\nkey=last", "last"),
        ('{"key": "va\\"lue"}', 'va"lue'),
        ('\n {"key": 12345}', "12345"),
    ],
)
def test_a_value_is_read_as_a_shell_or_json_would_read_it(text: str, value: str) -> None:
    assert values(text) == {"key": value}


@pytest.mark.parametrize("text", ["", "\n # nothing \n", "{}"])
def test_an_empty_block_holds_nothing(text: str) -> None:
    assert values(text) == {}


@pytest.mark.parametrize(
    ("text", "fault", "where"),
    [
        ("key=fine\nhunter2-and-nothing-else", Fault.NO_PAIR, "2"),
        ("1key=hunter2", Fault.NO_PAIR, "1"),
        ("key='hunter2", Fault.OPEN_QUOTE, "1"),
        ('key="hunter2', Fault.OPEN_QUOTE, "1"),
        ("key='hunter2'hunter2", Fault.OPEN_QUOTE, "1"),
        ('{"key": "hunter2"', Fault.NO_OBJECT, ""),
        ('{"key": ' * 100_000, Fault.NO_OBJECT, ""),
        ('{"key": ["hunter2"]}', Fault.NO_TEXT, "key"),
        ('{"key": true}', Fault.NO_TEXT, "key"),
        ('{"key": 1.50}', Fault.NO_TEXT, "key"),
        ('{"key": null}', Fault.NO_TEXT, "key"),
    ],
)
def test_what_cannot_be_read_is_placed_and_never_repeated(text: str, fault: Fault, where: str) -> None:
    block = read_field_block(text)

    assert block.problems == [Problem(fault, where)]
    assert "hunter2" not in repr(block)


def test_what_can_be_read_beside_it_is_given() -> None:
    block = read_field_block("first=1\n???\nsecond='2\nthird=3")

    assert {key: secret.reveal() for key, secret in block.fields.items()} == {
        "first": "1",
        "second": "'2",
        "third": "3",
    }


KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\nBBB=\n-----END PRIVATE KEY-----"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nCCCC\nDD==\n-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    "written",
    [
        f"private_key={KEY}",
        f'private_key="{KEY}"',
        f"private_key='{KEY}'",
        f'export private_key="{KEY}\n"',
        f"private_key={KEY}".replace("\n", "\r\n"),
    ],
)
def test_pem_text_goes_on_to_its_last_line(written: str) -> None:
    block = read_field_block(f"client_id=shop\n{written}\nclient_secret=s3cret==")

    assert block.problems == []
    assert block.fields.keys() == {"client_id", "private_key", "client_secret"}
    assert block.fields["private_key"].reveal().strip().replace("\r", "") == KEY
    assert block.pem == ""


def test_a_chain_of_certificates_is_one_text_and_the_key_behind_it_another() -> None:
    block = read_field_block(f"certificate={CERTIFICATE}\n{CERTIFICATE}\n{KEY}\nscope=a")

    assert block.fields == {"certificate": Secret(f"{CERTIFICATE}\n{CERTIFICATE}"), "scope": Secret("a")}
    assert block.pem == f"{KEY}\n"


def test_a_value_behind_pem_text_that_is_cut_short_is_not_taken_for_it() -> None:
    block = read_field_block(f"certificate={CERTIFICATE[:40]}\nclient_secret=s3cret\nCLIENTSECRET=s3cret")

    assert block.fields["client_secret"] == block.fields["CLIENTSECRET"] == Secret("s3cret")
    assert "s3cret" not in block.fields["certificate"].reveal()


def test_pem_text_alone_fills_the_one_field_of_its_kind() -> None:
    key, other = (Field(name, name, secret=True, multiline=True) for name in ("private_key", "other"))
    certificate, secret = Field("certificate", "Certificate", multiline=True), Field("secret", "Secret", secret=True)
    block = read_field_block(f"{CERTIFICATE}\n{CERTIFICATE}\n{KEY}\n")

    assert block.pem_for([key, certificate, secret]) == {
        "private_key": Secret(private_key_in(KEY)),
        "certificate": Secret(certificates_in(CERTIFICATE) * 2),
    }
    assert block.pem_for([key, other, certificate]).keys() == {"certificate"}
    assert block.pem_for([secret]) == {}
    assert read_field_block("a=b").pem_for([key, certificate]) == {}
    assert "AAAA" not in repr(block)
