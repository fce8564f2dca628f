"""Every rule says all that the SDK has room for, and none can stop a run or give a secret away."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import pytest
from controls.language.facts import UNKNOWN
from controls.language.rules import HIGH, Param, Rule, Scope
from controls.language.tokens import ANY
from controls.pack import platform_rules, pulumi_policies, registry
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, Severity

from tests.policy.all_cases import ALL
from tests.policy.asking import Res, Verdict, all_rules, ask, ask_stack, nodes, policy_named, rules_by_module
from tests.policy.case import Case
from tests.root import PACK, ROOT

RULES = all_rules()
CANARY = "canary-7f3a-do-not-print"

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def test_names_are_unique() -> None:
    names = [rule.name for rule in registry.rules()]
    assert len(set(names)) == len(names)


def test_every_rule_that_a_module_defines_is_in_the_registry() -> None:
    written = [rule.name for rules in rules_by_module().values() for rule in rules]
    assert sorted(written) == sorted(rule.name for rule in registry.rules())
    assert len(written) >= 310  # as many as there were; one more is none too many


def test_rules_in_a_folder_of_a_service_are_seen() -> None:
    deep = {name for name in rules_by_module() if name.startswith("controls.services.kubernetes.")}
    assert {"controls.services.kubernetes.rbac", "controls.services.kubernetes.pod_security"} <= deep


def test_the_registry_lists_every_module_of_a_service() -> None:
    files = {
        file.relative_to(PACK).with_suffix("").as_posix().replace("/", ".")
        for file in (PACK / "controls" / "services").rglob("[a-z]*.py")
    }
    assert files - set(rules_by_module()) == {"controls.services.kubernetes.pods"}, "a module has no rules"
    listed = {it.__name__ for it in (*registry.MODULES, *map(inspect.getmodule, registry.GUARDS)) if it}
    assert {name for name in rules_by_module() if not {name, name.rpartition(".")[0]} & listed} == set()


@each_rule
def test_a_rule_says_all_that_the_sdk_has_room_for(rule: Rule) -> None:
    policy = policy_named(rule.name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", policy.name)
    assert policy.description
    assert policy.display_name
    assert policy.severity
    assert policy.remediation_steps
    assert policy.remediation_steps[0].isupper()
    assert not policy.description.endswith(".")
    assert policy.url
    assert policy.url.startswith("https://")
    assert policy.tags
    assert policy.tags[0] == rule.scope.value
    assert set(rule.ids.split()) <= set(policy.tags)
    if isinstance(policy, ResourceValidationPolicy):
        assert policy.has_remediation() == (rule.remedy is not None)


@each_rule
def test_critical_and_high_stop_a_deployment_and_nothing_else_does(rule: Rule) -> None:
    policy = policy_named(rule.name)
    mandatory = policy.severity in (Severity.CRITICAL, Severity.HIGH)
    assert policy.enforcement_level is (
        EnforcementLevel.MANDATORY if mandatory else EnforcementLevel.ADVISORY
    )


@each_rule
def test_a_rule_with_an_id_of_a_framework_names_it(rule: Rule) -> None:
    framework = policy_named(rule.name).framework
    known = [
        it for it in rule.ids.split() if re.fullmatch(r"[A-Z]\w*\.\d+|(CIS|EKS)-[\d.]+:[\d.,-]+|PSS:\w+", it)
    ]
    assert (framework is not None) == bool(known)
    if framework is not None:
        assert framework.name
        assert framework.version
        assert any(
            it == framework.specification or it.endswith(f":{framework.specification}") for it in known
        )


@each_rule
def test_parameters_have_a_schema_with_defaults(rule: Rule) -> None:
    schema = policy_named(rule.name).config_schema
    params = pulumi_policies.parameters(rule)
    assert set(schema.properties if schema else ()) == set(params)
    for name, param in params.items():
        assert schema is not None
        assert schema.properties[name]["default"] == param.default
        assert schema.properties[name]["description"] == param.description


# Rules that the program can't keep yet, and the type whose first resource ends that.
WAITING = {
    "account-security-contact": "aws:account/alternativeContact:AlternativeContact",
    "cloudtrail-multi-region": "aws:cloudtrail/trail:Trail",
    "config-recorder-all-resources": "aws:cfg/recorder:Recorder",
    "guardduty-each-region": "aws:guardduty/detector:Detector",
    "iam-access-analyzer-each-region": "aws:accessanalyzer/analyzer:Analyzer",
    "inspector-enabled": "aws:inspector2/enabler:Enabler",
    "securityhub-enabled": "aws:securityhub/account:Account",
}


def test_a_rule_is_off_only_while_the_program_lacks_what_would_keep_it() -> None:
    root = ROOT
    config = json.loads((root / "policy" / "castle.json").read_text())
    off = {name for name, given in config.items() if given.get("enforcementLevel") == "disabled"}
    assert off == set(WAITING)
    urns = "".join(file.read_text() for file in (root / "tests" / "stacks" / "golden").rglob("*.txt"))
    assert "aws:rds/cluster:Cluster" in urns
    ready = [name for name in off if f"${WAITING[name]}::" in urns]
    assert not ready, "the program has what keeps these now: take them out of castle.json and of this list"


def test_the_pack_pins_what_the_project_pins() -> None:
    root = ROOT
    pins = {line for line in (root / "policy" / "requirements.txt").read_text().splitlines() if "==" in line}
    assert pins
    assert pins <= set((root / "requirements.txt").read_text().splitlines())


# ---- nothing escapes --------------------------------------------------------------------------------


def broken(*_: Any) -> Any:
    raise ValueError(CANARY)


@pytest.mark.parametrize("scope", [Scope.RESOURCE, Scope.STACK, Scope.PLATFORM])
def test_an_error_in_a_rule_becomes_a_violation_that_names_the_rule(scope: Scope, monkeypatch: Any) -> None:
    rule = Rule("kms-bad-rule", HIGH, ANY, broken, asks="Nothing", fix="Nothing", scope=scope)
    monkeypatch.setattr(registry, "rules", lambda: (rule,))
    monkeypatch.setattr("tests.policy.asking.policy_named", lambda _: pulumi_policies.policy(rule))
    monkeypatch.setattr("tests.policy.asking.rule_named", lambda _: rule)
    answer = ask("kms-bad-rule", Res("aws:s3/bucket:Bucket"))
    assert answer.verdict is Verdict.BROKEN
    assert "internal error in the rule kms-bad-rule (ValueError)" in answer.messages[0]
    assert CANARY not in answer.messages[0]


def planted(value: Any) -> Any:
    """The value with the canary in place of every text of it that isn't a document or a region."""
    if isinstance(value, dict):
        return {key: planted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [planted(item) for item in value]
    return CANARY if isinstance(value, str) and value is not UNKNOWN else value


def variants(case: Case, on: str) -> list[Any]:
    """The case's subject, with the canary beside its properties, and with it in place of each of them."""
    subject = ALL[on].subject(case)
    beside = {"description": CANARY, "password": CANARY, "masterPassword": CANARY}
    return [
        _changed(subject, lambda props: {**beside, **props}),
        *(
            _changed(subject, lambda props, n=name: {**props, n: planted(props[n])} if n in props else props)
            for name in _names(subject)
        ),
    ]


def _names(subject: Any) -> set[str]:
    if isinstance(subject, Res):
        return set(subject.props)
    items = subject.values() if isinstance(subject, dict) else subject
    return set().union(*(_names(item) for item in items)) if items else set()


def _changed(subject: Any, change: Any) -> Any:
    if isinstance(subject, Res):
        return Res(
            subject.type,
            change(dict(subject.props)),
            subject.name,
            subject.needs,
            subject.provider,
            subject.protect,
            subject.ignore,
        )
    if isinstance(subject, dict):
        return {stack: _changed(items, change) for stack, items in subject.items()}
    return [_changed(item, change) for item in subject]


@pytest.mark.parametrize("rule", RULES)
def test_no_message_repeats_a_value_from_the_program(rule: str) -> None:
    messages = [
        message
        for case in ALL[rule].all().values()
        for subject in variants(case, rule)
        for message in ask(rule, subject, case.config).messages
    ]
    assert messages
    assert not [message for message in messages if CANARY in message]


@pytest.mark.parametrize(
    "rule",
    [
        name
        for name, cases in ALL.items()
        if RULES[name].scope is not Scope.PLATFORM
        and any(case.expect is Verdict.UNDECIDED for case in cases.all().values())
    ],
)
def test_what_is_undecided_fails_an_update(rule: str) -> None:
    for case in ALL[rule].all().values():
        if case.expect is Verdict.UNDECIDED:
            answer = ask(rule, ALL[rule].subject(case), case.config, preview=False)
            assert answer.verdict is Verdict.BROKEN
            assert any("can't be judged, though nothing is unknown now" in it for it in answer.messages)


# ---- what a stack says of several -------------------------------------------------------------------

every_platform_rule = pytest.mark.parametrize(
    "rule", [it.name for it in RULES.values() if it.scope is Scope.PLATFORM]
)


@every_platform_rule
def test_a_platform_rule_is_decided_elsewhere_inside_one_stack(rule: str) -> None:
    token = RULES[rule].types[0] if RULES[rule].types != ANY else "aws:ec2/vpc:Vpc"
    assert ask_stack(rule, [Res(token)], {}).verdict is Verdict.ELSEWHERE


def test_findings_name_their_stack_and_whether_they_count() -> None:
    vpc = "aws:ec2/vpc:Vpc"
    found = platform_rules.evaluate(
        nodes({"a": [Res(vpc, {"cidrBlock": "10.0.0.0/16"})], "b": [Res(vpc, {"cidrBlock": "10.0.0.0/8"})]})
    )
    (finding,) = [it for it in found if it.rule == "vpc-cidrs-disjoint-across-regions"]
    assert (finding.stack, finding.mandatory, finding.undecided) == ("b", True, False)
    assert finding.urn.startswith("urn:pulumi:b::")


@pytest.mark.parametrize(
    ("entry", "mandatory"),
    [
        ({}, [True]),
        ({"all": "advisory"}, [False]),
        ({"vpc-cidrs-disjoint-across-regions": "advisory"}, [False]),
        ({"vpc-cidrs-disjoint-across-regions": {"enforcementLevel": "advisory"}}, [False]),
        ({"all": "disabled", "vpc-cidrs-disjoint-across-regions": {"enforcementLevel": "mandatory"}}, [True]),
        ({"vpc-cidrs-disjoint-across-regions": {"enforcementLevel": "disabled"}}, []),
    ],
)
def test_findings_have_the_level_of_the_configuration_file(
    entry: dict[str, Any], mandatory: list[bool]
) -> None:
    vpc = "aws:ec2/vpc:Vpc"
    both = nodes(
        {"a": [Res(vpc, {"cidrBlock": "10.0.0.0/16"})], "b": [Res(vpc, {"cidrBlock": "10.0.0.0/8"})]}
    )
    found = platform_rules.evaluate(both, entry)
    assert [it.mandatory for it in found if it.rule == "vpc-cidrs-disjoint-across-regions"] == mandatory


def test_an_undecided_finding_stops_nothing() -> None:
    rule = [all_rules()["vpc-cidrs-disjoint-across-regions"]]
    (finding,) = platform_rules.evaluate(
        nodes({"a": [Res("aws:ec2/vpc:Vpc", {"cidrBlock": UNKNOWN})]}), rules=rule
    )
    assert finding.undecided
    assert not finding.mandatory


# ---- a stack on its way down ------------------------------------------------------------------------

lifted_rules = pytest.mark.parametrize("rule", [it.name for it in RULES.values() if it.lifted])


@lifted_rules
def test_protection_is_not_asked_of_a_stack_that_is_taken_down(rule: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("pulumi.runtime.get_config", {"castle:retire": "true"}.get)
    subject = Res(RULES[rule].types[0])
    assert ask(rule, subject, {"retireKey": "castle:retire"}).verdict is Verdict.NOT_ASKED
    assert ask(rule, subject, {"retireKey": "castle:other"}).verdict is Verdict.BROKEN
    assert ask(rule, subject).verdict is Verdict.BROKEN


def test_unknown_parameters_are_left_out_and_defaults_fill_in() -> None:
    seen: list[Any] = []

    def look(_: Any, config: Any) -> list[Any]:
        seen.append(config)
        return []

    rule = Rule(
        "a-b", HIGH, ANY, look, asks="", fix="", config={"days": Param(30, ""), "tag": Param("x", "")}
    )
    rule.run(None, {"days": 7.0, "typo": 1})
    assert seen == [{"days": 7, "tag": "x"}]


@pytest.mark.parametrize(("preview", "pending"), [(True, True), (False, False)])
def test_what_a_preview_leaves_empty_is_pending(preview: bool, pending: bool, monkeypatch: Any) -> None:
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: preview)
    seen: list[bool] = []

    def look(graph: Any) -> list[Any]:
        seen.extend(node.pending for node in graph.nodes)
        return []

    rule = Rule("kms-looks", HIGH, ANY, look, asks="Looks", fix="Look", scope=Scope.STACK)
    monkeypatch.setattr("tests.policy.asking.policy_named", lambda _: pulumi_policies.policy(rule))
    config_map = "kubernetes:core/v1:ConfigMap"
    subjects = [Res(config_map, {}, "empty"), Res(config_map, {"data": {}}, "full")]
    ask_stack("kms-looks", subjects, {})
    assert seen == [pending, False]
