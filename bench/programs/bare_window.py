"""The baseline of the window: an empty table of PySide6, and nothing else."""

import sys

from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget

application = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QTableWidget(0, 4))
window.resize(1320, 760)
window.show()
sys.exit(application.exec())
