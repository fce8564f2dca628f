"""Pulumi policies, one made of each rule.

No error in a rule can stop a run: it becomes a violation that names the rule. What can't be decided is reported
as not applicable, with a reason that begins with `undecided: ` or `decided elsewhere: `, and never as passed;
what an exception allows, with one that begins with `excepted: `. What is undecided in an update, where nothing
is unknown, is a violation. At the level `remediate` a rule that has a remedy writes it into a resource that
breaks it, and then judges the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from controls.language.remediation import Remedy
from controls.language.rules import Param, Rule, Scope
from controls.language.verdicts import Excepted, Fail, NeedsOtherStack, Undecided, Verdict
from controls.pack import pci, references
from controls.pack.exceptions import Waivers
from controls.pack.requests.nodes import judged_graph, judged_node, resource_node

OTHER_TYPE: Final = "another type"
NO_RESOURCE: Final = "no resource of its types"
UNDECIDED: Final = "undecided: "
ELSEWHERE: Final = "decided elsewhere: "
EXCEPTED: Final = "excepted: "
UNKNOWN_YET: Final = " isn't known yet"  # how the reason of an undecided rule ends

RETIRE_KEY: Final = Param("", "Stack config key that is true while the stack is being taken down")
REPLACING: Final = Param(False, "Whether its remedy may replace, or interrupt, one that is there already")


def policy(rule: Rule, waivers: Waivers | None = None) -> Policy:
    """Policy of the SDK for a rule, under these exceptions."""
    spared = Waivers() if waivers is None else waivers
    return ResourceRule(rule, spared) if rule.scope is Scope.RESOURCE else StackRule(rule, spared)


class ResourceRule(ResourceValidationPolicy):
    """Policy on a resource, with its rule."""

    def __init__(self, rule: Rule, waivers: Waivers) -> None:
        super().__init__(
            validate=_resource_check(rule, waivers),
            remediate=_resource_remedy(rule, rule.remedy, waivers) if rule.remedy else None,  # pyright: ignore[reportArgumentType] the SDK takes a mapping, and declares only one that is awaited
            **_metadata(rule),
        )
        self.rule = rule


class StackRule(StackValidationPolicy):
    """Policy on all resources of a stack, with its rule."""

    def __init__(self, rule: Rule, waivers: Waivers) -> None:
        super().__init__(validate=_stack_check(rule, waivers), **_metadata(rule))
        self.rule = rule


def parameters(rule: Rule) -> dict[str, Param]:
    """Parameters of a rule, with those that all lifted rules share, and all whose remedy may replace."""
    return {
        **rule.config,
        **({"retireKey": RETIRE_KEY} if rule.lifted else {}),
        **({"replacing": REPLACING} if rule.remedy and rule.remedy.create_only else {}),
    }


def _resource_check(
    rule: Rule, waivers: Waivers
) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not rule.applies(args.resource_type):
            args.not_applicable(OTHER_TYPE)
        if _retired(rule, args.get_config()):
            args.not_applicable("the stack is being taken down")
        verdicts = _spared(rule, rule.judge(judged_node(args), args.get_config()), args.urn, waivers)
        _report(args, report, verdicts, args.name)

    return validate


def _resource_remedy(
    rule: Rule, remedy: Remedy, waivers: Waivers
) -> Callable[[ResourceValidationArgs], Mapping[str, Any] | None]:
    """Remediation of a resource: its inputs as the remedy has them; None where the rule is kept or excepted, or its
    remedy doesn't help."""

    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        config = args.get_config()
        if not rule.applies(args.resource_type) or _retired(rule, config):
            return None
        node = resource_node(args)

        def wrong(inputs: Mapping[str, Any]) -> int:
            return sum(isinstance(it, Fail) for it in rule.judge(replace(node, inputs=inputs), config))

        if not wrong(args.props) or waivers.spares(rule.name, args.urn):
            return None
        if remedy.create_only and not config.get("replacing", REPLACING.default):
            return None
        return remedy.applied(args.props, wrong)

    return remediate


