"""How the tests ask a rule: through the policy that Pulumi would run, with unknowns as Pulumi sends them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from typing import Any
from unittest.mock import patch

import controls
from controls.language.facts import UNKNOWN, Node
from controls.language.rules import Rule, Scope
from controls.pack import platform_rules, pulumi_policies, registry
from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.policy import _NotApplicableError
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy


class Verdict(Enum):
    KEPT = "kept"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    ELSEWHERE = "decided elsewhere"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Res:
    """A resource of a case. `needs` tells, by property, the names of the resources that it came from."""

    type: str
    props: Mapping[str, Any] = field(default_factory=dict)
    name: str = "it"
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    provider: Mapping[str, Any] = field(default_factory=dict)
    protect: bool = False
    ignore: Sequence[str] = ()
    parent: str = ""


Stack = Sequence[Res]
Stacks = Mapping[str, Stack]


@dataclass(frozen=True)
class Answer:
    verdict: Verdict
    messages: tuple[str, ...]


def urn(res: Res, stack: str) -> str:
    return f"urn:pulumi:{stack}::castle::{res.type}::{res.name}"


def wire(value: Any) -> Any:
    """Unknown parts as Pulumi writes them, numbers as it sends them."""
    if isinstance(value, Mapping):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return UNKNOWN_STRING_VALUE if value is UNKNOWN else value


@cache
def all_rules() -> dict[str, Rule]:
    """The rules of every module of the pack, those that the registry doesn't list yet included."""
    written = {rule.name: rule for rules in rules_by_module().values() for rule in rules}
    return {rule.name: rule for rule in registry.rules()} | written


@cache
def rules_by_module() -> dict[str, tuple[Rule, ...]]:
    """The rules by the full name of the module that defines them; those of a guard by the module of its check."""
    names = [it.name for it in pkgutil.walk_packages(controls.__path__, "controls.") if not it.ispkg]
    found = {name: tuple(getattr(importlib.import_module(name), "RULES", ())) for name in names}
    known = {rule.name for rules in found.values() for rule in rules}
    for rule in registry.rules():
        if rule.name not in known:
            found[rule.check.__module__] += (rule,)
    return {name: rules for name, rules in found.items() if rules}


def rule_named(name: str) -> Rule:
    return all_rules()[name]


@cache
def policy_named(name: str) -> Policy:
    return pulumi_policies.policy(rule_named(name))


def ask(
    name: str,
    subject: Res | Stack | Stacks,
    config: Mapping[str, Any] | None = None,
    *,
    preview: bool = True,
) -> Answer:
    """What the rule of that name says of a resource, of a stack, or of several; in a preview, or in an update."""
    if isinstance(subject, Mapping):
        return _ask_platform(name, subject, config or {})
    if isinstance(subject, Res) and rule_named(name).scope is not Scope.RESOURCE:
        subject = (subject,)
    if isinstance(subject, Res):
        return _ask_resource(name, subject, config or {}, preview)
    if rule_named(name).scope is Scope.PLATFORM:
        return _ask_platform(name, {"main": subject}, config or {})
    return ask_stack(name, subject, config or {}, preview=preview)


def ask_each(asked: Mapping[str, Mapping[str, Any]], res: Res) -> Iterator[tuple[str, Answer]]:
    """What several rules on resources say of one, each by its name and under its parameters."""
    props, options, provider = _proxy(res.props), _options(res), _provider(res)
    for name, config in asked.items():
        args = ResourceValidationArgs(
            res.type, props, urn(res, "main"), res.name, options, provider, dict(config)
        )
        yield name, _answer(policy_named(name), args, preview=True)


def _ask_resource(name: str, res: Res, config: Mapping[str, Any], preview: bool) -> Answer:
    policy = policy_named(name)
    assert isinstance(policy, ResourceValidationPolicy)
    args = ResourceValidationArgs(
        res.type, _proxy(res.props), urn(res, "main"), res.name, _options(res), _provider(res), dict(config)
    )
    return _answer(policy, args, preview)


