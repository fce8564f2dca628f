"""The embedded engine and the CLI's over the same cloud, on the same stacks: seconds from nothing to all of it.

Each stack is one command, `up` without preview and policies, and what starting that takes is counted for both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.platforms import REGIONS, platform
from tests.engine.real import environment
from tests.stacks.platform import ROOT


def embedded(cells: int, folder: Path) -> float:
    """Seconds of the embedded engine."""
    program = platform(folder / "program", cells)
    command = _rehearsal(program, folder / "state")
    return sum(_seconds([*command, "up", "--skip-preview", stack], os.environ) for stack in _stacks(cells))


def real(cells: int, folder: Path) -> float:
    """Seconds of the CLI's engine, attached to the pretend cloud."""
    program, env = platform(folder / "program", cells), environment(folder / "home")
    run = [*_rehearsal(program, folder / "state"), "attach", "--", "pulumi"]
    seconds = 0.0
    for stack in _stacks(cells):
        _seconds([*run, "stack", "init", stack, "--non-interactive"], env)
        up = [*run, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack]
        seconds += _seconds(up, env)
    return seconds


def _stacks(cells: int) -> list[str]:
    return [*REGIONS[:cells], "global"]


def _rehearsal(program: Path, state: Path) -> list[str]:
    return [sys.executable, "-m", "rehearsal", "-C", str(program), "--state", str(state), "--no-policies"]


def _seconds(command: Sequence[str], env: Mapping[str, str]) -> float:
    """How long a command takes, which must succeed: else its last words end the process."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.monotonic() - began
