"""The controls of the benchmarks are rules, or say why they can't be; the page of rules is what the rules say."""

from __future__ import annotations

import pytest
from controls.language.rules import HIGH, Rule
from controls.language.tokens import KEY
from controls.pack import coverage, registry, rules_page
from controls.pack.coverage import Control, Count, counts, parts

from tests.root import ROOT

RULES = {rule.name: rule for rule in registry.rules()}
CONTROLS = {control.name: control for control in coverage.controls()}

# What this pack asks beyond the listed controls.
FURTHER = {"data-inside-residency", "failover-budget", "type-seen-by-rules"}


def test_every_control_has_a_name_of_its_own_and_a_known_severity() -> None:
    assert len(CONTROLS) == len(coverage.controls())
    assert {it.severity for it in CONTROLS.values()} == set(coverage.SEVERITIES)


def test_every_wanted_control_is_a_rule() -> None:
    assert [it.name for it in CONTROLS.values() if it.wanted and it.name not in RULES] == []


def test_what_is_undecidable_is_no_rule_and_says_why() -> None:
    undecidable = [it for it in CONTROLS.values() if it.undecidable]
    assert undecidable
    assert [it.name for it in undecidable if it.name in RULES or len(it.undecidable) < 20] == []


def test_every_rule_is_a_control_save_for_what_the_pack_asks_beyond_them() -> None:
    assert RULES.keys() - CONTROLS.keys() == FURTHER


@pytest.mark.parametrize("name", sorted(RULES.keys() & CONTROLS.keys()))
def test_a_rule_has_its_controls_severity_and_ids(name: str) -> None:
    rule, control = RULES[name], CONTROLS[name]
    assert rule.severity.value == control.severity
    assert coverage.every_part(control.ids) <= coverage.every_part(rule.ids)


@pytest.mark.parametrize("rule", [it for it in RULES.values() if it.narrowed], ids=lambda it: it.name)
def test_a_narrowed_rule_says_why_in_a_sentence(rule: Rule) -> None:
    assert rule.narrowed[0].isupper()
    assert rule.narrowed.endswith(".")
    assert len(rule.narrowed) > 30


def test_counts_are_by_severity_and_in_sum() -> None:
    def row(name: str, severity: str, ids: str = "", why: str = "") -> Control:
        return Control("KMS", name, severity, "Asks", ids, "", why)

    rows = [
        row("a", "high"),
        row("b", "high", why="because"),
        row("c", "medium", "CKV_AWS_1"),
        row("d", "medium", "KMS.1"),
    ]
    rule = Rule("a", HIGH, KEY, lambda _: [], asks="", fix="", narrowed="Less.")
    found = {it.severity: it for it in counts([rule], rows)}
    assert found["high"] == Count("high", listed=2, undecidable=1, wanted=1, rules=1, narrowed=1)
    assert found["medium"] == Count("medium", listed=2, undecidable=0, wanted=1, rules=0, narrowed=0)
    assert found["all"] == Count("all", listed=4, undecidable=1, wanted=2, rules=1, narrowed=1)
    assert found["all"].missing == 1


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("KMS.1", ["KMS.1"]),
        ("CIS-3.0:1.8,1.9", ["CIS-3.0:1.8", "CIS-3.0:1.9"]),
        ("CIS-3.0:4.9-4.11", ["CIS-3.0:4.9", "CIS-3.0:4.10", "CIS-3.0:4.11"]),
        ("PSS:baseline", ["PSS:baseline"]),
    ],
)
def test_an_id_may_name_several_sections(identifier: str, expected: list[str]) -> None:
    assert parts(identifier) == expected


def test_the_page_of_rules_is_current() -> None:
    page = (ROOT / "docs" / "policies.md").read_text()
    assert page == rules_page.text(), "in policy/: python -m controls.pack.rules_page ../docs/policies.md"


def ends(controls: list[Control]) -> set[str]:
    """The sections of controls, without their benchmarks."""
    return {part.rpartition(":")[2] for it in controls for part in coverage.every_part(it.ids)}


def test_the_page_says_of_each_benchmark_what_is_undecided_and_why() -> None:
    table = rules_page.text().partition("## By benchmark")[2].partition("\n## ")[0]
    _, _, *lines = (line for line in table.splitlines() if line.startswith("|"))
    rows = {cells[1]: cells[4:6] for line in lines for cells in [[it.strip() for it in line.split("|")]]}
    assert rows.keys() >= {
        "AWS Foundational Security Best Practices",
        "CIS AWS Foundations 3.0",
        "CIS AWS Foundations 5.0",
        "CIS AWS Foundations 7.0",
        "CIS Amazon EKS 1.8",
        "Pod Security Standards",
    }
    never, later = (
        {it for cells in rows.values() for it in cells[column].split(", ") if it} for column in (0, 1)
    )
    assert "1.4" in never
    assert never <= ends([it for it in CONTROLS.values() if it.undecidable])
    assert later <= ends([it for it in CONTROLS.values() if it.severity == "low"])


def test_the_page_has_every_rule_and_every_control_that_cannot_be_one() -> None:
    page = rules_page.text()
    assert [it for it in RULES if f"\n### {it}\n" not in page] == []
    assert [it.name for it in CONTROLS.values() if it.undecidable and f"| {it.name} |" not in page] == []
    assert [it.name for it in RULES.values() if it.narrowed and it.narrowed not in page] == []
