"""The cases of a module of rules stand in the module of the same name under `cases`."""

from __future__ import annotations

import pytest

from tests.policy.all_cases import ALL, MODULES
from tests.policy.asking import rules_by_module

SERVICES = "controls.services."


def test_each_module_of_rules_has_a_module_of_cases_and_each_of_cases_one_of_rules() -> None:
    assert {f"{SERVICES}{name}" for name in MODULES} == set(rules_by_module())


@pytest.mark.parametrize("name", MODULES)
def test_a_module_of_cases_has_those_of_its_rules_and_no_others(name: str) -> None:
    assert set(MODULES[name]) == {rule.name for rule in rules_by_module()[f"{SERVICES}{name}"]}


def test_no_rule_has_cases_in_two_modules() -> None:
    assert sum(len(module) for module in MODULES.values()) == len(ALL)
