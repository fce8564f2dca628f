"""Remedies write enough into a resource that breaks a rule, nothing else, and lose or show nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from controls.language.facts import MISSING, UNKNOWN, get
from controls.language.remediation import Remedy
from controls.language.rules import Rule, Scope
from controls.pack import pulumi_policies
from controls.pack.exceptions import Waiver, Waivers, today
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from rehearsal.cloud.lifecycle import check
from rehearsal.cloud.types import type_table
from tests.policy.all_cases import ALL
from tests.policy.asking import Res, Verdict, all_rules, ask, mended, wire
from tests.policy.declared import declared
from tests.policy.language.test_facts import ANYTHING

REMEDIABLE = {name: rule for name, rule in all_rules().items() if rule.remedy}
KEY, BLOCK = "aws:kms/key:Key", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
VOLUME = "aws:ebs/volume:Volume"
CANARY = "canary-7f3a-do-not-print"

# Broken cases for which what the remedy writes wouldn't do.
BEYOND = {
    "s3-no-public-acl": {"a grant to everyone"},
    "secret-policy-not-public": {"violating", "inline in the secret"},
    "elasticache-at-rest-encrypted": {"a joining member that switches it off"},
    "elasticache-transit-encrypted": {"a joining member that switches it off"},
    "waf-metrics-enabled": {"missing in AWS's own JSON"},
}

each_remedy = pytest.mark.parametrize("rule", REMEDIABLE.values(), ids=REMEDIABLE)


def secret(value: Any) -> dict[str, Any]:
    return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": value}


def on(rule: Rule, **config: Any) -> dict[str, Any]:
    """A configuration under which the remedy of this rule is used."""
    return {**config, **({"replacing": True} if rule.remedy and rule.remedy.create_only else {})}


def broken(rule: Rule) -> Iterator[tuple[str, Res, dict[str, Any]]]:
    """The rule's broken cases that its remedy is for."""
    for what, case in ALL[rule.name].all().items():
        subject = ALL[rule.name].subject(case)
        if case.expect is Verdict.BROKEN and what not in BEYOND.get(rule.name, ()):
            assert isinstance(subject, Res)
            yield what, subject, on(rule, **case.config)


# ---- every remedy -----------------------------------------------------------------------------------


@each_remedy
def test_what_breaks_a_rule_is_mended_once(rule: Rule) -> None:
    cases = list(broken(rule))
    assert cases
    for what, subject, config in cases:
        after = mended(rule.name, subject, config)
        assert after is not None, what
        assert ask(rule.name, after, config).verdict is Verdict.KEPT, what
        assert mended(rule.name, after, config) is None, what


@each_remedy
def test_what_is_kept_or_undecided_is_left_alone(rule: Rule) -> None:
    for what, case in ALL[rule.name].all().items():
        subject = ALL[rule.name].subject(case)
        if case.expect is not Verdict.BROKEN or what in BEYOND.get(rule.name, ()):
            assert isinstance(subject, Res)
            assert mended(rule.name, subject, on(rule, **case.config)) is None, what


@each_remedy
def test_a_remedy_breaks_no_other_rule(rule: Rule) -> None:
    for what, subject, config in broken(rule):
        after = mended(rule.name, subject, config)
        assert after
        assert violated(after) <= violated(subject) - {rule.name}, what


def violated(res: Res) -> set[str]:
    return {
        name
        for name, rule in all_rules().items()
        if rule.scope is Scope.RESOURCE
        and rule.applies(res.type)
        and ask(name, res).verdict is Verdict.BROKEN
    }


@each_remedy
def test_a_remedy_is_of_the_types_that_the_sdk_declares(rule: Rule) -> None:
    for what, subject, config in broken(rule):
        schema = declared(subject.type)
        after = mended(rule.name, subject, config)
        assert after
        if schema is not None:
            line = type_table.type_row(subject.type, schema)
            before, now = (
                {it.path: it.reason for it in check.input_failures(dict(props), schema, line)}
                for props in (wire(subject.props), after.props)
            )
            # What an object needs besides is missing as long as the case lacks the object.
            fresh = {path for path in now.keys() - before.keys() if path.rpartition(".")[0] not in before}
            written = {
                path for path in now if get(after.props, path) not in (MISSING, get(subject.props, path))
            }
            assert not fresh | written, (what, now)


@each_remedy
def test_a_remedy_that_aws_takes_only_when_the_thing_is_made_says_so(rule: Rule) -> None:
    remedy = rule.remedy
    assert remedy
    for token in rule.types:
        fixed = type_table.type_row(token, declared(token)).fixed
        assert remedy.create_only or not any(path.partition(".")[0] in fixed for path in remedy.values), token


@each_remedy
def test_a_remedy_writes_what_the_rule_judges_by(rule: Rule) -> None:
    assert rule.remedy
    read = {path.partition(".")[0] for path in rule.reads.split()}
    assert {path.partition(".")[0] for path in rule.remedy.values} <= read


@each_remedy
def test_what_is_secret_stays_secret_and_what_is_unknown_unknown(rule: Rule) -> None:
    """Secrets are the input itself, and inputs beside it."""
    beside = {"one": secret(CANARY), "two": [secret(CANARY)], "three": {"four": secret({"five": CANARY})}}
    beside["six"] = {"seven": UNKNOWN_STRING_VALUE, "eight": secret(UNKNOWN_STRING_VALUE)}
    for what, subject, config in broken(rule):
        marked = {name: secret(wire(value)) for name, value in subject.props.items()}
        for props in ({**subject.props, **beside}, {**marked, **beside}):
            after = mended(rule.name, replace(subject, props=props), config)
            assert after, what
            assert {name: after.props[name] for name in beside} == beside, what
            for name in marked.keys() & after.props.keys():
                was_marked = isinstance(props[name], dict) and SPECIAL_SIG_KEY in props[name]
                is_marked = isinstance(after.props[name], dict) and SPECIAL_SIG_KEY in after.props[name]
                assert was_marked == is_marked, (what, name)


