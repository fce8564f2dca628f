"""Garbage as inputs: every rule answers, no run is stopped, and no rule breaks.

A rule's internal error is told as a violation that names the rule; that is a last net, and here nothing falls into
it. Everything comes from seeds, so that each run of the tests asks the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any, Final

import pytest
from controls.language.rules import Rule, Scope
from controls.language.tokens import ANY
from controls.pack import pulumi_policies

from tests.policy.asking import Answer, Res, Verdict, all_rules, ask, ask_each
from tests.policy.declared import TOKENS
from tests.policy.garbage import resource
from tests.root import PACK

RULES = all_rules()
CASTLE: Final[Mapping[str, Mapping[str, Any]]] = json.loads((PACK / "castle.json").read_text())
ROUNDS = 6  # how often each type, stack and platform comes


def config(rule: Rule, seed: int) -> Mapping[str, Any]:
    """Every other time the parameters of a program that sets them, and else none."""
    given = CASTLE.get(rule.name, {}) if seed % 2 else {}
    return {key: value for key, value in given.items() if key in pulumi_policies.parameters(rule)}


def stack(rule: Rule, seed: int) -> list[Res]:
    """Two resources of each type that a rule looks at, or of some types for one that looks at all of them, with
    properties that came from others."""
    chance = Random(f"{rule.name} {seed}")
    types = rule.types if rule.types != ANY else chance.sample(TOKENS, 8)
    made = [resource(token, seed * 2 + i, f"{token} {i}") for token in types for i in range(2)]
    names = [it.name for it in made]
    return [
        replace(
            it,
            needs={key: chance.sample(names, 1) for key in it.props if chance.random() < 0.3},
            parent=chance.choice(["", *names]),
        )
        for it in made
    ]


@cache
def of_resources() -> tuple[tuple[str, Answer], ...]:
    return tuple(
        answer
        for token in TOKENS
        for seed in range(ROUNDS)
        for answer in ask_each(
            {
                rule.name: config(rule, seed)
                for rule in RULES.values()
                if rule.scope is Scope.RESOURCE and rule.applies(token)
            },
            resource(token, seed),
        )
    )


def of_several(scope: Scope) -> Iterator[tuple[str, Answer]]:
    for rule in RULES.values():
        for seed in range(ROUNDS) if rule.scope is scope else ():
            one, other = stack(rule, seed), stack(rule, seed + ROUNDS)
            subject = one if scope is Scope.STACK else {"one": one, "other": other}
            yield rule.name, ask(rule.name, subject, config(rule, seed))


def broken(answers: Iterable[tuple[str, Answer]]) -> tuple[int, list[str]]:
    """Number of runs, and the rules that broke in one."""
    runs, found = 0, set[str]()
    for rule, answer in answers:
        runs += 1
        if any("internal error" in message for message in answer.messages):
            found.add(rule)
    return runs, sorted(found)


def test_no_garbage_breaks_a_rule_on_resources() -> None:
    runs, rules = broken(of_resources())
    assert rules == []
    assert runs > 7000


def test_garbage_is_looked_into() -> None:
    """Garbage that no rule reads would break none: most of them find something wrong in it, and unknown values."""
    seen: dict[str, set[Verdict]] = {}
    for rule, answer in of_resources():
        seen.setdefault(rule, set()).add(answer.verdict)
    assert sum(Verdict.BROKEN in it for it in seen.values()) > 0.7 * len(seen)
    assert sum(Verdict.UNDECIDED in it for it in seen.values()) > 0.4 * len(seen)


@pytest.mark.parametrize("scope", [Scope.STACK, Scope.PLATFORM])
def test_no_garbage_breaks_a_rule_on_several(scope: Scope) -> None:
    runs, rules = broken(of_several(scope))
    assert rules == []
    assert runs == ROUNDS * sum(rule.scope is scope for rule in RULES.values())


def test_garbage_is_the_same_each_time_and_never_twice() -> None:
    made = [resource("aws:s3/bucket:Bucket", seed) for seed in range(ROUNDS)]
    assert made == [resource("aws:s3/bucket:Bucket", seed) for seed in range(ROUNDS)]
    assert len({repr(it) for it in made}) == ROUNDS
