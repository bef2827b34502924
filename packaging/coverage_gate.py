"""
Hold each room to its floor of covered lines and branches.

Reads the data that the tests just left; says which lines and branches are missing where a room is under its floor.
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
    "app": 0.0,
    "cli": 0.0,
    "sandbox": 0.0,
    "ui": 0.0,
}


def main() -> int:
    if sys.platform != "linux":
        print("Coverage is judged on Linux, where every keyring and display test can run.")
        return 0
    command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", "-"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    complaints = judge(report["files"])
    print("\n".join(complaints) or "Every room is at its floor or above.")
    return int(bool(complaints))


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
            complaints += _missing(rooms[room])
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


def _missing(files: dict[str, Any]) -> list[str]:
    complaints = []
    for path, measured in sorted(files.items()):
        lines = ", ".join(map(str, measured["missing_lines"]))
        branches = ", ".join(f"{start}->{end}" for start, end in measured["missing_branches"])
        if lines or branches:
            complaints.append(f"    {path}: lines [{lines}] branches [{branches}]")
    return complaints


if __name__ == "__main__":
    sys.exit(main())
