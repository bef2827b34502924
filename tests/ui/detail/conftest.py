from __future__ import annotations

from tests.ui.desk import desk

__all__ = ["desk"]
