"""
Hold each room to its floor of covered lines and branches.

Reads the data that the tests just left, and lists what the rooms under their floor miss.
"""

import json
import subprocess
import sys
from pathlib import Path, PurePath
from typing import Any

# Percent of lines and branches together. The first five stay whole; the others may only rise.
FLOORS = {
    "core": 100.0,
    "engine": 100.0,
    "oauth": 100.0,
    "providers": 100.0,
    "storage": 100.0,
    "app": 97.0,
    "cli": 99.0,
    "sandbox": 100.0,
    "ui": 97.0,
}


def main() -> int:
    if sys.platform != "linux":
        print("Coverage is judged on Linux, where every keyring and display test can run.")
        return 0
    report = json.loads(_coverage("json", "--quiet", "-o", "-"))
    complaints = judge(report["files"])
    if complaints:
        rooms = ",".join(f"gui/tokendeck/{complaint.split(':')[0]}/*" for complaint in complaints)
        print(_coverage("report", "--show-missing", "--skip-covered", f"--include={rooms}"))
    print("\n".join(complaints) or "Every room is at its floor or above.")
    return int(bool(complaints))


def _coverage(*arguments: str) -> str:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout


def judge(files: dict[str, Any]) -> list[str]:
    """Give one complaint for each room without a floor, missing, or under its floor, from coverage's JSON report."""
    rooms: dict[str, dict[str, Any]] = {}
    for path, measured in files.items():
        rooms.setdefault(_room(path), {})[path] = measured
    complaints = [f"{room}: has no floor in {Path(__file__).name}" for room in sorted(rooms.keys() - FLOORS.keys())]
    for room, floor in FLOORS.items():
        percent = _percent(rooms.get(room, {}))
        if room not in rooms:
            complaints.append(f"{room}: not measured")
        elif percent < floor:
            complaints.append(f"{room}: {percent:.2f} % of lines and branches, {floor:g} % wanted")
        elif floor < 100.0:
            print(f"{room}: {percent:.2f} % of lines and branches, {floor:g} % wanted")
    return complaints


def _room(path: str) -> str:
    """Give the room of a file; modules beside the rooms belong to app."""
    parts = PurePath(path).parts
    below = parts[parts.index("tokendeck") + 1 :]
    return below[0] if len(below) > 1 else "app"


def _percent(files: dict[str, Any]) -> float:
    summaries = [measured["summary"] for measured in files.values()]
    there = sum(summary["num_statements"] + summary["num_branches"] for summary in summaries)
    covered = sum(summary["covered_lines"] + summary["covered_branches"] for summary in summaries)
    return 100.0 * covered / there if there else 100.0


if __name__ == "__main__":
    sys.exit(main())
