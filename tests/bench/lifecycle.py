"""Lifecycle of a platform, policies on: up, and down again. `python -m tests.bench.lifecycle CELLS FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from rehearsal.commands.takedown import takedown_order
from rehearsal.engine.events import Step
from rehearsal.engine.operations import Result
from rehearsal.release import release
from tests.bench.platforms import pack, platform
from tests.stacks.platform import engine


def passed(result: Result) -> Result:
    """Result of an operation; ends the process with the last event if it failed."""
    if result.failed:
        told = [event for event in result.events if not isinstance(event, Step)]
        sys.exit(f"{result.stack}: {result.operation} failed: {told[-1] if told else 'for no reason told'}")
    return result


def up_and_down(cells: int, folder: Path) -> None:
    """Brings a platform of so many cells up, and takes it down as docs/operations.md says."""
    program = platform(folder / "program", cells)
    with engine(folder / "state", program, pack(folder, cells), warm=False) as opened:
        for stack in opened.stacks():
            config = opened.project.config(stack, {})
            passed(opened.preview(stack, config))
            passed(opened.update(stack, config))
        release(opened)
        for stack in opened.stacks():
            passed(opened.update(stack, opened.project.config(stack, {})))
        for stack, facts in takedown_order(opened.project, opened.stacks()):
            retired = {**facts, "castle:retire": "true"}
            passed(opened.update(stack, opened.project.config(stack, retired)))
            passed(opened.destroy(stack))
        if left := opened.cloud.living():
            sys.exit(f"{len(left)} things are left, for example {left[0].urn}")


if __name__ == "__main__":
    up_and_down(int(sys.argv[1]), Path(sys.argv[2]))
