"""PySide6 6.12.0 on Python 3.11 loses a reference with every turn of the loop, until the process dies."""

from __future__ import annotations

import subprocess
import sys

# Each turn sends None, True and False, the objects whose references are lost, through a signal. 6.12.0 dies after some
# thousands of turns: "Fatal Python error: none_dealloc" or "bool_dealloc".
PROGRAM = """
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

class Emitter(QObject):
    turned = Signal(object)

app = QCoreApplication([])
emitter = Emitter()
turns = 0

def turn():
    global turns
    turns += 1
    for value in (None, True, False):
        emitter.turned.emit(value)
    if turns == 20_000:
        app.quit()

emitter.turned.connect(lambda value: None)
timer = QTimer(interval=0)
timer.timeout.connect(turn)
timer.start()
app.exec()
print(turns)
"""


def test_the_loop_turns_20000_times_without_the_process_dying() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=50, check=False)

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "20000", "")
