"""Peak memory of a process and all its descendants, as Linux counts it.

The figure is the sum of their proportional set sizes: a page that several processes share, as the engine's forks
do with the SDK, counts once in the sum, and not once for each.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

PROC = Path("/proc")
_PAUSE = 0.1  # seconds between two looks


def peak(command: Sequence[str], folder: Path) -> tuple[int, int]:
    """Runs a command. Returns the most bytes that it and its descendants had at once, and its exit status."""
    most = 0
    with subprocess.Popen(command, cwd=folder) as process:
        while process.poll() is None:
            most = max(most, sum(map(proportional, family(process.pid))))
            try:
                process.wait(_PAUSE)
            except subprocess.TimeoutExpired:
                continue
    return most, process.returncode


def proportional(process: int) -> int:
    """Proportional set size of a process, in bytes; 0 for one that has ended."""
    try:
        lines = (PROC / str(process) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def family(process: int) -> list[int]:
    """Ids of a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.glob("[0-9]*"):
        try:
            # The command stands in parentheses, and may hold anything; the parent is the second field after it.
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found = [process]
    for known in found:  # grows meanwhile
        found += children.get(known, [])
    return found
