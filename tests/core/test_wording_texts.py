from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tokendeck.core.wording

FILES = sorted(Path(tokendeck.core.wording.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_text_can_be_extracted_for_translators(file: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if _translates(node)]

    for call in calls:
        assert isinstance(call, ast.Call)
        context, text = call.args
        assert isinstance(context, ast.Constant)
        assert context.value == "Wording"
        assert isinstance(text, ast.Constant), f"line {call.lineno}: lupdate reads literals only"


def _translates(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name == "translate"
