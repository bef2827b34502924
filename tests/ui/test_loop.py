from __future__ import annotations

import subprocess
import sys

import pytest

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


CROWD = """
import asyncio, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tokendeck.ui.loop import SLICE_S, run

application = QApplication([])
done = []

def work():
    end = time.perf_counter() + SLICE_S / 2
    while time.perf_counter() < end:
        pass
    done.append("work")

async def main():
    loop = asyncio.get_running_loop()
    QTimer.singleShot(0, lambda: done.append("paint"))
    for _ in range(20):
        loop.call_soon(work)
    loop.call_soon(done.append, "never").cancel()
    ended = loop.create_future()
    loop.call_soon(ended.set_result, None)
    await ended

run(application, main())
print(len(done), done.index("paint") < 10, done.count("never"))
"""

THREADS = """
import asyncio, threading
from PySide6.QtWidgets import QApplication
from tokendeck.ui.loop import run

application = QApplication([])
said = []

async def main():
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def speak():
        for number in range(5000):
            loop.call_soon_threadsafe(said.append, number)
        loop.call_soon_threadsafe(ended.set_result, None)

    thread = threading.Thread(target=speak)
    thread.start()
    await ended
    thread.join()
    woken = loop.create_future()
    threading.Timer(0.01, loop.call_soon_threadsafe, (woken.set_result, None)).start()
    await woken

run(application, main())
print(said == list(range(5000)))
"""

CLOSED = """
from PySide6.QtWidgets import QApplication
from tokendeck.ui.loop import SlicedLoop

application = QApplication([])
loop = SlicedLoop(application)
loop.call_soon(print, "called")
loop.close()
application.processEvents()
print("closed")
"""


@pytest.mark.parametrize(
    ("program", "said"),
    [(CROWD, "21 True 0\n"), (THREADS, "True\n"), (CLOSED, "closed\n")],
    ids=[
        "qt_has_its_turn_amid_a_crowd_of_callbacks",
        "other_threads_are_heard_in_order_and_wake_it",
        "a_closed_loop_calls_nothing",
    ],
)
def test_callbacks_are_called_in_slices(program: str, said: str) -> None:
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, said, "")
