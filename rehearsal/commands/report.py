"""Report of an operation on the console: progress while it runs, then table, verdicts, outputs and time."""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from rehearsal.cloud.coverage import BY_ROW, Coverage, PropertyCoverage
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Event, Remediation, Step, Violation
from rehearsal.engine.operations import Result
from rehearsal.engine.policies.analyzer import Verdicts
from rehearsal.values import Asset, Reference, Secret, Value

_COLUMNS = {  # columns of a table of results, and the operations of the steps that each counts
    "imported": ("import",),
    "created": ("create",),
    "updated": ("update", "refresh"),
    "replaced": ("replace",),
    "same": ("same",),
    "deleted": ("delete",),
}


_TEXT_COLUMNS = (
    "asked by",
    "type",
    "known by",
    "component",
    "resource",
    "stack",
    "operation",
    "policies",
    "outcome",
    "drill",
    "what happens",
    "traffic",
    "moves by",
)
_PLAIN_WIDTH = 160  # characters: a log has no edge, but a table must end somewhere


class Report:
    """Writes to one console. Where that is no terminal there is plain text, and a line instead of a spinner."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True, emoji=False)
        if not self.console.is_terminal:
            self.console.width = _PLAIN_WIDTH
        self._turn = threading.Lock()  # stacks may be worked on side by side
        self._status: Status | None = None
        self._running: dict[str, str] = {}  # stack -> what is shown of its operation
        self._steps: Counter[str] = Counter()  # by stack

    # ---- progress

    @contextmanager
    def progress(self, operation: str, stack: str) -> Iterator[None]:
        """Shows the progress of an operation for as long as the context lasts."""
        doing = f"{stack}: {operation}"
        with self._turn:
            self._steps[stack] = 0
            self._running[stack] = doing
            if not self.console.is_terminal:
                self.console.print(f"{doing} ...")
            elif self._status is None:
                self._status = self.console.status(doing)
                self._status.start()
        try:
            yield
        finally:
            with self._turn:
                del self._running[stack]
                if self._status is not None and not self._running:
                    self._status.stop()
                    self._status = None

    def watch(self, stack: str, event: Event) -> None:
        """Shows an event as it happens."""
        if isinstance(event, Step):
            with self._turn:
                self._steps[stack] += 1
                if self._status is not None and stack in self._running:
                    doing = self._running[stack].partition("  ")[0]
                    at = f"{urns.type_of(event.urn)} {urns.name_of(event.urn)}"
                    self._running[stack] = f"{doing}  {self._steps[stack]} steps  {escape(at)}"
                    self._status.update("   ".join(self._running.values()))

    # ---- results

    def result(self, result: Result) -> None:
        """Shows the result of one operation on one stack."""
        print_ = self.console.print
        print_()
        print_(f"[bold]{result.stack}[/]  {result.operation}  {_outcome(result)}  {result.seconds:.1f} s")
        if result.steps:
            print_(_components(result))
        self._differences(result)
        self._diagnostics(result.events)
        if result.verdicts is not None:
            self._verdicts(result.verdicts)
            self._remediations(result.events)
        self._outputs(result)

    def summary(self, results: Sequence[Result]) -> None:
        """Shows a table of results, with one line for each operation."""
        columns = _columns(step for result in results for step in result.steps)
        table = new_table("stack", "operation", "resources", *columns, "policies", "seconds", "outcome")
        for result in results:
            counts = _counted(result.steps)
            policies = "" if result.verdicts is None else _policy_counts(result.verdicts)
            table.add_row(
                result.stack,
                result.operation,
                str(len(result.resources)),
                *(str(counts[column]) for column in columns),
                policies,
                f"{result.seconds:.1f}",
                _outcome(result),
            )
        self.console.print()
        self.console.print(table)

    def platform(self, violations: Sequence[Violation]) -> None:
        """Shows the violations of platform rules, which are about all stacks together."""
        self.console.print()
        self.console.print(f"[bold]all stacks[/]  platform rules: {len(violations) or 'none'} failed")
        for violation in violations:
            self._violation(violation.rule, violation)

    def stack(self, result: Result, *, show_urns: bool = False) -> None:
        """Shows the resources of a stack as a tree of names, with their URNs if asked for, and its outputs."""
        children = defaultdict(list)
        for resource in result.resources:
            children[resource.parent].append(resource)

        def show(parent: str, depth: int) -> None:
            for resource in sorted(children[parent], key=lambda r: (r.type, r.name)):
                marks = "  (protected)" if resource.protect else ""
                id_ = f"  {resource.id}" if resource.custom and not resource.is_provider else ""
                marks += "  (tainted)" if resource.taint else ""
                self.console.print(f"{'  ' * depth}{resource.type}  {resource.name}{escape(id_)}{marks}")
                if show_urns:
                    self.console.print(f"{'  ' * depth}  URN: {escape(resource.urn)}")
                show(resource.urn, depth + 1)

        self.console.print(f"[bold]{result.stack}[/]  {len(result.resources)} resources")
        show("", 1)
        self._outputs(result)

    def coverage(
        self,
        types: Mapping[str, tuple[int, Coverage]],
        properties: Mapping[tuple[str, str], PropertyCoverage],
    ) -> None:
        """Shows how the pretend cloud covers each type: one line for each, those without a row in its tables last.

        `judged` are the properties that the program sets, and those of them that somebody outside judges.
        """
        counts = [field.name for field in fields(Coverage) if field.name != "by"]
        table = new_table("type", "of it", "known by", *counts, "judged")
        for token, (number, known) in sorted(
            types.items(), key=lambda item: (item[1][1].by != BY_ROW, item[0])
        ):
            cells = [str(getattr(known, name) or "") for name in counts]
            own = [covered for (of, _), covered in properties.items() if of == token]
            judged = f"{sum(covered.judged for covered in own)} of {len(own)}" if own else ""
            table.add_row(re.sub(r"/\w+:", ":", token), str(number), known.by, *cells, judged)
        self.console.print()
        self.console.print(table)
        by = Counter(known.by for _, known in types.values())
        parts = ", ".join(f"{number} known by {how}" for how, number in sorted(by.items(), reverse=True))
        self.console.print(f"\n{len(types)} types of {sum(n for n, _ in types.values())} resources: {parts}")

    def judges(self, properties: Mapping[tuple[str, str], PropertyCoverage], *, each: bool) -> None:
        """Shows which share of the properties is judged from outside, by whom, and why the others aren't."""
        if each:
            table = new_table("type", "property", "judged by, or why not")
            for (token, path), covered in sorted(properties.items()):
                table.add_row(re.sub(r"/\w+:", ":", token), path, ", ".join(covered.judges) or covered.why)
            self.console.print()
            self.console.print(table)
        total = len(properties) or 1
        known = sum(covered.known for covered in properties.values())
        judged = sum(covered.judged for covered in properties.values())
        why = Counter(covered.why or "bounds" for covered in properties.values())
        parts = ", ".join(f"{number} {reason}" for reason, number in why.most_common())
        self.console.print(
            f"{len(properties)} properties of AWS: {known / total:.1%} known to a judge, "
            f"{judged / total:.1%} judged ({parts})"
        )

    def error(self, message: str) -> None:
        """Shows an error of the user's in one line."""
        self.console.print(f"[red]error:[/] {escape(message)}")

    def say(self, message: str) -> None:
        """Shows a line of plain text."""
        self.console.print(escape(message))

    # ---- parts

    def _differences(self, result: Result) -> None:
        for step in result.steps:
            changed = step.found if step.op == "refresh" else step.changed
            if step.op in ("delete", "import") or (step.op in ("update", "replace", "refresh") and changed):
                keys = ", ".join(f"{key} (replaces)" if key in step.replaces else key for key in changed)
                if result.operation != "destroy":
                    self.console.print(f"  {step.op}  {short(step.urn)}  {escape(keys)}")

    def _diagnostics(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Diagnostic):
                colour = {"error": "red", "warning": "yellow"}.get(event.severity, "dim")
                where = f"  {short(event.urn)}\n" if event.urn else ""
                self.console.print(f"[{colour}]{event.severity}:[/]{where or ' '}{_indented(event.message)}")

    def _verdicts(self, verdicts: Verdicts) -> None:
        self.console.print(f"policies: {_in_words(verdicts)}")
        for rule, violations in sorted(verdicts.failed.items()):
            for violation in violations:
                self._violation(rule, violation)
        for rule, where in sorted(verdicts.undecided.items()):
            some, more = ", ".join(sorted(where)[:3]), len(where) - 3
            shown = f"{some}, and {more} more" if more > 0 else some
            self.console.print(f"  undecided  {rule}  {escape(shown)}", style="dim")

    def _remediations(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Remediation):
                keys = escape(", ".join(event.changed))
                self.console.print(f"  [green]remediated[/]  {event.rule}  {short(event.urn)}  {keys}")

    def _violation(self, rule: str, violation: Violation) -> None:
        kind = "mandatory" if violation.mandatory else "advisory"
        severity = f", {violation.severity}" if violation.severity else ""
        self.console.print(f"  [red]failed[/]  {rule} ({kind}{severity})  {short(violation.urn)}")
        self.console.print(_indented(violation.message))

    def _outputs(self, result: Result) -> None:
        if result.outputs:
            self.console.print("outputs:")
        for name, value in sorted(result.outputs.items()):
            self.console.print(f"  {name}: {escape(_shown(value))}")


