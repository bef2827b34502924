from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tokendeck.cli.errors import Mistyped
from tokendeck.cli.secret_fields import read_fields
from tokendeck.cli.secret_files import read_passphrase, read_text, warning_of
from tokendeck.core.provider import Field
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n"


def test_secrets_are_read_by_key() -> None:
    assert read_fields("client_secret='a b'\nother=c", ()) == {"client_secret": Secret("a b"), "other": Secret("c")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key=fine\nhunter2-and-nothing-else", "Line 2"),
        ("key='hunter2", "line 1"),
        ('key="hunter2', "line 1"),
        ("key='hunter2'hunter2", "line 1"),
        ('{"key": "hunter2"', "not one"),
        ('{"key": ["hunter2"]}', "key is no text"),
        ('{"key": true}', "key is no text"),
        ('{"key": null}', "key is no text"),
    ],
)
def test_what_cannot_be_read_is_placed_and_never_repeated(text: str, said: str) -> None:
    with pytest.raises(Mistyped) as caught:
        read_fields(text, ())

    (sentence,) = caught.value.sentences
    assert said in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (b"correct horse\n", "correct horse"),
        (b"correct horse\r\n", "correct horse"),
        (b"correct horse", "correct horse"),
        (b" correct horse \n\n", " correct horse \n"),
        (b"\xef\xbb\xbfcorrect horse\n", "correct horse"),
        ("pässwört\n".encode(), "pässwört"),
    ],
)
def test_one_newline_at_the_end_is_no_part_of_the_passphrase(tmp_path: Path, content: bytes, passphrase: str) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(content)

    assert read_passphrase(file).reveal() == passphrase


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "UTF-8"), (b"x" * 1048577, "1 MiB")]
)
def test_a_passphrase_file_of_no_use_is_named_with_the_reason(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(content)

    with pytest.raises(Mistyped, match=said) as caught:
        read_passphrase(file)

    assert str(file) in caught.value.sentences[0]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
@pytest.mark.parametrize(("mode", "is_open"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_passphrase_file_that_others_can_reach_is_told_of(tmp_path: Path, mode: int, *, is_open: bool) -> None:
    file = tmp_path / "pass phrase"
    file.touch()
    file.chmod(mode)

    warning = warning_of(file)

    assert bool(warning) is is_open
    assert not is_open or warning.endswith(f"(mode {mode:o}): chmod go-rwx '{file}'")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_a_pipe_lies_open_to_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o644)

    assert warning_of(tmp_path / "pipe") == ""


def test_a_missing_file_is_named_with_the_systems_reason(tmp_path: Path) -> None:
    with pytest.raises(Mistyped, match=r"secrets file .*absent.* cannot be read: No such file"):
        read_text(tmp_path / "absent", "secrets file")


def test_pem_text_alone_goes_to_the_fields_that_want_some() -> None:
    fields = (
        Field("private_key", "Key", secret=True, multiline=True),
        Field("certificate", "Certificate", multiline=True),
    )

    assert read_fields(f"client_secret=a\n{CERTIFICATE}{KEY}", fields) == {
        "client_secret": Secret("a"),
        "certificate": Secret(CERTIFICATE),
        "private_key": Secret(KEY),
    }


def test_pem_text_that_no_field_wants_is_not_dropped_in_silence() -> None:
    with pytest.raises(Mistyped, match="put KEY= before its first line"):
        read_fields(KEY, ())