@each_remedy
def test_an_unknown_value_is_never_written_over(rule: Rule) -> None:
    assert rule.remedy
    for what, subject, config in broken(rule):
        for path in rule.remedy.values:
            top = path.partition(".")[0]
            for unknown in (UNKNOWN, secret(UNKNOWN_STRING_VALUE)):
                after = mended(rule.name, replace(subject, props={**subject.props, top: unknown}), config)
                assert after is None or after.props[top] == wire(unknown), (what, path)


@given(st.sampled_from(list(REMEDIABLE)), st.data())
def test_garbage_never_stops_a_remedy(name: str, data: st.DataObject) -> None:
    rule = REMEDIABLE[name]
    assert rule.remedy
    names = sorted({path.partition(".")[0] for path in rule.remedy.values} | {"tags"})
    props = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=4))
    mended(name, Res(data.draw(st.sampled_from(rule.types)), props), on(rule))


# ---- one at a time ----------------------------------------------------------------------------------


def flags(**changed: Any) -> dict[str, Any]:
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    return {**dict.fromkeys(names, True), **changed}


def mended_block(props: Mapping[str, Any]) -> Mapping[str, Any] | None:
    after = mended("s3-public-access-block-flags", Res(BLOCK, props))
    return after.props if after else None


def test_only_what_is_wrong_is_written() -> None:
    behaviors = [{"viewerProtocolPolicy": it} for it in ("https-only", "allow-all")]
    props = {"defaultCacheBehavior": behaviors[0], "orderedCacheBehaviors": behaviors}
    after = mended("cloudfront-viewer-https", Res("aws:cloudfront/distribution:Distribution", props))
    assert after
    assert get(after.props, "defaultCacheBehavior.viewerProtocolPolicy") == "https-only"
    assert [it["viewerProtocolPolicy"] for it in after.props["orderedCacheBehaviors"]] == [
        "https-only",
        "redirect-to-https",
    ]


def test_a_switch_beside_an_unknown_one_is_set() -> None:
    assert mended_block(flags(blockPublicAcls=UNKNOWN, ignorePublicAcls=False)) == flags(
        blockPublicAcls=UNKNOWN_STRING_VALUE
    )


def test_what_was_written_is_no_default_any_more() -> None:
    defaults = ["ignorePublicAcls", "skipDestroy"]
    after = mended_block(flags(ignorePublicAcls=False, skipDestroy=False, __defaults=defaults))
    assert after == flags(skipDestroy=False, __defaults=["skipDestroy"])


def test_an_object_that_is_missing_is_made() -> None:
    after = mended("ecr-scan-on-push", Res("aws:ecr/repository:Repository"))
    assert after
    assert after.props == {"imageScanningConfiguration": {"scanOnPush": True}}


def test_a_remedy_that_may_replace_waits_for_a_word() -> None:
    volume = Res(VOLUME, {"encrypted": False})
    assert mended("ebs-volume-encrypted", volume) is None
    after = mended("ebs-volume-encrypted", volume, {"replacing": True})
    assert after
    assert after.props == {"encrypted": True}


def test_another_type_is_left_alone() -> None:
    assert mended("kms-key-rotation", Res(VOLUME)) is None


def test_a_stack_on_its_way_down_keeps_its_protection_lifted(monkeypatch: Any) -> None:
    monkeypatch.setattr("pulumi.runtime.get_config", {"castle:retire": "true"}.get)
    table = Res("aws:dynamodb/table:Table")
    assert mended("dynamodb-deletion-protection", table, {"retireKey": "castle:retire"}) is None
    assert mended("dynamodb-deletion-protection", table)


def test_what_an_exception_allows_is_left_alone_and_counts_as_needed(monkeypatch: Any) -> None:
    waiver = Waiver("EX-1", "kms-key-rotation", "*::it", "It is old", "platform", "OPS-1", today())
    waivers = Waivers([waiver])
    rule = REMEDIABLE["kms-key-rotation"]
    monkeypatch.setattr("tests.policy.asking.policy_named", lambda _: pulumi_policies.policy(rule, waivers))
    assert mended("kms-key-rotation", Res(KEY)) is None
    assert waivers.used == {"EX-1"}
    assert mended("kms-key-rotation", Res(KEY, name="other"))


def test_a_remedy_that_is_not_enough_writes_nothing() -> None:
    props = {"one": False, "two": False}

    def wrong(given: Mapping[str, Any]) -> int:
        return sum(given[name] is not True for name in props)

    assert Remedy({"one": True}).applied(props, wrong) is None
    assert Remedy({"one": True, "two": True}).applied(props, wrong)


def test_an_unknown_value_is_left_also_where_a_rule_counts_it_as_wrong() -> None:
    def wrong(given: Mapping[str, Any]) -> int:
        return sum(get(given, name) is not True for name in ("one", "two"))

    assert (
        Remedy({"one": True, "two": True}).applied({"one": UNKNOWN_STRING_VALUE, "two": False}, wrong) is None
    )
    assert Remedy({"one": True, "two": True}).applied({"one": False, "two": False}, wrong)


def test_nothing_has_a_remedy_that_is_judged_by_more_than_one_resource() -> None:
    assert all(rule.scope is Scope.RESOURCE for rule in REMEDIABLE.values())
    assert {"critical", "high", "medium"} == {rule.severity.value for rule in REMEDIABLE.values()}
