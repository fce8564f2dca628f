"""Report of a drill on the console: its scenes, the plans of each stack, and the times of traffic shifts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.markup import escape

from rehearsal.commands.report import Report, new_table, short
from rehearsal.drills.drill import Drill, Scene
from rehearsal.drills.judge import Finding
from rehearsal.drills.runner import JudgedScene, StackOutcome
from rehearsal.drills.timeline import RecoveryTime
from rehearsal.engine import urns
from rehearsal.engine.operations import Result

_WORDS: Final = {
    "replaces": "would be replaced",
    "deletes": "would be deleted",
    "detaches": "would be detached",
    "changes": "would change, and nobody expects it",
    "misses": "should have been planned, and isn't",
    "unprotected": "isn't protected",
    "fails": "failed",
    "stays": "stays healthy",
    "leaves": "turns unhealthy",
}


class DrillReport:
    """Report of drills, on the console of a report."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def drills(self, drills: Iterable[Drill]) -> None:
        """Lists all drills."""
        listed = new_table("drill", "what happens")
        for drill in drills:
            listed.add_row(f"{drill.name} {drill.parameter.upper()}".strip(), drill.description)
        self.report.console.print(listed)

    def begins(self, drill: Drill, argument: str) -> None:
        """Shows the head of a drill."""
        self.report.console.print(f"\n[bold]{drill.name}[/] {escape(argument)}  {escape(drill.description)}")

    def happens(self, scene: Scene) -> None:
        """Shows what a scene changes, before the stacks are refreshed."""
        self.report.console.print(f"\n[bold]>[/] {escape(scene.description)}")

    def scene(self, played: JudgedScene) -> None:
        """Shows what every stack would do after a scene."""
        for look in played.outcomes:
            self._look(look)
        for instruction in played.scene.manual_steps:
            self.report.console.print(
                f"  [yellow]by hand[/]: {short(instruction.urn)}: {escape(instruction.instructions)}"
            )

    def _look(self, look: StackOutcome) -> None:
        print_ = self.report.console.print
        if look.excluded:
            print_(f"  {look.stack}: refreshed without {len(look.excluded)} resources that can't be read:")
            for urn in look.excluded:
                print_(f"    --exclude '{escape(urn)}'")
        outcome = "[red]failed[/]" if look.findings else "[green]ok[/]"
        print_(f"  {look.stack}: {_found(look.refreshed)}{_plans(look.previewed)}  {outcome}")
        for finding in look.findings:
            self._finding(finding)

    def _finding(self, finding: Finding) -> None:
        where = short(finding.urn) if finding.urn else finding.stack
        says = f": {escape(finding.detail)}" if finding.detail else ""
        self.report.console.print(f"    [red]{where} {_WORDS[finding.kind]}[/]{says}")

    def timeline(self, rows: Sequence[RecoveryTime]) -> None:
        """Shows how long each traffic class takes to move, and the sources of the figures."""
        print_ = self.report.console.print
        print_()
        if not rows:
            print_("timeline: no traffic class moves")
            return
        times = new_table("traffic", "moves by", "detection s", "shift s", "sum s", "budget s", "outcome")
        for row in rows:
            times.add_row(
                row.traffic.description,
                row.traffic.mechanism,
                *(
                    "-" if seconds is None else str(seconds)
                    for seconds in (row.detection, row.shift, row.seconds, row.budget)
                ),
                _outcome(row),
            )
        print_(times)
        for row in rows:
            if row.source:
                urn, _, path = row.where.partition(" ")
                print_(
                    f"  {row.traffic.description}: {escape(row.source)}  ({short(urn)}{f' {path}' if path else ''})"
                )

    def summary(self, held: Mapping[str, bool]) -> None:
        """Shows one line for each drill, with whether it held."""
        listed = new_table("drill", "outcome")
        for label, ok in held.items():
            listed.add_row(label, "[green]ok[/]" if ok else "[red]failed[/]")
        self.report.console.print()
        self.report.console.print(listed)


def _outcome(row: RecoveryTime) -> str:
    if row.seconds is None:
        return "nothing that is up declares it"
    if row.over:
        return "[red]over[/]" if row.fails else f"over; its budget waits for {row.traffic.waits_for}"
    return "[green]ok[/]" if row.budget is not None else "no budget"


def _found(refreshed: Result | None) -> str:
    if refreshed is None:
        return ""
    changed = [step for step in refreshed.steps if step.changed or step.op == "delete"]
    shown = [
        f"{urns.name_of(step.urn)} {', '.join(step.changed) if step.changed else 'is gone'}"
        for step in changed
    ]
    return f"read anew: {escape('; '.join(shown)) or 'nothing new'}. "


def _plans(result: Result | None) -> str:
    if result is None:
        return ""
    steps = [step for step in result.steps if step.op not in ("same", "read")]
    verb = "would" if result.operation == "preview" else "did"
    shown = [f"{step.op} {urns.name_of(step.urn)} {', '.join(step.changed)}".rstrip() for step in steps]
    if result.operation == "destroy":
        shown = [f"delete {len(steps)} resources"]
    return f"{result.operation}: {verb} {escape('; '.join(shown)) or 'change nothing'}."
