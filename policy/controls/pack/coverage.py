"""Coverage of AWS's and Kubernetes' benchmarks: the controls that are rules, and those that can't be.

    python -m controls.pack.coverage

prints how many there are, by severity. `backlog.tsv` lists the controls, with their ids in the benchmarks and in
other tools; one that can't be decided before a deployment says why.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from controls.language.rules import Rule
from controls.pack import registry

_BACKLOG: Final = Path(__file__).with_name("backlog.tsv")

SEVERITIES: Final = ("critical", "high", "medium", "low")
_ALWAYS: Final = SEVERITIES[:2]


@dataclass(frozen=True)
class Control:
    """Control of a benchmark, with its names elsewhere. `undecidable` is the reason why no rule can decide it."""

    service: str
    name: str
    severity: str
    asks: str
    ids: str
    others: str
    undecidable: str

    @property
    def wanted(self) -> bool:
        """Returns whether it is to be a rule: critical or high, or medium and in a benchmark of AWS or CIS."""
        return not self.undecidable and (self.severity in _ALWAYS or self._of_benchmark)

    @property
    def _of_benchmark(self) -> bool:
        return self.severity == "medium" and any(not it.startswith("CKV") for it in self.ids.split())


@lru_cache(maxsize=1)
def controls() -> tuple[Control, ...]:
    """All controls, in the order of the file."""
    with _BACKLOG.open(newline="") as file:
        return tuple(Control(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@dataclass(frozen=True)
class Count:
    """Number of controls of a severity, by what became of them."""

    severity: str
    listed: int
    undecidable: int
    wanted: int
    rules: int
    narrowed: int

    @property
    def missing(self) -> int:
        return self.wanted - self.rules


def counts(rules: Iterable[Rule], rows: Iterable[Control]) -> Iterator[Count]:
    """Counts by severity, and in sum. A control and its rule have one name; `narrowed` ones count as rules, too."""
    known, rows = {rule.name: rule for rule in rules}, tuple(rows)
    for severity in (*SEVERITIES, "all"):
        some = [it for it in rows if severity in (it.severity, "all")]
        made = [it.name for it in some if it.wanted and it.name in known]
        yield Count(
            severity,
            listed=len(some),
            undecidable=sum(bool(it.undecidable) for it in some),
            wanted=sum(it.wanted for it in some),
            rules=len(made),
            narrowed=sum(bool(known[name].narrowed) for name in made),
        )


def parts(identifier: str) -> list[str]:
    """Single sections that an id names: CIS-3.0:1.8,1.9 is two, and CIS-3.0:4.1-4.15 fifteen."""
    benchmark, colon, sections = identifier.partition(":")
    if not colon:
        return [identifier]
    return [f"{benchmark}:{it}" for section in sections.split(",") for it in _each(section)]


def _each(section: str) -> list[str]:
    first, dash, last = section.partition("-")
    chapter, _, start = first.rpartition(".")
    end = last.rpartition(".")[2]
    if not dash or not (start.isdigit() and end.isdigit()):
        return [section]
    return [f"{chapter}.{number}" for number in range(int(start), int(end) + 1)]


def every_part(identifiers: str) -> set[str]:
    """The single sections of all ids in a list of them."""
    return {part for it in identifiers.split() for part in parts(it)}


def table() -> str:
    """The counts as a table of text."""
    heads = ("severity", "listed", "undecidable", "wanted", "rules", "of them narrowed", "missing")
    lines = [heads] + [
        (
            it.severity,
            *(str(n) for n in (it.listed, it.undecidable, it.wanted, it.rules, it.narrowed, it.missing)),
        )
        for it in counts(registry.rules(), controls())
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