def _stack_check(rule: Rule, waivers: Waivers) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        graph = judged_graph(args)
        if not any(rule.applies(token) for token in graph.types):
            args.not_applicable(NO_RESOURCE)
        if rule.scope is Scope.PLATFORM:
            args.not_applicable(f"{ELSEWHERE}needs all stacks of the platform")
        if _retired(rule, args.get_config()):
            args.not_applicable("the stack is being taken down")
        verdicts = _spared(rule, rule.judge(graph, args.get_config()), "", waivers)
        _report(args, report, verdicts, "the stack")

    return validate


def in_update() -> bool:
    """Returns whether this run is an update, and not a preview."""
    return not pulumi.runtime.is_dry_run()


def _settled(rule: Rule, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Verdicts; in an update, where no value is unknown, with a violation in place of what is undecided."""
    for verdict in verdicts:
        if isinstance(verdict, Undecided) and in_update():
            yield Fail(
                f"`{verdict.path}` can't be judged, though nothing is unknown now: {rule.fix}", verdict.urn
            )
        else:
            yield verdict


def _spared(
    rule: Rule, verdicts: Iterable[Verdict], urn: str, waivers: Waivers
) -> Iterator[Verdict | Excepted]:
    """Settled verdicts, with what an exception allows in place of a violation."""
    for verdict in _settled(rule, verdicts):
        waiver = waivers.spares(rule.name, verdict.urn or urn) if isinstance(verdict, Fail) else None
        yield verdict if waiver is None else Excepted(f"{waiver.id} until {waiver.expires}")


def _report(
    args: ResourceValidationArgs | StackValidationArgs,
    report: ReportViolation,
    verdicts: Iterable[Verdict | Excepted],
    subject: str,
) -> None:
    undecided: list[str] = []
    elsewhere: list[str] = []
    excepted: list[str] = []
    for verdict in verdicts:
        match verdict:
            case Fail(says, urn):
                report(says, urn or None)
            case Undecided(what, urn):
                undecided.append(f"`{what}` of {urn.rpartition('::')[2] or subject}")
            case NeedsOtherStack(why):
                elsewhere.append(why)
            case Excepted(by):
                excepted.append(by)
    if undecided:
        args.not_applicable(f"{UNDECIDED}{', '.join(undecided)}{UNKNOWN_YET}")
    if elsewhere:
        args.not_applicable(f"{ELSEWHERE}{', '.join(elsewhere)}")
    if excepted:
        args.not_applicable(f"{EXCEPTED}{', '.join(dict.fromkeys(excepted))}")


def _retired(rule: Rule, config: Mapping[str, Any]) -> bool:
    key = config.get("retireKey", RETIRE_KEY.default) if rule.lifted else ""
    return bool(key) and pulumi.runtime.get_config(key) == "true"


# ---- metadata of a policy ---------------------------------------------------------------------------


def _metadata(rule: Rule) -> dict[str, Any]:
    title = rule.name.replace("-", " ")
    return {
        "name": rule.name,
        "description": rule.asks,
        "display_name": title[:1].upper() + title[1:],
        "enforcement_level": EnforcementLevel.MANDATORY if rule.mandatory else EnforcementLevel.ADVISORY,
        "severity": rule.severity,
        "framework": _framework(rule),
        "tags": [rule.scope.value, *rule.ids.split(), *pci.requirements(rule.ids.split())],
        "remediation_steps": rule.fix,
        "url": references.url(rule),
        "config_schema": _schema(parameters(rule)),
    }


def _framework(rule: Rule) -> PolicyComplianceFramework | None:
    """Framework of a policy, of which the SDK has room for one: FSBP before CIS. The tags hold them all."""
    chosen = references.framework(rule)
    return PolicyComplianceFramework(**chosen) if chosen else None


def _schema(params: Mapping[str, Param]) -> PolicyConfigSchema | None:
    if not params:
        return None
    return PolicyConfigSchema(
        {
            name: _schema_of(param.default) | {"description": param.description, "default": param.default}
            for name, param in params.items()
        }
    )


def _schema_of(default: Any) -> dict[str, Any]:
    if isinstance(default, list):
        return {
            "type": "array",
            "items": {
                "type": "integer" if all(isinstance(it, int) for it in default) and default else "string"
            },
        }
    kinds: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object"}
    return {"type": kinds[type(default)]}
