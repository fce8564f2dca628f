"""Further shapes that many rules share: what is written, how long something is kept, one setting of many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fnmatch import fnmatchcase
from typing import Final, Unpack

from pulumi_policy import Severity

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, both, either, shown
from controls.language.graph import Graph, Platform
from controls.language.rules import (
    Check,
    Config,
    FullMeta,
    Meta,
    Param,
    Rule,
    Unless,
    demand,
    never,
    platform_rule,
    stack_rule,
)
from controls.language.tokens import VPC, Tokens
from controls.language.verdicts import Fail, Undecided, Verdict, Verdicts

# What only its own region needs isn't asked to have a second home. A tag says so, or the configuration for what has
# none: most programs live in one region.
SCOPE: Final[Mapping[str, Param]] = {
    "scopeTag": Param("scope", "Tag that tells how far a thing is needed"),
    "regional": Param("regional", "Value of that tag for what only its own region needs"),
    "untagged": Param("regional", "What a thing without that tag counts as"),
}


def regional(node: Node, config: Config) -> Truth:
    """Whether a thing says that only its own region needs it."""
    label = node.tag(config["scopeTag"])
    if label is MISSING:
        label = config["untagged"]
    return UNKNOWN if label is UNKNOWN else label == config["regional"]


# A platform says which methods are public: signing in comes before any token.
OPEN: Final = Param([], "Patterns of names, in the program, of methods or routes that anyone may call")


def anyone_may(node: Node, config: Config) -> bool:
    """Whether a method or route is listed, by its name in the program, as one that anyone may call."""
    return any(fnmatchcase(node.name, it) for it in config["open"])


def present(
    name: str, severity: Severity, types: Tokens, path: str, *, says: str, **meta: Unpack[Meta]
) -> Rule:
    """A rule of the shape "this property is written", its value known or not."""

    def check(node: Node) -> Verdicts:
        for where, value in node.find(path):
            if value in (MISSING, [], ""):
                yield Fail(f"`{where}` is missing: {says}")

    return Rule(name, severity, types, check, reads=path, **meta)


def at_least(
    name: str,
    severity: Severity,
    types: Tokens,
    path: str,
    days: Param,
    *,
    absent: bool = False,
    unless: Callable[[Node], bool] = lambda _: False,
    **meta: Unpack[Meta],
) -> Rule:
    """A rule of the shape "so many days or more", with its parameter `minDays`.

    `absent` tells whether what AWS does when nothing is written is enough.
    """

    def check(node: Node, config: Config) -> Verdicts:
        least = config["minDays"]
        if not unless(node):
            yield from demand(
                node, path, lambda it: number(it) >= least, f"set it to {least} or more", absent=absent
            )

    return Rule(name, severity, types, check, reads=path, config={"minDays": days}, **meta)


def accompanied(
    name: str,
    severity: Severity,
    types: Tokens,
    by: Tokens,
    through: str,
    *,
    says: str,
    unless: Unless = never,
    **meta: Unpack[Meta],
) -> Rule:
    """A rule of the shape "each of these has one of those", which points at it by a property."""

    def check(graph: Graph) -> Verdicts:
        for node in graph.of(types):
            excused = unless(node)
            if excused is not True and not graph.holders(by, through, node):
                yield (
                    Undecided(through, node.urn)
                    if excused is UNKNOWN
                    else lacking(graph, node, by, through, says)
                )

    return stack_rule(name, severity, (*types, *by), check, reads=through, **meta)


Counts = Callable[[Graph, Node], Truth]


def each_region(by: Tokens, counts: Counts, says: str) -> Callable[[Platform], Verdicts]:
    """A check that each region that has a network has one of these that counts."""

    def check(platform: Platform) -> Verdicts:
        found = platform.graph.of(by)
        for region in platform.regions:
            covered = either(*(both(_in(it, region), counts(platform.graph, it)) for it in found))
            vpc = next(it for it in platform.graph.of(VPC) if it.region == region)
            if covered is UNKNOWN:
                yield Undecided("what its region switches on", vpc.urn)
            elif covered is False:
                yield Fail(f"{shown(region)} has none: {says}", vpc.urn)

    return check


def in_each_region(
    name: str,
    severity: Severity,
    by: Tokens,
    counts: Counts,
    *,
    says: str,
    beside: Tokens = (),
    **meta: Unpack[FullMeta],
) -> Rule:
    """A rule of the shape "each region has one of these"; `beside` are types whose inputs tell whether it counts."""
    return platform_rule(name, severity, VPC + by + beside, each_region(by, counts, says), **meta)


def _in(node: Node, region: str) -> Truth:
    return UNKNOWN if node.region is UNKNOWN else node.region == region


def lacking(graph: Graph, node: Node, types: Tokens, name: str, says: str) -> Verdict:
    """What to say of a resource that nothing of these types points at by this property: it may yet be one."""
    return Undecided(name, node.urn) if graph.astray(types, name, node) else Fail(says, node.urn)


def number(value: Value) -> int:
    """A whole number, also as text; 0 for what is none, or has more digits than any number that is meant."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 20 else 0


def ordered(version: str) -> tuple[int, ...]:
    """A version such as 1.34, to be compared."""
    return tuple(number(part) for part in version.split("."))


def setting(
    node: Node, path: str, name: str, *, key: str = "name", value: str = "value"
) -> tuple[str, Value]:
    """What a list of pairs of name and value sets a name to, and where."""
    listed = node.get(path)
    if listed is UNKNOWN:
        return path, UNKNOWN
    doubtful = False
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        named = item.get(key, MISSING) if isinstance(item, dict) else item
        if named is UNKNOWN:
            doubtful = True
        elif named == name and isinstance(item, dict):
            return f"{path}.{index}.{value}", item.get(value, MISSING)
    return path, UNKNOWN if doubtful else MISSING


def demand_setting(
    node: Node, path: str, name: str, right: Collection[str], *, key: str = "name", value: str = "value"
) -> Verdicts:
    """A list of pairs of name and value sets a name to one of these values, in whatever case."""
    where, found = setting(node, path, name, key=key, value=value)
    if found is UNKNOWN:
        yield Undecided(where)
    elif found is MISSING or str(found).lower() not in right:
        yield Fail(f"`{where}` doesn't set {name} to {next(iter(right))}: add it")


def unlike(path: str, names: Collection[str], says: str) -> Check:
    """A check that a name is none of those that everyone tries first; one that AWS inherits isn't written."""

    def check(node: Node) -> Verdicts:
        yield from demand(node, path, lambda it: str(it).lower() not in names, says, absent=True)

    return check
