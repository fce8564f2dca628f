"""Page of all rules, written from their metadata: `docs/policies.md`.

    python -m controls.pack.rules_page ../docs/policies.md

writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from controls.language.rules import Rule, Scope
from controls.pack import coverage, pci, pulumi_policies, references, registry
from controls.pack.coverage import Control

_HEAD: Final = """\
# Rules

What the policy pack asks of a program, why, and how to fix it. Written by `python -m controls.pack.rules_page` in
`policy/` from the rules themselves; a test holds it to them.

Critical and high rules stop an update, the others advise. A rule on a resource sees its inputs, a rule on a stack all
resources of one stack; a rule on the platform sees all stacks, and is judged by
`python -m controls.pack.exports` over their exports. What can't be told yet is `undecided`, and never passes. A rule
that can mend what breaks it says what it writes, and does so only where a configuration has it at `remediate`.
"""

_SCOPES: Final = {Scope.RESOURCE: "a resource", Scope.STACK: "a stack", Scope.PLATFORM: "the platform"}

# Benchmarks by the beginning of their ids. Ids of Security Hub begin with a service's name instead.
_BENCHMARKS: Final[Mapping[str, str]] = {
    "CIS-3.0:": "CIS AWS Foundations 3.0",
    "CIS-5.0:": "CIS AWS Foundations 5.0",
    "CIS-7.0:": "CIS AWS Foundations 7.0",
    "EKS-1.8:": "CIS Amazon EKS 1.8",
    "PSS:": "Pod Security Standards",
    pci.PREFIX: "PCI DSS 4.0.1",
    "": "AWS Foundational Security Best Practices",
}


def text() -> str:
    """Text of the whole page."""
    rules, rows = registry.rules(), coverage.controls()
    return "\n".join(
        [_HEAD, *_counts(rules, rows), *_benchmarks(rules, rows), *_undecidable(rows), *_rules(rules, rows)]
    )


def _counts(rules: Iterable[Rule], rows: Iterable[Control]) -> Iterator[str]:
    yield "## How many\n"
    yield "Wanted are the critical and high controls, and the medium ones that a benchmark of the next table has.\n"
    yield "| severity | listed | undecidable | wanted | rules | of them narrowed |"
    yield "|---|---|---|---|---|---|"
    for it in coverage.counts(rules, rows):
        yield f"| {it.severity} | {it.listed} | {it.undecidable} | {it.wanted} | {it.rules} | {it.narrowed} |"
    yield ""


def benchmark_of(part: str) -> str:
    """Benchmark that a single id belongs to; empty for an id of another tool."""
    if part.startswith("CKV"):
        return ""
    return next(name for start, name in _BENCHMARKS.items() if part.startswith(start))


def _benchmarks(rules: Iterable[Rule], rows: Iterable[Control]) -> Iterator[str]:
    """Table by benchmark: the sections that rules decide, those that none can, and the other listed ones."""
    decided = _sections(rule.ids for rule in rules)
    untold = _sections(row.ids for row in rows if row.undecidable) - decided
    left_out = _sections(row.ids for row in rows) - decided - untold
    yield "## By benchmark\n"
    yield "What no rule can tell is in the next table, with the reason; what is left out is of low severity.\n"
    yield "Of PCI DSS there are the requirements that AWS relates to controls of Security Hub which rules decide.\n"
    yield "| benchmark | decided by rules | of listed | no rule can tell | left out |"
    yield "|---|---|---|---|---|"
    for name in dict.fromkeys(_BENCHMARKS.values()):
        ours, never, later = (
            sorted((it.rpartition(":")[2] for it in some if benchmark_of(it) == name), key=_natural)
            for some in (decided, untold, left_out)
        )
        listed = len(ours) + len(never) + len(later)
        yield f"| {name} | {len(ours)} | {listed} | {', '.join(never)} | {', '.join(later)} |"
    yield ""


def _sections(ids: Iterable[str]) -> set[str]:
    return {part for it in ids for part in (*coverage.every_part(it), *pci.requirements(it.split()))}


def _natural(section: str) -> list[tuple[int, str]]:
    return [(int(it) if it.isdigit() else 0, it) for it in section.split(".")]


def _undecidable(rows: Iterable[Control]) -> Iterator[str]:
    yield "## What no rule can tell\n"
    yield "| control | severity | asks | why not | ids |"
    yield "|---|---|---|---|---|"
    for it in rows:
        if it.undecidable:
            yield f"| {it.name} | {it.severity} | {it.asks} | {it.undecidable} | {it.ids} |"
    yield ""


def _rules(rules: Iterable[Rule], rows: Iterable[Control]) -> Iterator[str]:
    known = {it.name: it for it in rows}
    by_service: dict[str, list[Rule]] = {}
    for rule in rules:
        row = known.get(rule.name)
        by_service.setdefault(row.service if row else "Of the platform's own", []).append(rule)
    for service, some in by_service.items():
        yield f"## {service}\n"
        for rule in some:
            yield from _rule(rule, known.get(rule.name))


def _rule(rule: Rule, row: Control | None) -> Iterator[str]:
    yield f"### {rule.name}\n"
    yield f"{rule.asks}. On {_SCOPES[rule.scope]}; **{rule.severity.value}**; [why]({references.url(rule)}).\n"
    yield f"- Fix: {rule.fix}."
    if rule.remedy:
        writes = ", ".join(f"`{path}` {_written(value)}" for path, value in rule.remedy.values.items())
        yield f"- Mends it by itself at the level `remediate`: {writes}."
    if rule.narrowed:
        yield f"- Narrower than the control: {rule.narrowed}"
    for name, param in pulumi_policies.parameters(rule).items():
        yield f"- `{name}`: {param.description}; default {_shown(param.default)}."
    others = " ".join([rule.ids, *pci.requirements(rule.ids.split()), row.others if row else ""]).strip()
    if others:
        yield f"- Ids: {', '.join(others.split())}."
    yield ""


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(default: object) -> str:
    if isinstance(default, list) and len(default) > 8:
        return f"{len(default)} values"
    return f"`{default}`" if default not in ("", [], {}) else "none"


def main(file: str) -> None:
    """Writes the page."""
    Path(file).write_text(text())


if __name__ == "__main__":
    main(*sys.argv[1:])
