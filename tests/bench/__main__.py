"""Benchmarks of the rehearsal, with 3, 6 and 12 cells: `make bench`. To run by hand, alone on the machine.

Every figure is of this one run. Platforms past AWS's limits have cells without the ledger (more than 11) and
without the global cache (more than 3). Peering is a full mesh, so resources grow faster than cells: look at the
time per resource, and at its ratio to that of the smallest platform.

After the table comes one line for each other figure: those in `LINES`. Arguments are names of what is wanted, all if
none is named, and numbers of cells: `python -m tests.bench rates preview 3 6`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import engines, matcher, memory, platforms, policy_pack, rates
from tests.bench.preview import previews
from tests.stacks.platform import ROOT, engine

ALLOWED = 1024  # MiB of memory for 12 cells


def rates_table(sizes: list[int], console: Console) -> Table:
    """Table with one row for each platform."""
    table = Table(title="resources per second, and the whole of make rehearse")
    for column in (
        "cells",
        "resources",
        "/s without policies",
        "/s with",
        "rehearse, s",
        "ms a resource",
        "ratio",
    ):
        table.add_column(column, justify="right")
    first: rates.Figures | None = None
    for cells in sizes:
        console.print(f"{cells} cells ...")
        with tempfile.TemporaryDirectory() as folder:
            found = rates.measured(cells, Path(folder))
        console.print(
            f"  {found.resources} resources, {found.bare:.1f} s, {found.judged:.1f} s, {found.whole:.1f} s"
        )
        first = first or found
        table.add_row(
            str(found.cells),
            str(found.resources),
            f"{found.resources / found.bare:.0f}",
            f"{found.resources / found.judged:.0f}",
            f"{found.whole:.1f}",
            f"{found.per_resource:.1f}",
            f"{found.per_resource / first.per_resource:.2f}",
        )
    return table


def memory_line(sizes: list[int]) -> str:
    """Peak memory of the largest platform."""
    cells = max(sizes)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.lifecycle", str(cells), folder]
        most, status = memory.peak(command, ROOT)
    if status:
        sys.exit(f"{cells} cells didn't come up and go down; see above")
    return (
        f"memory: at most {most / 2**20:.0f} MiB at once in all processes together, {cells} cells up and destroyed "
        f"with policies; pages that are shared count once; {ALLOWED} MiB are allowed for 12 cells"
    )


def engines_line(sizes: list[int]) -> str:
    """Seconds of the embedded engine beside the CLI's, on the smallest platform."""
    cells = min(sizes)
    with tempfile.TemporaryDirectory() as folder:
        ours = engines.embedded(cells, Path(folder))
    said = f"engines: {cells} cells from nothing, one command a stack, no policies: the embedded one {ours:.1f} s"
    if shutil.which("pulumi") is None:
        return f"{said}; there is no Pulumi CLI on PATH to compare it with"
    with tempfile.TemporaryDirectory() as folder:
        theirs = engines.real(cells, Path(folder))
    return f"{said}, the CLI's {theirs:.1f} s"


def checks_line(sizes: list[int]) -> str:
    """Cost of the cloud's checks and refusals, on the smallest platform."""
    cells = min(sizes)
    seconds, resources = {}, 0
    for strict in (False, True):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            program = platforms.platform(folder / "program", cells)
            with engine(folder / "state", program, strict=strict, warm=False) as opened:
                seconds[strict], resources = rates.updated(opened, opened.stacks(), preview=False)
    cost = (seconds[True] - seconds[False]) / resources * 1000
    return (
        f"checks: {cells} cells from nothing, no policies: {seconds[False]:.1f} s without any check, "
        f"{seconds[True]:.1f} s with all of them, {cost:.2f} ms a resource; twice the time is allowed"
    )


TABLE = "rates"
LINES: dict[str, Callable[[list[int]], str]] = {
    "preview": previews.preview_line,
    "checks": checks_line,
    "engines": engines_line,
    "memory": memory_line,
    "policies": policy_pack.policies_line,
    "book": matcher.book_line,
    "handler": matcher.handler_line,
}


def main() -> None:
    console = Console(highlight=False)
    sizes = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()] or [3, 6, 12]
    wanted = [argument for argument in sys.argv[1:] if not argument.isdecimal()] or [TABLE, *LINES]
    if unknown := [name for name in wanted if name not in {TABLE, *LINES}]:
        sys.exit(f"{unknown[0]}: there is no such benchmark; there are {', '.join([TABLE, *LINES])}")
    if TABLE in wanted:
        console.print(rates_table(sizes, console))
    for name, line in LINES.items():
        if name in wanted:
            console.print(line(sizes))


if __name__ == "__main__":
    main()
