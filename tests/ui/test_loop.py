from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
from tokendeck.ui.loop import run

class Window(QWidget):
    closed = Signal()
    def closeEvent(self, event):
        super().closeEvent(event)
        self.closed.emit()

application = QApplication([])
window = Window()

async def main():
    closing = asyncio.Event()
    window.closed.connect(closing.set)
    window.show()
    asyncio.get_running_loop().call_soon(window.close)
    await closing.wait()
    for _ in range(3):
        await asyncio.sleep(0.001)
    return "drained"

print(run(application, main()))
"""


def test_closing_the_window_lets_the_main_coroutine_drain_before_the_loop_ends() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=30)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "drained\n", "")
