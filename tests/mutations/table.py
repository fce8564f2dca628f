"""The mutation that was found for each rule, and why others find some of them, too."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import yaml
from controls.language.rules import Rule
from controls.pack import registry

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import ResourceIdentity
from tests.mutations import samples
from tests.mutations.changes import Change, Mutation
from tests.mutations.judging import Judge
from tests.mutations.worlds import Thing

TABLE: Final = Path(__file__).with_name("table.tsv")
OVERLAPS: Final = Path(__file__).with_name("overlaps.yaml")

PROGRAM: Final = "program"
SAMPLE: Final = "sample"


@dataclass(frozen=True)
class Row:
    """A mutation of the program, or of a rule's small sample, that the rule finds; `also` are the others that do."""

    rule: str
    of: str
    mutation: Mutation
    also: tuple[str, ...] = ()


class Judges:
    """Judges of the program and of each rule's small sample, and the cloud that they would be made in."""

    def __init__(self, program: Judge, cloud: Cloud) -> None:
        self.program, self._cloud = program, cloud
        self._samples: dict[str, Judge | None] = {}

    def sample(self, rule: str) -> Judge | None:
        """Judge of the rule's small sample; None if nothing keeps the rule, so that there is none."""
        if rule not in self._samples:
            world = samples.compliant(rule)
            self._samples[rule] = None if world is None else Judge(world, self.program.rules.values())
        return self._samples[rule]

    def broken(self, row: Row) -> list[str]:
        """The rules that find the row's mutation; none if it can't be made, or shows nothing."""
        judge = self.program if row.of == PROGRAM else self.sample(row.rule)
        urn = row.mutation.urn
        if judge is None or urn not in judge.world.things or not judge.kept(row.rule, urn):
            return []
        try:
            return judge.broken_by(row.mutation) if self.taken(judge, row.mutation) else []
        except (KeyError, IndexError, TypeError):  # the path isn't there any more
            return []

    def taken(self, judge: Judge, mutation: Mutation) -> bool:
        """Returns whether the cloud has nothing against the mutation's inputs that it hadn't before."""
        things = judge.world.things
        return all(
            self._refused(thing) <= self._refused(things.get(urn))
            for urn, thing in mutation.of(things).items()
            if thing is not None
        )

    def _refused(self, thing: Thing | None) -> set[tuple[str, str]]:
        if thing is None or not thing.type.startswith(("aws:", "kubernetes:")):
            return set()
        inputs = {name: it for name, it in thing.inputs.items() if name != "tagsAll"}
        checked = self._cloud.check(ResourceIdentity(thing.urn, thing.type, thing.provider), None, inputs)
        return {(it.path, it.reason) for it in checked.failures}


def holds(row: Row, judges: Judges) -> bool:
    """Returns whether the rule finds the mutation, and besides it only those that the row names."""
    return sorted(judges.broken(row)) == sorted((row.rule, *row.also))


def read() -> dict[str, Row]:
    """The rows, by rule."""
    if not TABLE.exists():
        return {}
    with TABLE.open(newline="") as file:
        return {it["rule"]: _row(it) for it in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def _row(it: dict[str, str]) -> Row:
    changes = tuple(Change(**change) for change in json.loads(it["changes"]))
    return Row(it["rule"], it["of"], Mutation(it["resource"], changes), tuple(it["also"].split()))


def write(rows: Iterable[Row]) -> None:
    """Writes the rows, in the order of the registry."""
    order = [rule.name for rule in registry.rules()]
    with TABLE.open("w", newline="") as file:
        print("rule", "of", "resource", "changes", "also", sep="\t", file=file)
        for row in sorted(rows, key=lambda it: order.index(it.rule)):
            changes = json.dumps([_short(it) for it in row.mutation.changes])
            print(row.rule, row.of, row.mutation.urn, changes, " ".join(row.also), sep="\t", file=file)


def _short(change: Change) -> dict[str, object]:
    """A change without what it doesn't need."""
    fields = asdict(change)
    return {key: value for key, value in fields.items() if value is not None and (key, value) != ("at", "")}


def overlaps() -> dict[tuple[str, str], str]:
    """By rule and by another that finds its mutation, too: why there is no mutation that only the first finds."""
    listed = yaml.safe_load(OVERLAPS.read_text())
    return {
        (rule, other): entry["reason"]
        for entry in listed
        for rule, others in entry["rules"].items()
        for other in others
    }


def wrong(rows: Mapping[str, Row], rules: Iterable[Rule]) -> dict[str, str]:
    """Reasons why a rule doesn't count, by rule: it finds nothing, or shares what it finds without a reason."""
    known, found = overlaps(), dict[str, str]()
    for rule in rules:
        row = rows.get(rule.name)
        if row is None:
            found[rule.name] = "there is no mutation that it finds"
        elif others := [it for it in row.also if (rule.name, it) not in known]:
            found[rule.name] = f"{', '.join(others)} find its mutation, too: say why in {OVERLAPS.name}"
    return found


def stale(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """The overlaps with a reason that no row needs."""
    needed = {(row.rule, other) for row in rows for other in row.also}
    return [it for it in overlaps() if it not in needed]
