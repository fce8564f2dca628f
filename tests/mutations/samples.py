"""Small samples, for rules on what the program hasn't: the compliant cases of the rules, one over the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from controls.language.rules import Scope

from tests.mutations.values import known
from tests.mutations.worlds import World, sample
from tests.policy.all_cases import ALL
from tests.policy.asking import Res, Stack, Stacks, Verdict, all_rules
from tests.policy.case import Case, Cases


def compliant(rule: str) -> World | None:
    """World that keeps the rule, a single resource with what else is asked of its type; None where nothing does."""
    kept = list(_kept(ALL[rule]))
    if not kept:
        return None
    if all_rules()[rule].scope is not Scope.RESOURCE:
        stacks, case = next((it for it in kept if _known(it[0])), kept[0])
        return sample(stacks, {rule: case.config})
    stacks, case = kept[0]
    config = {rule: dict(case.config)}
    return sample({name: [_full(it, config) for it in stack] for name, stack in stacks.items()}, config)


def _kept(cases: Cases) -> Iterator[tuple[Stacks, Case]]:
    """The compliant case, and others that keep the rule on the same types."""
    first = cases.all().get("compliant")
    if first is not None:
        types = _types(_stacks(cases.subject(first)))
        for case in (first, *cases.more.values()):
            stacks = _stacks(cases.subject(case))
            if case.expect is Verdict.KEPT and _types(stacks) == types:
                yield stacks, case


def _stacks(subject: Res | Stack | Stacks) -> Stacks:
    if isinstance(subject, Res):
        subject = [subject]
    return subject if isinstance(subject, Mapping) else {"main": subject}


def _types(stacks: Stacks) -> list[str]:
    return sorted(res.type for stack in stacks.values() for res in stack)


def _known(stacks: Stacks) -> bool:
    return all(known(dict(res.props)) for stack in stacks.values() for res in stack)


def _full(res: Res, config: dict[str, dict[str, Any]]) -> Res:
    """The resource over all that the rules on single resources of its type are content with."""
    props: Any = {}
    for rule, other in _alike(res.type):
        config.setdefault(rule, dict(other.config))
        found = ALL[rule].subject(other)
        props = _over(props, found.props) if isinstance(found, Res) else props
    return replace(res, props=_over(props, res.props), protect=True)


def _alike(token: str) -> list[tuple[str, Case]]:
    cases = [
        (name, ALL[name].all().get("compliant"))
        for name, rule in all_rules().items()
        if rule.scope is Scope.RESOURCE and token in rule.types and ALL[name].on == token
    ]
    return [(name, case) for name, case in cases if case is not None]


def _over(below: Any, above: Any) -> Any:
    """The one over the other, objects key by key and lists item by item."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{key: _over(below.get(key), it) for key, it in above.items()}}
    if isinstance(below, list) and isinstance(above, list):
        both = [_over(one, other) for one, other in zip(below, above, strict=False)]
        return [*both, *below[len(both) :], *above[len(both) :]]
    return above