def _components(result: Result) -> Table:
    """Table of the steps, grouped by the component that each resource is, or is part of."""
    columns = _columns(result.steps)
    table = new_table("component", "resources", *columns)
    groups: dict[str, list[Step]] = defaultdict(list)
    for step in result.steps:
        groups[result.owners.get(step.urn, "")].append(step)
    for owner, steps in sorted(groups.items(), key=lambda group: short(group[0])):
        counts = _counted(steps)
        of = len({step.urn for step in steps})
        table.add_row(short(owner), str(of), *(str(counts[column] or "") for column in columns))
    return table


def new_table(*columns: str) -> Table:
    """Table with these columns; numbers are aligned to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        words = column in _TEXT_COLUMNS
        table.add_column(column, justify="left" if words else "right", no_wrap=True)
    return table


def _columns(steps: Iterable[Step]) -> list[str]:
    """Columns of a table of these steps: that of imports only if there are any."""
    imported = any(step.op in _COLUMNS["imported"] for step in steps)
    return [column for column in _COLUMNS if imported or column != "imported"]


def _counted(steps: Iterable[Step]) -> Counter[str]:
    ops = Counter(step.op for step in steps)
    return Counter({column: sum(ops[op] for op in of) for column, of in _COLUMNS.items()})


def _outcome(result: Result) -> str:
    return "[red]failed[/]" if result.failed else "[green]ok[/]"


def _in_words(verdicts: Verdicts) -> str:
    words = (
        f"{len(verdicts.passed)} passed, {len(verdicts.failed)} failed, {len(verdicts.undecided)} undecided"
    )
    return words + (f", {len(verdicts.elsewhere)} decided over all stacks" if verdicts.elsewhere else "")


def _policy_counts(verdicts: Verdicts) -> str:
    return f"{len(verdicts.passed)} / {len(verdicts.failed)} / {len(verdicts.undecided)}"


def short(urn: str) -> str:
    """Type and name of a resource, for the console."""
    return escape(f"{urns.type_of(urn)} {urns.name_of(urn)}") if urn else "(no component)"


def _indented(text: str) -> str:
    return escape("\n".join(f"    {line}" for line in text.splitlines()))


def _shown(value: Value) -> str:
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Reference):
        return value.urn
    return "(a file)" if isinstance(value, Asset) else str(value)
