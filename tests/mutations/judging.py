"""Judging of a mutation: the rules that it breaks and that held before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from controls.language.facts import Node, Value
from controls.language.graph import Graph, Platform
from controls.language.rules import Rule, Scope
from controls.language.verdicts import Fail
from controls.pack import registry

from tests.mutations.changes import Mutation
from tests.mutations.worlds import Thing, World

Failures = frozenset[tuple[str, str]]
Nodes = Mapping[str, Node]
Read = set[tuple[str, str]]

_NO_DOCUMENT: Final = "is no policy document"


class Judge:
    """Verdicts of the rules on a world, and on its mutations."""

    def __init__(self, world: World, rules: Iterable[Rule] | None = None) -> None:
        self.world = world
        self.rules = {rule.name: rule for rule in (registry.rules() if rules is None else rules)}
        self._wide = [rule for rule in self.rules.values() if rule.scope is not Scope.RESOURCE]
        self._things = _by_stack(world)
        self._views = _Views(
            {
                scope: {
                    stack: {urn: it.node(it.values(scope), _Remembering) for urn, it in things.items()}
                    for stack, things in self._things.items()
                }
                for scope in (Scope.STACK, Scope.PLATFORM)
            }
        )
        self._common: frozenset[tuple[str, str]] = frozenset()  # what all of them read to follow links

    def broken_by(self, mutation: Mutation, rules: Iterable[str] | None = None) -> list[str]:
        """Those of the rules (all, unless some are given) that find in the mutation what they didn't find before."""
        changed = mutation.of(self.world.things)
        views = _Changed(self._views, self.world.things[mutation.urn].stack, changed)
        asked = [self.rules[it] for it in rules] if rules is not None else self.rules.values()
        return [
            rule.name
            for rule in asked
            if (
                self._breaks(rule, changed)
                if rule.scope is Scope.RESOURCE
                else self._concerned(rule, changed) and self._failures(rule, views) - self._before[rule.name]
            )
        ]

    def kept(self, rule: str, urn: str) -> bool:
        """Returns whether the world as it is keeps a rule; one on single resources is asked about this one."""
        if self.rules[rule].scope is Scope.RESOURCE:
            return not self._said(self.rules[rule], self.world.things[urn])
        return not self._before[rule]

    def reading(self, rule: str, thing: Thing) -> set[str]:
        """The inputs of a resource that a rule on single resources reads, `*` for the names of all."""
        seen: Read = set()
        node = thing.node(_Watched(thing.urn, thing.inputs, seen))
        self.rules[rule].judge(node, self._given(self.rules[rule]))
        return {name for _, name in seen}

    @cached_property
    def reads(self) -> Mapping[str, Read]:
        """Reads of each stack rule and platform rule in the world: URNs and inputs, `*` for the names of all."""
        seen: Read = set()
        views = _Views(
            {
                scope: {
                    stack: {urn: it.node(_Watched(urn, it.values(scope), seen)) for urn, it in things.items()}
                    for stack, things in self._things.items()
                }
                for scope in (Scope.STACK, Scope.PLATFORM)
            }
        )
        views.index()
        self._common, found = frozenset(seen), dict[str, Read]()
        for rule in self._wide:
            seen.clear()
            self._failures(rule, views)
            found[rule.name] = set(seen)
        return found

    @cached_property
    def _before(self) -> Mapping[str, Failures]:
        return {rule.name: self._failures(rule, self._views) for rule in self._wide}

    def _given(self, rule: Rule) -> Mapping[str, Any]:
        return self.world.config.get(rule.name, {})

    def _breaks(self, rule: Rule, changed: Mapping[str, Thing | None]) -> bool:
        for urn, thing in changed.items():
            said = self._said(rule, thing)
            if said and said - self._said(rule, self.world.things.get(urn)):
                return True
        return False

    def _said(self, rule: Rule, thing: Thing | None) -> frozenset[str]:
        if thing is None or not rule.applies(thing.type):
            return frozenset()
        verdicts = rule.judge(thing.node(thing.inputs), self._given(rule))
        return frozenset(it.message for it in verdicts if isinstance(it, Fail) and _tells(it))

    def _failures(self, rule: Rule, views: _Views) -> Failures:
        return frozenset(
            (verdict.urn, verdict.message)
            for subject in views.subjects(rule)
            for verdict in rule.judge(subject, self._given(rule))
            if isinstance(verdict, Fail) and _tells(verdict)
        )

    def _concerned(self, rule: Rule, changed: Mapping[str, Thing | None]) -> bool:
        """Returns whether the rule can say anything new: it read what is different, or something came or went."""
        for urn, thing in changed.items():
            before = self.world.things.get(urn)
            if thing is None or before is None or thing.type != before.type:
                return True
            other = _different(thing.outputs, before.outputs) | _different(thing.inputs, before.inputs)
            reads = self.reads[rule.name]
            if other and any((urn, it) in reads or (urn, it) in self._common for it in (*other, "*")):
                return True
        return False


