"""For a rule, a mutation that it finds and, if there is one, that no other rule finds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations, islice, product
from typing import Final

from controls.language.rules import Rule, Scope

from rehearsal.cloud.types.schema import Schemas
from tests.mutations.changes import Change, Mutation
from tests.mutations.judging import Judge
from tests.mutations.operators import Operators, in_turn
from tests.mutations.table import PROGRAM, SAMPLE, Judges, Row
from tests.mutations.worlds import Thing

_ALIKE: Final = 8  # resources of one type that are tried
_WEIGHED: Final = 15  # mutations of which all rules are asked, before the best so far is taken
_TRIED: Final = {Scope.RESOURCE: 12_000, Scope.STACK: 800, Scope.PLATFORM: 300}  # mutations
_MOST: Final = 150_000  # of several texts at once
_PAIRED: Final = 250  # changes of a resource that are tried with each other
_OF_AWS: Final = re.compile(r"aws:(?P<module>\w+)/\w+:(?P<kind>\w+)")


Way = Callable[[Rule, Thing, Judge, Operators], Iterator[tuple[Change, ...]]]


class Searcher:
    """Looks for a rule's mutation in the program, and then in the rule's small sample."""

    def __init__(self, judges: Judges, schemas: Schemas) -> None:
        self._judges, self._schemas = judges, schemas
        self._program = Operators(schemas, judges.program.world.things.values())

    def search(self, rule: Rule) -> Row | None:
        """The first mutation that the rule alone finds, else one that few others find; None if it finds none."""
        worlds = [(PROGRAM, self._judges.program, self._program)]
        if (judge := self._judges.sample(rule.name)) is not None:
            worlds.append((SAMPLE, judge, Operators(self._schemas, judge.world.things.values())))
        best: Row | None = None
        for way in (_once, _twice, _texts, _beside):
            for of, judge, operators in worlds[1:] if way is _texts else worlds:  # it takes long
                for mutation, also in self._found(rule, judge, operators, way):
                    if best is None or len(also) < len(best.also):
                        best = Row(rule.name, of, mutation, also)
                    if not also:
                        return best
        return best

    def _found(
        self, rule: Rule, judge: Judge, operators: Operators, way: Way
    ) -> Iterator[tuple[Mutation, tuple[str, ...]]]:
        """Mutations that the rule finds, and the others that do."""
        hits = (it for it in _hits(rule, judge, operators, way) if self._judges.taken(judge, it))
        for mutation in islice(hits, _WEIGHED):
            yield mutation, tuple(it for it in judge.broken_by(mutation) if it != rule.name)


def _hits(rule: Rule, judge: Judge, operators: Operators, way: Way) -> Iterator[Mutation]:
    """The mutations that the rule finds."""
    things = [it for it in _candidates(rule, judge, operators) if judge.kept(rule.name, it.urn)]
    several = [_mutations(thing, way(rule, thing, judge, operators)) for thing in things]
    for mutation in islice(in_turn(several), _MOST if way is _texts else _TRIED[rule.scope]):
        if judge.broken_by(mutation, [rule.name]):
            yield mutation


def _mutations(thing: Thing, several: Iterator[tuple[Change, ...]]) -> Iterator[Mutation]:
    return (Mutation(thing.urn, changes) for changes in several)


def _once(rule: Rule, thing: Thing, judge: Judge, operators: Operators) -> Iterator[tuple[Change, ...]]:
    names = _reads(rule, thing, judge)
    inside = operators.changes(thing, None if "*" in names else names)
    yield from ((it,) for it in chain(_whole(rule, thing), inside))


def _beside(rule: Rule, thing: Thing, judge: Judge, operators: Operators) -> Iterator[tuple[Change, ...]]:
    """Another resource, with the least that it takes."""
    for token in rule.types if "*" not in rule.types else ():
        yield from ((Change("add", token, it),) for it in operators.beside(thing, token))


def _twice(rule: Rule, thing: Thing, judge: Judge, operators: Operators) -> Iterator[tuple[Change, ...]]:
    names = _reads(rule, thing, judge)
    if rule.scope is Scope.RESOURCE and "*" not in names:
        pairs = combinations(islice(operators.changes(thing, names), _PAIRED), 2)
        yield from (pair for pair in pairs if not _within(*pair))


def _texts(rule: Rule, thing: Thing, judge: Judge, operators: Operators) -> Iterator[tuple[Change, ...]]:
    """Two or three texts at once, none of which means all."""
    names = _reads(rule, thing, judge)
    if rule.scope is Scope.RESOURCE and "*" not in names:
        texts: dict[str, list[Change]] = {}
        for change in islice(operators.changes(thing, names), 2 * _PAIRED):
            if change.deed == "set" and isinstance(change.value, str) and change.value != "*":
                texts.setdefault(change.at, []).append(change)
        for places in chain(combinations(texts.values(), 2), combinations(texts.values(), 3)):
            yield from product(*places)


def _within(one: Change, other: Change) -> bool:
    """Returns whether one change does away with the other's place: with what is around it, or before it in a list."""
    return any(f"{it.at}/".startswith(f"{_moved(by)}/") for it, by in ((one, other), (other, one)))


def _moved(change: Change) -> str:
    around, _, last = change.at.rpartition("/")
    return around if change.deed == "drop" and last.isdecimal() else change.at


def _reads(rule: Rule, thing: Thing, judge: Judge) -> set[str]:
    if rule.scope is Scope.RESOURCE:
        return judge.reading(rule.name, thing)
    return {name for urn, name in judge.reads[rule.name] if urn == thing.urn}


def _whole(rule: Rule, thing: Thing) -> Iterator[Change]:
    """Changes of a resource as a whole."""
    if thing.protect:
        yield Change("unprotect")
    if rule.scope is Scope.RESOURCE:
        yield from (Change("ignore", value=name) for name in thing.inputs)
        if of_aws := _OF_AWS.fullmatch(thing.type):
            yield Change("retype", value="aws-native:{module}:{kind}".format(**of_aws.groupdict()))
    else:
        yield Change("remove")
        yield Change("copy")
        yield from (Change("copy", value={"region": it}) for it in ("us-east-1", "eu-west-1", "ap-south-1"))


def _candidates(rule: Rule, judge: Judge, operators: Operators) -> Iterable[Thing]:
    """The resources that the rule looks at: of each type those that show something that none before them showed."""
    things = judge.world.things
    if rule.scope is Scope.RESOURCE:
        looked = [it for it in things.values() if rule.applies(it.type)]
    else:
        read = {urn for urn, _ in judge.reads[rule.name]}
        looked = sorted(
            (it for urn, it in things.items() if urn in read), key=lambda it: it.type not in rule.types
        )
    if "*" in rule.types:
        looked.sort(key=lambda it: not it.type.startswith("aws:"))
    shown: dict[str, set[object]] = {}
    taken: Counter[str] = Counter()
    if not looked:  # something else may still come beside what there is
        looked = [it for it in things.values() if it.inputs][:1]
    for thing in looked:
        known, new = shown.setdefault(thing.type, set()), operators.features(thing)
        if not taken[thing.type] or (taken[thing.type] < _ALIKE and not new <= known):
            known.update(new)
            taken[thing.type] += 1
            yield thing
