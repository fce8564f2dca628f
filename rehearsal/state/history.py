"""History of operations: a file of JSON lines in the state folder, one for each operation that changed something.

A line is added by one system call at the end of an operation. Previews aren't kept, and state edits neither.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "history.jsonl"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One operation: its kind, in the CLI's words, when it began, how long it took, its result and its steps."""

    stack: str
    kind: str
    began: float  # seconds since 1970
    seconds: float
    result: str  # succeeded or failed
    changes: Mapping[str, int]  # number of steps by operation


def append(folder: Path, entry: Entry) -> None:
    """Adds an entry to the history of a state folder."""
    line = json.dumps(vars(entry)).encode() + b"\n"
    file = os.open(folder / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def read(folder: Path, stack: str) -> list[Entry]:
    """Entries of a stack, the first one first. A line that a kill cut off is passed over."""
    file = folder / FILE
    entries = []
    for line in file.read_text().splitlines() if file.exists() else ():
        with suppress(ValueError):
            entries.append(Entry(**json.loads(line)))
    return [entry for entry in entries if entry.stack == stack]
