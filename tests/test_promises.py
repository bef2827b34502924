"""The list of promises tells which are kept, and nothing passes that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises import BROKEN, KEPT, LATER, UNPROVEN, Promise, Proofs, read_promises

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parent.parent
SIGNED_IN = Promise(13, "Listens on loopback", "B", comes_with="signing in")
DURABLE = Promise(2, "Durable", "A")

SUBJECTS = """
import pytest

@pytest.mark.promise(2)
@pytest.mark.parametrize("one", ["a::b", "c[d]"])
def test_durable(one):
    pass

@pytest.mark.promise(25)
def test_asked_once():
    assert False

@pytest.mark.promise(6)
@pytest.mark.promise(7)
@pytest.mark.skip
def test_elsewhere():
    pass
"""


def test_every_number_is_there_once_and_has_a_title() -> None:
    promises = read_promises()

    assert list(promises) == list(range(1, 50))
    assert all(promise.title for promise in promises.values())


@pytest.mark.parametrize(
    ("promise", "outcomes", "verdict"),
    [
        (DURABLE, [], UNPROVEN),
        (DURABLE, ["skipped"], UNPROVEN),
        (DURABLE, ["passed", "skipped"], KEPT),
        (DURABLE, ["passed", "failed"], BROKEN),
        (SIGNED_IN, [], LATER),
        (SIGNED_IN, ["passed"], LATER),
        (SIGNED_IN, ["failed"], BROKEN),
    ],
)
def test_a_promise_is_kept_when_a_test_passed_and_none_failed(
    promise: Promise, outcomes: list[str], verdict: str
) -> None:
    proofs = Proofs()

    for outcome in outcomes:
        proofs.note(promise.number, "test_it", outcome)

    assert proofs.verdict(promise) == verdict
    assert proofs.unkept([promise]) == ([promise] if verdict in {UNPROVEN, BROKEN} else [])


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_run_lists_every_promise_with_its_tests(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    done = _run(pytester, monkeypatch, SUBJECTS, *workers)

    lines = [line.split() for line in done.outlines]
    verdicts = {words[0]: words[1] for words in lines if words and words[0].isdigit() and len(words) > 3}
    assert verdicts["2"] == "kept"
    assert verdicts["25"] == "BROKEN"
    assert verdicts["6"] == verdicts["7"] == "NO"
    assert verdicts["48"] == "later"
    assert len(verdicts) == 49
    assert any(words[:2] == ["2", "passed"] and words[2].endswith("::test_durable") for words in lines)
    assert done.ret == pytest.ExitCode.TESTS_FAILED


def test_a_promise_without_a_test_fails_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run(pytester, monkeypatch, "def test_fine():\n    pass\n")

    assert done.ret == pytest.ExitCode.TESTS_FAILED


def test_a_number_that_nobody_promised_stops_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _run(pytester, monkeypatch, "import pytest\n@pytest.mark.promise(50)\ndef test_it():\n    pass\n")

    assert done.ret == pytest.ExitCode.USAGE_ERROR


def test_where_they_only_have_to_be_kept_those_that_are_not_are_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _run(pytester, monkeypatch, SUBJECTS, asked="--keep-promises")

    text = done.stdout.str()
    assert "BROKEN   25: " in text
    assert "NO TEST  6: " in text
    assert "::test_durable" not in text
    assert done.ret == pytest.ExitCode.TESTS_FAILED


def _run(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    subjects: str,
    *arguments: str,
    asked: str = "--promises",
) -> pytest.RunResult:
    pytester.makeconftest('pytest_plugins = ["tests.promises"]')
    file = pytester.makepyfile(subjects)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    settings = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(pytester.path), "-p", "no:cacheprovider")
    return pytester.runpytest_subprocess(*settings, asked, *arguments, str(file))
