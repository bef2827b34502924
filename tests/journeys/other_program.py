"""Another program on the same display, which reads and writes the clipboard; run by its file."""

from __future__ import annotations

import json
import sys

from PySide6.QtWidgets import QApplication


def main() -> None:
    """Answer a JSON line with one: `null` asks what pasting gives, by format; text is copied."""
    application = QApplication(sys.argv)
    clipboard = application.clipboard()
    for line in sys.stdin:
        application.processEvents()
        text = json.loads(line)
        if text is not None:
            clipboard.setText(text)
        data = clipboard.mimeData()
        held = {name: bytes(data.data(name).data()).decode(errors="replace") for name in data.formats()}
        application.processEvents()
        sys.stdout.write(f"{json.dumps(held)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
