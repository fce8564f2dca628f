"""A mutation for each rule, and the score: `make mutations`.

Brings the platform up, makes every mutation of the table again, and searches anew where one doesn't hold any more
(with `--anew` for all). Writes the table; exits with 1 unless every rule finds a mutation that no other rule finds,
or that others find for a reason.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from controls.language.rules import Rule, Scope
from controls.pack import registry
from controls.pack.coverage import SEVERITIES
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rehearsal.cloud import Cloud
from rehearsal.cloud.types.schema import Schemas
from tests.mutations import table, worlds
from tests.mutations.judging import Judge
from tests.mutations.search import Searcher
from tests.mutations.table import Judges, Row
from tests.stacks.platform import ROOT, brought_up

SCHEMAS = ROOT / ".cache" / "schema"


def searched(rules: Mapping[str, Rule], known: Mapping[str, Row], console: Console) -> dict[str, Row]:
    """A row for each rule for which there is one; those that are known and still hold stay as they are."""
    with tempfile.TemporaryDirectory() as folder, console.status("bringing the platform up"):
        judges = Judges(Judge(worlds.program(brought_up(Path(folder)))), Cloud({}, SCHEMAS))
    searcher = Searcher(judges, Schemas(SCHEMAS))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    rows: dict[str, Row] = {}
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=len(rules))
        for name, rule in rules.items():
            progress.update(task, description=name)
            row = known.get(name)
            if row is None or not table.holds(row, judges):
                row = searcher.search(rule)
            if row is not None:
                rows[name] = row
            progress.advance(task)
    return rows


def score(rules: Mapping[str, Rule], wrong: Mapping[str, str]) -> Table:
    """Counts of the rules that find a mutation, by scope and severity."""
    right = Counter((rule.scope, rule.severity.value) for rule in rules.values() if rule.name not in wrong)
    asked = Counter((rule.scope, rule.severity.value) for rule in rules.values())
    shown = Table(title="rules that find a mutation")
    for column in ("", *SEVERITIES[:3], "all"):
        shown.add_column(column, justify="right" if column else "left")
    for scope in Scope:
        cells = [(right[scope, it], asked[scope, it]) for it in SEVERITIES[:3]]
        total = tuple(map(sum, zip(*cells, strict=True)))
        shown.add_row(f"on a {scope.value}", *(f"{one} of {of}" for one, of in (*cells, total)))
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--anew", action="store_true", help="search for every rule, whatever the table has")
    anew = parser.parse_args().anew
    console = Console()
    rules = {rule.name: rule for rule in registry.rules()}
    rows = searched(rules, {} if anew else table.read(), console)
    table.write(rows.values())
    wrong = table.wrong(rows, rules.values())
    for name, why in wrong.items():
        console.print(f"{name}: {why}", highlight=False, soft_wrap=True)
    stale = table.stale(rows.values())
    for rule, other in stale:
        console.print(f"{table.OVERLAPS.name}: {rule} with {other} is no longer needed: take it out")
    console.print(score(rules, wrong))
    own = sum(row.of == table.PROGRAM for row in rows.values())
    console.print(
        f"score: {100 * (len(rules) - len(wrong)) / len(rules):.1f} % of {len(rules)} rules;"
        f" {own} mutations are of the program, {len(rows) - own} of small samples,"
        f" {sum(not row.also for row in rows.values())} are found by one rule alone",
        highlight=False,
    )
    return int(bool(wrong or stale))


if __name__ == "__main__":
    sys.exit(main())
