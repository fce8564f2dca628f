"""Benchmark of the embedded engine and the CLI's over the same cloud: seconds from nothing to all of the same stacks.

Each stack is one update, without preview and policies.
"""

from __future__ import annotations

from pathlib import Path

from rehearsal.cli_engine import CliEngine
from rehearsal.engine.operations import Engine
from rehearsal.project import Project
from rehearsal.release import release
from tests.bench.lifecycle import passed
from tests.bench.platforms import platform
from tests.stacks.platform import engine


def embedded(cells: int, folder: Path) -> float:
    """Seconds of the embedded engine."""
    with engine(folder / "state", platform(folder / "program", cells), warm=False) as opened:
        return _seconds(opened)


def real(cells: int, folder: Path) -> float:
    """Seconds of the CLI's engine."""
    with CliEngine(Project.read(platform(folder / "program", cells)), folder / "home") as opened:
        return _seconds(opened)


def _seconds(opened: Engine) -> float:
    first = _round(opened)
    release(opened)
    return first + _round(opened)


def _round(opened: Engine) -> float:
    return sum(
        passed(opened.update(stack, opened.project.config(stack, {}))).seconds for stack in opened.stacks()
    )
