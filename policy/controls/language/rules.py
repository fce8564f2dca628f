"""Rules: their parts, and functions that build common ones (a property is on, off, present, absent)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Required, TypedDict, Unpack

from pulumi_policy import Severity

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, as_bool, find, get
from controls.language.remediation import Remedy
from controls.language.tokens import Tokens
from controls.language.verdicts import Fail, Undecided, Verdict, Verdicts

CRITICAL: Final = Severity.CRITICAL
HIGH: Final = Severity.HIGH
MEDIUM: Final = Severity.MEDIUM
LOW: Final = Severity.LOW

Config = Mapping[str, Any]
Check = Callable[..., Iterable[Verdict]]

_NONE: Final[Mapping[str, Param]] = MappingProxyType({})


class Scope(Enum):
    """Extent of what a rule judges: one resource, all of a stack, or all stacks of a platform."""

    RESOURCE = "resource"
    STACK = "stack"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Param:
    """Parameter of a rule: its default and its description."""

    default: Any
    description: str


@dataclass(frozen=True)
class Rule:
    """One control.

    `check` gets a Node (a Graph for a stack rule, a Platform for a platform rule) and, when the rule has
    parameters, a mapping of them; it yields verdicts and has no other effect. `reads` lists the inputs it
    judges by: none of them may be ignored. `narrowed` is the part of the control behind it that the rule leaves
    out, and why: a legitimate resource can't comply, or nothing of it shows before a deployment. `lifted`
    marks the rules on protection against deletion, which a stack that is being taken down has lifted on purpose.
    `remedy` is the remediation of a resource that breaks the rule, where the configuration enables it.
    """

    name: str
    severity: Severity
    types: Tokens
    check: Check
    _: KW_ONLY
    asks: str
    fix: str
    ids: str = ""
    reads: str = ""
    narrowed: str = ""
    scope: Scope = Scope.RESOURCE
    config: Mapping[str, Param] = field(default_factory=lambda: _NONE)
    lifted: bool = False
    remedy: Remedy | None = None

    @property
    def mandatory(self) -> bool:
        """Returns whether breaking the rule stops the deployment."""
        return self.severity in (CRITICAL, HIGH)

    def applies(self, token: str) -> bool:
        """Returns whether the rule judges this type."""
        return token in self.types or "*" in self.types

    def judge(self, subject: Any, given: Config) -> list[Verdict]:
        """Runs the rule, and turns an error in it into a violation. The error's text may hold values, so it is
        left out."""
        try:
            return self.run(subject, given)
        except Exception as error:
            kind = type(error).__name__
            return [
                Fail(f"internal error in the rule {self.name} ({kind}): report it with the resource's type")
            ]

    def run(self, subject: Any, given: Config) -> list[Verdict]:
        """The verdicts on a subject, under a configuration over the rule's defaults."""
        if not self.config:
            return list(self.check(subject))
        config = {
            name: param.default if (value := get(given, name)) is MISSING else value
            for name, param in self.config.items()
        }
        return list(self.check(subject, config))


class Meta(TypedDict, total=False):
    """Keyword arguments that every rule takes."""

    asks: Required[str]
    fix: Required[str]
    ids: str
    narrowed: str
    lifted: bool
    remedy: Remedy


class FullMeta(Meta, total=False):
    """Keyword arguments of rules that have a check of their own."""

    reads: str
    config: Mapping[str, Param]


def stack_rule(name: str, severity: Severity, types: Tokens, check: Check, **meta: Unpack[FullMeta]) -> Rule:
    """Rule on all resources of a stack."""
    return Rule(name, severity, types, check, scope=Scope.STACK, **meta)


def platform_rule(
    name: str, severity: Severity, types: Tokens, check: Check, **meta: Unpack[FullMeta]
) -> Rule:
    """Rule on all stacks of a platform."""
    return Rule(name, severity, types, check, scope=Scope.PLATFORM, **meta)


# ---- common rules -----------------------------------------------------------------------------------------

Unless = Callable[[Node], Truth]


def never(_: Node) -> Truth:
    """No exception from the rule."""
    return False


def check_value(
    node: Node, path: str, holds: Callable[[Value], bool], message: str, *, missing_ok: bool = False
) -> Verdicts:
    """Check that every value at the path holds; `absent` is whether a missing one does."""
    for where, value in node.find(path):
        if value is UNKNOWN:
            yield Undecided(where)
        elif not (missing_ok if value is MISSING else holds(value)):
            yield Fail(f"`{where}` {'is missing' if value is MISSING else 'is wrong'}: {message}")


def require_value(
    name: str,
    severity: Severity,
    types: Tokens,
    path: str,
    holds: Callable[[Value], bool],
    *,
    message: str,
    missing_ok: bool = False,
    unless: Unless = never,
    **meta: Unpack[Meta],
) -> Rule:
    """Rule that a property holds, each element of a list for itself."""

    def check(node: Node) -> Verdicts:
        excused = unless(node)
        if excused is UNKNOWN and any(
            isinstance(v, Fail) for v in check_value(node, path, holds, message, missing_ok=missing_ok)
        ):
            yield Undecided(path)
        elif excused is False:
            yield from check_value(node, path, holds, message, missing_ok=missing_ok)

    return Rule(
        name=name, severity=severity, types=types, check=check, reads=path, **{"asks": "", "fix": "", **meta}
    )


def means_true(value: Value) -> bool:
    """Returns whether a value means true."""
    return as_bool(value) is True


def means_false(value: Value) -> bool:
    """Returns whether a value means false."""
    return as_bool(value) is False


def require_true(
    name: str, severity: Severity, types: Tokens, path: str, *, unless: Unless = never, **meta: Unpack[Meta]
) -> Rule:
    """Rule that a switch is on, where AWS leaves it off by default."""
    return require_value(
        name, severity, types, path, means_true, message="set it to true", unless=unless, **meta
    )


def require_not_true(name: str, severity: Severity, types: Tokens, path: str, **meta: Unpack[Meta]) -> Rule:
    """Rule that a switch is off, where AWS leaves it off by default."""
    return require_value(
        name,
        severity,
        types,
        path,
        means_false,
        message="set it to false or leave it out",
        missing_ok=True,
        **meta,
    )


def require_not_false(name: str, severity: Severity, types: Tokens, path: str, **meta: Unpack[Meta]) -> Rule:
    """Rule that a switch is on, where AWS turns it on by default."""
    return require_value(
        name,
        severity,
        types,
        path,
        means_true,
        message="set it to true or leave it out",
        missing_ok=True,
        **meta,
    )


def require_absent(name: str, severity: Severity, types: Tokens, paths: str, **meta: Unpack[Meta]) -> Rule:
    """Rule that none of these properties is written, known or not."""

    def check(node: Node) -> Verdicts:
        for path in paths.split():
            for where, value in find(node.inputs, path):
                if value is not MISSING:
                    yield Fail(f"`{where}` is set: leave it out")

    return Rule(name, severity, types, check, reads=paths, **meta)


def forbid_type(name: str, severity: Severity, types: Tokens, **meta: Unpack[Meta]) -> Rule:
    """Rule that a type is never created."""

    def check(_: Node) -> Verdicts:
        yield Fail(f"this type isn't allowed: {meta['fix'][0].lower()}{meta['fix'][1:]}")

    return Rule(name, severity, types, check, **meta)
