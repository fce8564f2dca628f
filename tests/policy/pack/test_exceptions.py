"""Exceptions allow what they name until they end, and tell when they are wrong, over or needless."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from controls.language.rules import Rule
from controls.pack import exceptions, platform_rules, pulumi_policies, registry
from controls.pack.exceptions import MalformedError, Waiver, Waivers, load

from tests.policy.asking import Answer, Res, Verdict, all_rules, ask, ask_stack, nodes
from tests.root import PACK

TODAY = date(2026, 11, 22)
BUCKET = "aws:s3/bucket:Bucket"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
VPC = "aws:ec2/vpc:Vpc"
RULE = "alb-deletion-protection"  # medium

ENTRY = """
- id: EX-1
  rule: alb-deletion-protection
  urn: "urn:pulumi:main::castle::aws:lb/loadBalancer:LoadBalancer::it"
  reason: It goes with the drill that made it
  owner: platform
  ticket: OPS-1
  expires: 2026-12-31
"""


def waiver(**given: Any) -> Waiver:
    fields: dict[str, Any] = {
        "id": "EX-1",
        "rule": RULE,
        "urn": "*::it",
        "reason": "Why",
        "owner": "platform",
        "ticket": "OPS-1",
        "expires": TODAY,
    }
    return Waiver(**fields | given)


def under(monkeypatch: Any, waivers: Waivers, rule: Rule | None = None) -> None:
    """Has the tests ask policies that know these exceptions."""

    def named(name: str) -> Any:
        return rule if rule is not None and rule.name == name else all_rules()[name]

    monkeypatch.setattr("tests.policy.asking.rule_named", named)
    monkeypatch.setattr(
        "tests.policy.asking.policy_named", lambda name: pulumi_policies.policy(named(name), waivers)
    )


def written(folder: Path, text: str) -> Path:
    file = folder / "exceptions.yaml"
    file.write_text(text)
    return file


# ---- the file ---------------------------------------------------------------------------------------


def test_the_packs_own_file_is_right() -> None:
    load(registry.rules(), exceptions.today())


def test_an_exception_is_read(tmp_path: Path) -> None:
    (found,) = load(registry.rules(), TODAY, written(tmp_path, ENTRY))
    assert (found.id, found.rule, found.owner, found.expires) == (
        "EX-1",
        RULE,
        "platform",
        date(2026, 12, 31),
    )


@pytest.mark.parametrize("text", ["", "[]", "# nothing\n"])
def test_a_file_may_have_none(text: str, tmp_path: Path) -> None:
    assert load(registry.rules(), TODAY, written(tmp_path, text)) == ()


def test_there_need_be_no_file(tmp_path: Path) -> None:
    assert load(registry.rules(), TODAY, tmp_path / "exceptions.yaml") == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- id: EX-1", "id: EX-1", "exceptions.yaml: not YAML"),
        (ENTRY, "EX-1", "exceptions.yaml: write a list of exceptions"),
        (
            "  owner: platform\n",
            "",
            "[0]: write an object with id, rule, urn, reason, owner, ticket, expires",
        ),
        ("  owner: platform\n", "  owner: platform\n  until: x\n", "[0]: write an object with"),
        ("reason: It goes with the drill that made it", 'reason: " "', "[0].reason: write a text"),
        ("owner: platform", "owner: 7", "[0].owner: write a text"),
        ("ticket: OPS-1", "ticket:", "[0].ticket: write a text"),
        ("- id: EX-1", "- id: [EX-1]", "[0].id: write a text"),
        (f"rule: {RULE}", "rule: {all: true}", "[0].rule: write a text"),
        ("reason: It", "reason: \x00It", "exceptions.yaml: not YAML"),
        (f"rule: {RULE}", "rule: alb-deletion-protecton", f"[0].rule: no rule is called so; write {RULE}"),
        ("2026-12-31", "soon", "[0].expires: write a day, for example 2026-11-22"),
        ("2026-12-31", "2026-12-31T00:00:00Z", "[0].expires: write a day, for example 2026-11-22"),
        ("2026-12-31", "2027-11-22", "[0].expires: an exception from a medium rule ends within 180 days"),
        (
            f"rule: {RULE}",
            "rule: ecr-policy-not-public",
            "an exception from a critical rule ends within 30 days",
        ),
        (
            '"urn:pulumi:main::castle::aws:lb/loadBalancer:LoadBalancer::it"',
            '"*"',
            "[0].urn: it is for everything",
        ),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in ENTRY
    with pytest.raises(MalformedError) as refusal:
        load(registry.rules(), TODAY, written(tmp_path, ENTRY.replace(old, new)))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("rule", "severity", "days"),
    [
        ("ecr-policy-not-public", "critical", 30),
        ("kms-key-rotation", "high", 90),
        (RULE, "medium", 180),
        ("exceptions-needed", "low", 365),
    ],
)
def test_the_more_severe_a_rule_the_sooner_its_exception_ends(
    rule: str, severity: str, days: int, tmp_path: Path
) -> None:
    rules = [*registry.rules(), *Waivers().rules()]
    last = TODAY + timedelta(days=days)

    def entry(ends: date) -> Path:
        text = ENTRY.replace(RULE, rule).replace("2026-12-31", ends.isoformat())
        return written(tmp_path, text)

    assert [it.expires for it in load(rules, TODAY, entry(last))] == [last]
    with pytest.raises(MalformedError, match=f"from a {severity} rule ends within {days} days"):
        load(rules, TODAY, entry(last + timedelta(days=1)))


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedError, match=r"exceptions.yaml: not YAML"):
        load(registry.rules(), TODAY, file)


def test_two_exceptions_never_have_one_id(tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match=r"\[1\].id: another exception has it"):
        load(registry.rules(), TODAY, written(tmp_path, ENTRY + ENTRY))


def test_a_wrong_file_stops_the_pack_with_one_message(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from controls.pack import exceptions;"
        f"exceptions.load.__defaults__ = (Path({str(written(tmp_path, 'x: 1'))!r}),);"
        "import runpy; runpy.run_path('.', run_name='__main__')"
    )
    pack = PACK
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=pack, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "exceptions.yaml: write a list of exceptions\n"


# ---- what they do -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({}, Verdict.NOT_ASKED),
        ({"urn": "*::other"}, Verdict.BROKEN),
        ({"rule": "alb-access-logs"}, Verdict.BROKEN),
        ({"expires": date(2026, 11, 21)}, Verdict.BROKEN),
    ],
)
def test_an_exception_is_for_one_rule_and_the_resources_of_its_glob_until_it_ends(
    given: dict[str, Any], verdict: Verdict, monkeypatch: Any
) -> None:
    under(monkeypatch, Waivers([waiver(**given)], TODAY))
    assert ask(RULE, Res(BALANCER)).verdict is verdict


def test_an_exception_spares_one_resource_of_a_stack_and_not_the_others(monkeypatch: Any) -> None:
    under(monkeypatch, Waivers([waiver(rule="vpc-flow-logs-enabled")], TODAY))
    assert ask_stack("vpc-flow-logs-enabled", [Res(VPC, {}, "it")], {}).verdict is Verdict.NOT_ASKED
    both = ask_stack("vpc-flow-logs-enabled", [Res(VPC, {}, "it"), Res(VPC, {}, "other")], {})
    assert (both.verdict, len(both.messages)) == (Verdict.BROKEN, 1)


def judged(waivers: Waivers, name: str, monkeypatch: Any) -> Answer:
    rule = next(it for it in waivers.rules() if it.name == name)
    under(monkeypatch, waivers, rule)
    return ask_stack(name, [Res(BALANCER)], {})


def test_an_exception_that_has_ended_stops_a_deployment(monkeypatch: Any) -> None:
    waivers = Waivers([waiver(expires=date(2026, 11, 21))], TODAY)
    answer = judged(waivers, "exceptions-current", monkeypatch)
    assert answer.verdict is Verdict.BROKEN
    assert "EX-1 from alb-deletion-protection ended on 2026-11-21" in answer.messages[0]
    assert waivers.rules()[0].mandatory
    assert judged(Waivers([waiver()], TODAY), "exceptions-current", monkeypatch).verdict is Verdict.KEPT


def test_an_exception_that_nothing_needs_is_told(monkeypatch: Any) -> None:
    waivers = Waivers([waiver()], TODAY)
    answer = judged(waivers, "exceptions-needed", monkeypatch)
    assert "nothing needs the exception EX-1" in answer.messages[0]
    assert not waivers.rules()[1].mandatory
    ask(RULE, Res(BALANCER))
    assert judged(waivers, "exceptions-needed", monkeypatch).verdict is Verdict.KEPT


def test_an_exception_for_another_stack_is_not_needless_here(monkeypatch: Any) -> None:
    waivers = Waivers([waiver(urn="urn:pulumi:other::*")], TODAY)
    assert judged(waivers, "exceptions-needed", monkeypatch).verdict is Verdict.KEPT


# ---- over several stacks ----------------------------------------------------------------------------


def found(*waivers: Waiver) -> set[tuple[str, bool]]:
    stacks = nodes(
        {"a": [Res(VPC, {"cidrBlock": "10.0.0.0/16"})], "b": [Res(VPC, {"cidrBlock": "10.0.0.0/8"})]}
    )
    rules = [all_rules()["vpc-cidrs-disjoint-across-regions"]]
    return {
        (it.rule, it.mandatory)
        for it in platform_rules.evaluate(stacks, rules=rules, waivers=Waivers(waivers, TODAY))
    }


def test_an_exception_holds_for_a_platform_rule() -> None:
    disjoint = "vpc-cidrs-disjoint-across-regions"
    assert found() == {(disjoint, True)}
    assert found(waiver(rule=disjoint, urn="urn:pulumi:b::*")) == set()


def test_an_exception_for_resources_that_no_stack_has_is_told() -> None:
    assert ("exceptions-needed", False) in found(waiver(urn="*::gone"))
    assert ("exceptions-needed", False) not in found(waiver(urn="*::it"))