def mended(name: str, res: Res, config: Mapping[str, Any] | None = None) -> Res | None:
    """The resource as the rule of that name would have it, in the form in which Pulumi would be given it."""
    policy = policy_named(name)
    assert isinstance(policy, ResourceValidationPolicy)
    props = deserialize_properties(wire(res.props), proxy_secrets=True)
    args = ResourceValidationArgs(
        res.type, props, urn(res, "main"), res.name, _options(res), _provider(res), dict(config or {})
    )
    given: Any = policy.remediate(args)
    assert serialize_properties(props) == wire(res.props), "other remedies get the same properties"
    return None if given is None else replace(res, props=serialize_properties(given))


def ask_stack(name: str, stack: Stack, config: Mapping[str, Any], *, preview: bool = True) -> Answer:
    policy = policy_named(name)
    assert isinstance(policy, StackValidationPolicy)
    made = {
        res.name: PolicyResource(
            res.type,
            _proxy(res.props),
            urn(res, "main"),
            res.name,
            _options(res),
            _provider(res),
            None,
            [],
            {},
        )
        for res in stack
    }
    for res in stack:
        resource = made[res.name]
        resource.parent = made.get(res.parent)
        for prop, names in res.needs.items():
            resource.property_dependencies[prop] = [made[it] for it in names]
            resource.dependencies.extend(resource.property_dependencies[prop])
    return _answer(policy, StackValidationArgs(list(made.values()), dict(config)), preview)


def _ask_platform(name: str, stacks: Stacks, config: Mapping[str, Any]) -> Answer:
    findings = platform_rules.evaluate(nodes(stacks), {name: config}, [rule_named(name)])
    broken = tuple(it.message for it in findings if not it.undecided)
    verdict = Verdict.BROKEN if broken else Verdict.UNDECIDED if findings else Verdict.KEPT
    return Answer(verdict, broken)


def nodes(stacks: Stacks) -> dict[str, list[Node]]:
    """The recorded graphs of stacks, from the cases' resources."""
    return {stack: [_node(res, resources, stack) for res in resources] for stack, resources in stacks.items()}


def _node(res: Res, resources: Stack, stack: str) -> Node:
    urns = {it.name: urn(it, stack) for it in resources}
    return Node(
        urn=urn(res, stack),
        type=res.type,
        name=res.name,
        inputs=wire(res.props),
        parent=urns.get(res.parent, ""),
        provider_type="pulumi:providers:aws",
        provider_props=wire(res.provider),
        dependencies=tuple(urns[it] for names in res.needs.values() for it in names),
        property_dependencies={prop: tuple(urns[it] for it in names) for prop, names in res.needs.items()},
        protect=res.protect,
        ignore_changes=tuple(res.ignore),
    )


def _answer(policy: Policy, args: ResourceValidationArgs | StackValidationArgs, preview: bool) -> Answer:
    messages: list[str] = []
    verdict = Verdict.KEPT

    def report(message: str, urn: str | None = None) -> None:
        messages.append(message)

    try:
        with patch.object(pulumi_policies, "in_update", return_value=not preview):
            policy.validate(args, report)  # pyright: ignore[reportAttributeAccessIssue] both kinds of policy have one
    except _NotApplicableError as reason:
        verdict = next(
            (
                it
                for it in (Verdict.UNDECIDED, Verdict.ELSEWHERE)
                if reason.message.startswith(f"{it.value}: ")
            ),
            Verdict.NOT_ASKED,
        )
    return Answer(Verdict.BROKEN if messages else verdict, tuple(messages))


def _proxy(props: Mapping[str, Any]) -> Any:
    return unknown_checking_proxy(deserialize_properties(wire(props)))


def _options(res: Res) -> PolicyResourceOptions:
    return PolicyResourceOptions(
        res.protect, list(res.ignore), None, [], PolicyCustomTimeouts(0, 0, 0), [], res.parent or None
    )


def _provider(res: Res) -> PolicyProviderResource:
    return PolicyProviderResource("pulumi:providers:aws", _proxy(res.provider), "urn:provider", "aws")
