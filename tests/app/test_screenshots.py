from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ("empty", "main", "add", "sign-in", "locked")


def test_the_documentations_pictures_are_taken_light_and_dark(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}

    subprocess.run(
        [sys.executable, "-m", "tokendeck.app.screenshots", str(tmp_path)],
        env=environment,
        capture_output=True,
        timeout=50,
        check=True,
    )

    pictures = {path.stem: QImage(str(path)) for path in tmp_path.iterdir()}
    assert pictures.keys() == {f"{page}-{scheme}" for page in PAGES for scheme in ("light", "dark")}
    for name, picture in pictures.items():
        corner = picture.pixelColor(picture.width() - 4, 4)
        assert (corner.lightnessF() > 0.5) is name.endswith("light"), name
        colors = {picture.pixel(x, y) for x in range(0, picture.width(), 9) for y in range(0, picture.height(), 9)}
        assert len(colors) > 20, name
