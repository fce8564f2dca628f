"""Platform rules, whose evidence lies in several stacks, judged over the recorded resources of them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controls.language.facts import Node
from controls.language.graph import Platform
from controls.language.rules import LOW, Rule, Scope
from controls.language.verdicts import Fail, Undecided
from controls.pack import registry
from controls.pack.exceptions import Waivers


@dataclass(frozen=True)
class Finding:
    """Violation of a platform rule, or with `undecided` a value that has to be known first."""

    rule: str
    severity: str
    mandatory: bool
    stack: str
    urn: str
    message: str
    fix: str
    undecided: bool = False


def evaluate(
    stacks: Mapping[str, Sequence[Node]],
    config: Mapping[str, Any] | None = None,
    rules: Iterable[Rule] | None = None,
    waivers: Waivers | None = None,
) -> list[Finding]:
    """Findings of the platform rules in these stacks, each under its name.

    `config` is the object of a policy configuration file: parameters and level by rule, in the CLI's forms;
    `rules` are the registry's unless others are given. A rule without a finding has been kept. An undecided
    finding is never mandatory. What `waivers` allow is left out, and one that no resource needs is a finding.
    """
    platform, given = Platform(stacks), config or {}
    findings: list[Finding] = []
    for rule in registry.rules() if rules is None else rules:
        if rule.scope is not Scope.PLATFORM or not any(
            rule.applies(node.type) for node in platform.graph.nodes
        ):
            continue
        level, params = _entry(rule, given)
        if level == "disabled":
            continue
        for verdict in rule.judge(platform, params):
            if isinstance(verdict, Fail) and waivers and waivers.spares(rule.name, verdict.urn):
                continue
            if isinstance(verdict, (Fail, Undecided)):
                undecided = isinstance(verdict, Undecided)
                message = (
                    f"`{verdict.path}` isn't known yet" if isinstance(verdict, Undecided) else verdict.message
                )
                findings.append(
                    Finding(
                        rule=rule.name,
                        severity=rule.severity.value,
                        mandatory=level != "advisory" and not undecided,
                        stack=platform.stack_of(verdict.urn),
                        urn=verdict.urn,
                        message=message,
                        fix=rule.fix,
                        undecided=undecided,
                    )
                )
    return [*findings, *_stray(platform, waivers)]


def _stray(platform: Platform, waivers: Waivers | None) -> list[Finding]:
    """Findings on exceptions for resources that no stack has."""
    return [
        Finding(
            rule="exceptions-needed",
            severity=LOW.value,
            mandatory=False,
            stack="",
            urn=it.urn,
            message=f"the exception {it.id} from {it.rule} is for resources that no stack has",
            fix="Take it out of exceptions.yaml",
        )
        for it in (waivers.all if waivers else ())
        if not any(it.covers(it.rule, node.urn) for node in platform.graph.nodes)
    ]


def _entry(rule: Rule, config: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Level and parameters of a rule. The file may give a level alone, and one for all rules. None of these rules
    has a remedy."""
    found = config.get(rule.name, {})
    entry: Mapping[str, Any] = {"enforcementLevel": found} if isinstance(found, str) else found
    own = "mandatory" if rule.mandatory else "advisory"
    level = entry.get("enforcementLevel") or config.get("all") or own
    return own if level == "remediate" else level, entry
