"""Further common rules: property present, retention, companion resource, a resource in each region, settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fnmatch import fnmatchcase
from typing import Final, Unpack

from pulumi_policy import Severity

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of, shown_region
from controls.language.graph import Graph, Platform
from controls.language.rules import (
    Check,
    Config,
    FullMeta,
    Meta,
    Param,
    Rule,
    Unless,
    check_value,
    never,
    platform_rule,
    stack_rule,
)
from controls.language.tokens import VPC, Tokens
from controls.language.verdicts import Fail, Undecided, Verdict, Verdicts

# Resources that only their own region needs are exempt from replication. A tag marks them, or the configuration those
# without it: most programs live in one region.
SCOPE: Final[Mapping[str, Param]] = {
    "scopeTag": Param("scope", "Tag that tells how far a thing is needed"),
    "regional": Param("regional", "Value of that tag for what only its own region needs"),
    "untagged": Param("regional", "What a thing without that tag counts as"),
}


def regional(node: Node, config: Config) -> Truth:
    """Returns whether a tag marks a resource as needed in its own region only."""
    label = node.tag(config["scopeTag"])
    if label is MISSING:
        label = config["untagged"]
    return UNKNOWN if label is UNKNOWN else label == config["regional"]


# Public methods are configured: those for signing in are called before there is any token.
PUBLIC_METHODS: Final = Param(
    [], "Patterns of names, in the program, of methods or routes that anyone may call"
)


def listed_as_public(node: Node, config: Config) -> bool:
    """Returns whether a method or route is listed, by its name in the program, as one that anyone may call."""
    return any(fnmatchcase(node.name, it) for it in config["open"])


def require_present(
    name: str, severity: Severity, types: Tokens, path: str, *, message: str, **meta: Unpack[Meta]
) -> Rule:
    """Rule that a property is written, its value known or not."""

    def check(node: Node) -> Verdicts:
        for where, value in node.find(path):
            if value in (MISSING, [], ""):
                yield Fail(f"`{where}` is missing: {message}")

    return Rule(name, severity, types, check, reads=path, **meta)


def require_min_days(
    name: str,
    severity: Severity,
    types: Tokens,
    path: str,
    days: Param,
    *,
    missing_ok: bool = False,
    unless: Callable[[Node], bool] = lambda _: False,
    **meta: Unpack[Meta],
) -> Rule:
    """Rule that a property is so many days or more, with the parameter `minDays`.

    `absent` is whether AWS's default is enough.
    """

    def check(node: Node, config: Config) -> Verdicts:
        least = config["minDays"]
        if not unless(node):
            yield from check_value(
                node,
                path,
                lambda it: number(it) >= least,
                f"set it to {least} or more",
                missing_ok=missing_ok,
            )

    return Rule(name, severity, types, check, reads=path, config={"minDays": days}, **meta)


def require_companion(
    name: str,
    severity: Severity,
    types: Tokens,
    companions: Tokens,
    through: str,
    *,
    message: str,
    unless: Unless = never,
    **meta: Unpack[Meta],
) -> Rule:
    """Rule that each resource of `types` has a companion of the types `by`, which refers to it by a property."""

    def check(graph: Graph) -> Verdicts:
        for node in graph.of(types):
            excused = unless(node)
            if excused is not True and not graph.referrers(companions, through, node):
                yield (
                    Undecided(through, node.urn)
                    if excused is UNKNOWN
                    else missing_companion(graph, node, companions, through, message)
                )

    return stack_rule(name, severity, (*types, *companions), check, reads=through, **meta)


Counts = Callable[[Graph, Node], Truth]


def check_each_region(by: Tokens, counts: Counts, message: str) -> Callable[[Platform], Verdicts]:
    """Check that each region that has a VPC has a resource of these types that counts."""

    def check(platform: Platform) -> Verdicts:
        found = platform.graph.of(by)
        for region in platform.regions:
            covered = any_of(*(all_of(_in(it, region), counts(platform.graph, it)) for it in found))
            vpc = next(it for it in platform.graph.of(VPC) if it.region == region)
            if covered is UNKNOWN:
                yield Undecided("what its region switches on", vpc.urn)
            elif covered is False:
                yield Fail(f"{shown_region(region)} has none: {message}", vpc.urn)

    return check


def require_in_each_region(
    name: str,
    severity: Severity,
    by: Tokens,
    counts: Counts,
    *,
    message: str,
    beside: Tokens = (),
    **meta: Unpack[FullMeta],
) -> Rule:
    """Rule that each region has a resource of the types `by`; `beside` are types whose inputs decide whether it
    counts."""
    return platform_rule(name, severity, VPC + by + beside, check_each_region(by, counts, message), **meta)


def _in(node: Node, region: str) -> Truth:
    return UNKNOWN if node.region is UNKNOWN else node.region == region


def missing_companion(graph: Graph, node: Node, types: Tokens, name: str, message: str) -> Verdict:
    """Verdict on a resource to which nothing of these types refers by this property: undecided while one may yet
    do so."""
    return Undecided(name, node.urn) if graph.may_reference(types, name, node) else Fail(message, node.urn)


def number(value: Value) -> int:
    """A whole number, also as text; 0 for a value that is none, or has more digits than any meaningful number."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 20 else 0


def parse_version(version: str) -> tuple[int, ...]:
    """A version such as 1.34, to be compared."""
    return tuple(number(part) for part in version.split("."))


def find_setting(
    node: Node, path: str, name: str, *, key: str = "name", value: str = "value"
) -> tuple[str, Value]:
    """Value of a name in a list of name-value pairs, with its path."""
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


def check_setting(
    node: Node, path: str, name: str, right: Collection[str], *, key: str = "name", value: str = "value"
) -> Verdicts:
    """Check that a list of name-value pairs sets a name to one of these values, in whatever case."""
    where, found = find_setting(node, path, name, key=key, value=value)
    if found is UNKNOWN:
        yield Undecided(where)
    elif found is MISSING or str(found).lower() not in right:
        yield Fail(f"`{where}` doesn't set {name} to {next(iter(right))}: add it")


def check_name_not_in(path: str, names: Collection[str], message: str) -> Check:
    """Check that a name is none of the defaults that attackers try first; a name that AWS inherits isn't written."""

    def check(node: Node) -> Verdicts:
        yield from check_value(node, path, lambda it: str(it).lower() not in names, message, missing_ok=True)

    return check


def modern_security_policy(value: object) -> bool:
    """Returns whether a security policy of API Gateway takes TLS 1.2 or newer only, by its old or its new name."""
    return value == "TLS_1_2" or str(value).startswith(("SecurityPolicy_TLS12_", "SecurityPolicy_TLS13_"))
