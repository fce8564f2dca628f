"""The pack as Pulumi runs it: a process of its own, asked over gRPC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from controls.language.rules import Scope
from controls.pack import registry
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE as UNKNOWN

from tests.policy.process import PACK, analyze, in_stack, running, struct, urn

SIGNATURE = "4dabf18193072939515e22adb298388d"
CANARY = "canary-7f3a-do-not-print"
KEY = "aws:kms/key:Key"


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": value}


@pytest.fixture(scope="module")
def pack() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    with running({}, preview=True) as stub:
        yield stub


def violated(response: Any) -> set[str]:
    return {it.policyName for it in response.diagnostics}


def reasons(response: Any, start: str) -> dict[str, str]:
    return {it.policy_name: it.reason for it in response.not_applicable if it.reason.startswith(start)}


def test_the_pack_tells_every_rule_with_its_metadata(pack: Any) -> None:
    info = pack.GetAnalyzerInfo(empty_pb2.Empty())
    own = ["exceptions-current", "exceptions-needed"]
    assert [it.name for it in info.policies] == [*(rule.name for rule in registry.rules()), *own]
    assert all(it.remediation_steps and it.url and it.displayName and it.severity for it in info.policies)
    levels = {it.name: it.enforcementLevel for it in info.policies}
    assert levels["kms-key-rotation"] == analyzer_pb2.MANDATORY
    defaults = next(it for it in info.policies if it.name == "kms-deletion-window").configSchema.properties
    assert defaults["minDays"]["default"] == 30


def test_every_rule_of_the_pack_can_be_configured(pack: Any) -> None:
    levels = {
        it.name: analyzer_pb2.PolicyConfig(enforcementLevel=it.enforcementLevel)
        for it in pack.GetAnalyzerInfo(empty_pb2.Empty()).policies
    }
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=levels))


@pytest.mark.parametrize(
    ("rule", "properties", "said"),
    [
        ("kms-deletion-windw", {}, "kms-deletion-windw: no rule is called so; write kms-deletion-window"),
        ("kms-deletion-window", {"minDay": 7}, "minDay: the rule has no such parameter; write minDays"),
        ("kms-deletion-window", {"minDays": "7"}, "kms-deletion-window.minDays: write a whole number"),
    ],
)
def test_a_wrong_configuration_is_refused(
    pack: Any, rule: str, properties: dict[str, Any], said: str
) -> None:
    config = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY, properties=struct(properties))
    with pytest.raises(grpc.RpcError) as refusal:
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={rule: config}))
    assert said in str(refusal.value)


def test_a_level_for_all_rules_is_taken_as_the_cli_hands_it_on(pack: Any) -> None:
    config = {"all": analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY)}
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))


def at(level: Any, *rules: str) -> analyzer_pb2.ConfigureAnalyzerRequest:
    return analyzer_pb2.ConfigureAnalyzerRequest(
        policyConfig={rule: analyzer_pb2.PolicyConfig(enforcementLevel=level) for rule in rules}
    )


def test_a_rule_without_a_remedy_is_not_taken_for_one_that_mends(pack: Any) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        pack.Configure(at(analyzer_pb2.REMEDIATE, "kms-key-rotation", "kms-policy-no-public-principal"))
    said = "kms-policy-no-public-principal.enforcementLevel: write one of advisory, mandatory, disabled"
    assert said in str(refusal.value)


def test_all_that_can_mend_leaves_the_others_at_their_levels(pack: Any) -> None:
    names = [it.name for it in pack.GetAnalyzerInfo(empty_pb2.Empty()).policies]
    pack.Configure(at(analyzer_pb2.REMEDIATE, "all", *names))  # as the CLI sends it
    try:
        (mended,) = remediate(pack, KEY, {"enableKeyRotation": False}).remediations
        assert mended.policyName == "kms-key-rotation"
        topic = analyze(pack, "aws:sns/topic:Topic", {}).diagnostics
        assert {it.policyName: it.enforcementLevel for it in topic} == {
            "sns-encrypted": analyzer_pb2.ADVISORY
        }
    finally:
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest())


def remediate(pack: Any, token: str, props: dict[str, Any]) -> Any:
    request = analyzer_pb2.AnalyzeRequest(
        type=token, name="it", urn=urn(token, "it"), properties=struct(props)
    )
    return pack.Remediate(request)


def test_nothing_is_mended_unless_a_configuration_says_so(pack: Any) -> None:
    assert not remediate(pack, KEY, {"enableKeyRotation": False}).remediations


def test_several_rules_mend_one_resource_each_after_the_other_and_keep_its_secrets(pack: Any) -> None:
    names = ("kms-key-rotation", "kms-deletion-window", "kms-no-lockout-bypass")
    props = {
        "enableKeyRotation": secret(False),
        "deletionWindowInDays": 7,
        "policy": UNKNOWN,
        "description": secret(CANARY),
        "tags": {"a": secret(CANARY), "b": UNKNOWN},
        "__defaults": ["deletionWindowInDays"],
    }
    pack.Configure(at(analyzer_pb2.REMEDIATE, *names))
    try:
        first, second = remediate(pack, KEY, props).remediations
        assert (first.policyName, second.policyName) == names[:2]
        rotated = {**props, "enableKeyRotation": secret(True)}
        assert json_format.MessageToDict(first.properties) == rotated
        mended = {**rotated, "deletionWindowInDays": 30, "__defaults": []}
        assert json_format.MessageToDict(second.properties) == mended
        assert not remediate(pack, KEY, mended).remediations
        assert "kms-key-rotation" not in violated(analyze(pack, KEY, mended))
    finally:
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest())


def test_violations_and_undecided_rules_of_one_resource_are_told_apart(pack: Any) -> None:
    response = analyze(pack, KEY, {"policy": UNKNOWN, "deletionWindowInDays": 7, "enableKeyRotation": "true"})
    assert violated(response) == {"kms-deletion-window", "stateful-resources-protected"}
    assert reasons(response, "undecided: ") == {
        "kms-policy-no-public-principal": "undecided: `policy` of it isn't known yet"
    }
    assert all(it.enforcementLevel == analyzer_pb2.MANDATORY for it in response.diagnostics)


def test_a_compliant_resource_breaks_nothing_and_leaves_nothing_open(pack: Any) -> None:
    response = analyze(pack, KEY, {"enableKeyRotation": True}, protect=True)
    assert not violated(response)
    assert not reasons(response, "undecided: ")


def test_options_of_the_resource_reach_the_rules(pack: Any) -> None:
    props = {"enableKeyRotation": True}
    response = analyze(pack, KEY, props, protect=True, ignoreChanges=["enableKeyRotation"])
    assert violated(response) == {"no-ignore-changes-on-guarded-inputs"}


def test_the_region_of_the_provider_reaches_the_rules(pack: Any) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    response = analyze(pack, "aws:sns/topic:Topic", {"kmsMasterKeyId": key})
    assert violated(response) == {"cross-region-key-locality"}


def test_a_secret_is_judged_and_never_shown(pack: Any) -> None:
    cluster = "aws:rds/cluster:Cluster"
    response = analyze(pack, cluster, {"masterPassword": secret(CANARY), "storageEncrypted": secret(False)})
    assert {"aurora-managed-master-password", "aurora-storage-encrypted"} <= violated(response)
    assert CANARY not in str(response)


def test_stack_rules_follow_links_while_ids_are_unknown(pack: Any) -> None:
    bucket, block = "aws:s3/bucket:Bucket", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    flags = dict.fromkeys(
        ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
    )
    resources = [
        in_stack(bucket, "blocked", {"bucket": UNKNOWN}),
        in_stack(bucket, "open", {"bucket": UNKNOWN}),
        in_stack(block, "block", {"bucket": UNKNOWN, **flags}, bucket=[urn(bucket, "blocked")]),
    ]
    response = pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources))
    found = [it.urn for it in response.diagnostics if it.policyName == "s3-public-access-blocked"]
    assert found == [urn(bucket, "open")]


def test_platform_rules_are_decided_elsewhere(pack: Any) -> None:
    resources = [in_stack("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})]
    response = pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources))
    platform = {rule.name for rule in registry.rules() if rule.scope is Scope.PLATFORM}
    elsewhere = reasons(response, "decided elsewhere: ")
    assert "vpc-cidrs-disjoint-across-regions" in elsewhere
    assert elsewhere.keys() <= platform


def test_an_empty_stack_breaks_nothing(pack: Any) -> None:
    assert not violated(pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest()))


def test_parameters_come_from_the_configuration_file(pack: Any) -> None:
    config = json.loads((PACK / "castle.json").read_text())
    settings = {
        name: analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY, properties=struct(given))
        for name, given in config.items()
    }
    topic = ("aws:sns/topic:Topic", {"region": "ap-south-1", "kmsMasterKeyId": "alias/castle"})
    assert not violated(analyze(pack, *topic))
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=settings))
    try:
        assert violated(analyze(pack, *topic)) == {"region-allowlist"}
    finally:
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest())


def test_a_stack_on_its_way_down_may_lift_its_protection() -> None:
    settings = {
        "stateful-resources-protected": analyzer_pb2.PolicyConfig(
            enforcementLevel=analyzer_pb2.MANDATORY, properties=struct({"retireKey": "castle:retire"})
        )
    }
    with running({"castle:retire": "true"}, preview=False) as pack:
        unprotected = (KEY, {"enableKeyRotation": True})
        assert violated(analyze(pack, *unprotected)) == {"stateful-resources-protected"}
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=settings))
        assert not violated(analyze(pack, *unprotected))