def _tells(fail: Fail) -> bool:
    """Returns whether a mutation is about what the rule asks: any rule on documents finds a text that is none."""
    return _NO_DOCUMENT not in fail.message


def _by_stack(world: World) -> dict[str, dict[str, Thing]]:
    found: dict[str, dict[str, Thing]] = {}
    for urn, thing in world.things.items():
        found.setdefault(thing.stack, {})[urn] = thing
    return found


def _different(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


class _Remembering(Node):
    """A resource that keeps what was once read of it: of most, each mutation has the same read again."""

    def get(self, path: str) -> Value:
        known: dict[str, Value] = self.__dict__.setdefault("known", {})
        if path not in known:
            known[path] = super().get(path)
        return known[path]


class _Watched(Mapping[str, Any]):
    """Values that tell which of them are read."""

    def __init__(self, urn: str, values: Mapping[str, Any], seen: Read) -> None:
        self._urn, self._values, self._seen = urn, values, seen

    def __getitem__(self, key: str) -> Any:
        self._seen.add((self._urn, key))
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        self._seen.add((self._urn, "*"))
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class _Views:
    """A world as stack rules and platform rules get it."""

    def __init__(self, nodes: Mapping[Scope, Mapping[str, Nodes]]) -> None:
        self.nodes = nodes  # by scope, stack and URN

    def subjects(self, rule: Rule) -> Iterator[Graph | Platform]:
        """Subjects of a rule: the stacks, or the platform, that have a resource of its types."""
        if rule.scope is Scope.STACK:
            yield from (it for it in self.graphs if any(rule.applies(node.type) for node in it.nodes))
        elif any(rule.applies(node.type) for node in self.platform.graph.nodes):
            yield self.platform

    def index(self) -> None:
        """Has the graphs read all by which resources are found, which they do once for all rules."""
        for graph in (*self.graphs, *self.platform.stacks.values(), self.platform.graph):
            for node in graph.nodes:
                graph.targets(node, "id", (node.type,))

    @cached_property
    def graphs(self) -> list[Graph]:
        return [Graph(nodes.values()) for nodes in self.nodes[Scope.STACK].values()]

    @cached_property
    def platform(self) -> Platform:
        return Platform({stack: [*nodes.values()] for stack, nodes in self.nodes[Scope.PLATFORM].items()})


class _Changed(_Views):
    """Views after a mutation, made when asked for; stack rules get the mutation's stack alone."""

    def __init__(self, views: _Views, stack: str, changed: Mapping[str, Thing | None]) -> None:
        super().__init__(views.nodes)
        self._stack, self._changed = stack, changed

    @cached_property
    def graphs(self) -> list[Graph]:
        return [Graph(self._other(Scope.STACK).values())]

    @cached_property
    def platform(self) -> Platform:
        stacks = {**self.nodes[Scope.PLATFORM], self._stack: self._other(Scope.PLATFORM)}
        return Platform({stack: [*nodes.values()] for stack, nodes in stacks.items()})

    def _other(self, scope: Scope) -> Nodes:
        """The stack's resources; each stays where it was, since some rules name the first of several."""
        known = {**self.nodes[scope][self._stack], **self._changed}
        return {
            urn: it.node(it.values(scope)) if isinstance(it, Thing) else it
            for urn, it in known.items()
            if it is not None
        }
