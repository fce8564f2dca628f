"""What AWS relates controls of Security Hub to, in PCI DSS, reaches the rules."""

from __future__ import annotations

import csv
import re

from controls.pack import pci, references, registry, rules_page

from tests.policy.asking import policy_named
from tests.root import PACK

FILE = PACK / "controls" / "pack" / "pci.tsv"


def test_each_control_has_requirements_and_the_page_that_names_them() -> None:
    with FILE.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len({row["control"] for row in rows}) == len(rows) == len(pci.related())
    for row in rows:
        assert re.fullmatch(r"\d+(\.\d+){2,3}( \d+(\.\d+){2,3})*", row["requirements"]), row
        service, _, number = row["control"].lower().partition(".")
        assert row["page"].startswith("https://docs.aws.amazon.com/securityhub/")
        assert row["page"].endswith(f"/{service}-controls.html#{service}-{number}")


def test_each_control_is_one_that_a_rule_decides() -> None:
    assert pci.related().keys() <= {it for rule in registry.rules() for it in rule.ids.split()}


def test_a_rule_has_the_requirements_of_all_its_controls_once() -> None:
    rule = next(it for it in registry.rules() if it.name == "security-group-no-public-admin-ports")
    assert pci.requirements(rule.ids.split()) == ["PCI-4.0.1:1.3.1"]
    tags = policy_named(rule.name).tags
    assert tags
    assert tags.count("PCI-4.0.1:1.3.1") == 1
    assert not [it for it in policy_named("sns-encrypted").tags or () if it.startswith(pci.PREFIX)]


def test_the_page_of_rules_counts_them_and_names_them() -> None:
    assert rules_page.benchmark_of("PCI-4.0.1:1.3.1") == "PCI DSS 4.0.1"
    text = rules_page.text()
    number = len({it for requirements in pci.related().values() for it in requirements})
    assert f"| PCI DSS 4.0.1 | {number} | {number} |  |" in text
    assert "PCI-4.0.1:3.7.4" in text.partition("### kms-key-rotation")[2].partition("###")[0]


def test_a_rule_names_its_control_as_its_framework_also_with_requirements_of_pci() -> None:
    rule = next(it for it in registry.rules() if it.name == "kms-key-rotation")
    framework = references.framework(rule)
    assert framework
    assert framework["specification"] == "KMS.4"
