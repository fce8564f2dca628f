"""Every rule is kept, broken and undecided when it should be."""

from __future__ import annotations

import pytest

from tests.policy.all_cases import ALL
from tests.policy.asking import all_rules, ask
from tests.policy.case import Case


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        pytest.param(rule, case, id=f"{rule}: {what}")
        for rule, cases in ALL.items()
        for what, case in cases.all().items()
    ],
)
def test_rule_says_what_its_case_asks(rule: str, case: Case) -> None:
    answer = ask(rule, ALL[rule].subject(case), case.config)
    assert answer.verdict is case.expect, answer.messages
    assert not any("internal error" in message for message in answer.messages)


@pytest.mark.parametrize("rule", all_rules())
def test_every_rule_has_all_four_cases_or_says_why_not(rule: str) -> None:
    cases = ALL[rule]
    assert all(len(reason) > 20 for reason in cases.reasons())
    assert len(cases.all()) - len(cases.more) + len(cases.reasons()) == 4


def test_no_cases_are_left_of_a_rule_that_is_gone() -> None:
    assert ALL.keys() == all_rules().keys()
