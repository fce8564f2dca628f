"""Requests about which only the policies on a type are asked get the answers that the SDK gives when it asks all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from controls.pack import registry, sdk_patches
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import EnforcementLevel, Policy, ResourceValidationPolicy, StackValidationPolicy
from pulumi_policy import policy as sdk
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE as UNKNOWN

from tests.policy.process import in_stack, struct, urn

KEY, ALIAS, TOPIC, PLAIN = "aws:kms/key:Key", "aws:kms/alias:Alias", "aws:sns/topic:Topic", "castle:cell:Cell"
BUCKET, BLOCK = "aws:s3/bucket:Bucket", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
LOOSE = {"enableKeyRotation": False, "deletionWindowInDays": 7, "policy": UNKNOWN}
STACK = pb.AnalyzeStackRequest(
    resources=[
        in_stack(BUCKET, "blocked", {"bucket": UNKNOWN}),
        in_stack(BUCKET, "open", {"bucket": UNKNOWN}),
        in_stack(BLOCK, "block", {"bucket": UNKNOWN}, bucket=[urn(BUCKET, "blocked")]),
        in_stack("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"}),
        in_stack(PLAIN, "cell", {}),
    ]
)


def about(token: str, props: dict[str, Any]) -> pb.AnalyzeRequest:
    return pb.AnalyzeRequest(type=token, name="it", urn=urn(token, "it"), properties=struct(props))


def servicer(policies: list[Policy] | None = None) -> Any:
    """The SDK's server, with the pack's policies unless others are given."""
    given = registry.policies() if policies is None else policies
    return getattr(sdk, sdk_patches.SERVICER)("pack", "1", given, EnforcementLevel.ADVISORY)


@pytest.fixture
def sdk_as_it_is() -> Iterator[Callable[[], None]]:
    """Installer of the patches, all of which are undone after the test."""
    home = getattr(sdk, sdk_patches.SERVICER)
    before = {name: getattr(sdk, name) for name in sdk_patches.DECODING}
    methods = {name.split(".")[1] for name in sdk_patches.PATCHED if "." in name}
    own = {name: getattr(home, name) for name in methods}
    yield sdk_patches.install
    for name, value in before.items():
        setattr(sdk, name, value)
    for name, value in own.items():
        setattr(home, name, value)


def at(level: Any, *rules: str) -> pb.ConfigureAnalyzerRequest:
    return pb.ConfigureAnalyzerRequest(
        policyConfig={rule: pb.PolicyConfig(enforcementLevel=level) for rule in rules}
    )


CONFIGURATIONS = [
    pb.ConfigureAnalyzerRequest(),
    at(proto.REMEDIATE, "kms-key-rotation", "kms-deletion-window"),
    at(proto.DISABLED, "kms-key-rotation", "sns-encrypted", "s3-public-access-blocked", "type-seen-by-rules"),
    at(proto.ADVISORY, "kms-key-rotation", "s3-public-access-blocked"),
]
REQUESTS = [
    ("Analyze", about(KEY, LOOSE)),
    ("Analyze", about(ALIAS, {"targetKeyId": UNKNOWN})),
    ("Analyze", about(TOPIC, {"kmsMasterKeyId": "alias/castle"})),
    ("Analyze", about(PLAIN, {})),
    ("Remediate", about(KEY, LOOSE)),
    ("Remediate", about(TOPIC, {})),
    ("AnalyzeStack", STACK),
    ("AnalyzeStack", pb.AnalyzeStackRequest()),
]


def told(response: Any) -> dict[str, list[bytes]]:
    """Parts of a response; those that aren't applicable are in no order."""
    parts: dict[str, list[bytes]] = {
        field.name: [it.SerializeToString(deterministic=True) for it in items]
        for field, items in response.ListFields()
    }
    if "not_applicable" in parts:
        parts["not_applicable"].sort()
    return parts


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_answer_is_the_one_that_the_sdk_gives_when_it_asks_all(
    sdk_as_it_is: Callable[[], None], configuration: Any
) -> None:
    def answers() -> list[dict[str, list[bytes]]]:
        asked = servicer()
        asked.Configure(configuration, None)
        return [told(getattr(asked, method)(request, None)) for method, request in REQUESTS]

    wanted = answers()
    sdk_as_it_is()
    found = answers()
    assert found == wanted
    assert all(wanted[index] for index, (method, _) in enumerate(REQUESTS) if method != "Remediate")


def test_a_new_configuration_changes_which_policies_are_asked(sdk_as_it_is: Callable[[], None]) -> None:
    sdk_as_it_is()
    asked = servicer()
    for level, count in ((proto.DISABLED, 0), (proto.REMEDIATE, 1), (proto.DISABLED, 0)):
        asked.Configure(at(level, "kms-key-rotation"), None)
        assert len(asked.Remediate(about(KEY, LOOSE), None).remediations) == count


def test_a_policy_on_another_type_is_not_run(
    sdk_as_it_is: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk_as_it_is()
    asked = servicer()
    ran: list[str] = []
    validate = ResourceValidationPolicy.validate

    def noted(self: Any, args: Any, report: Any) -> Any:
        ran.append(self.name)
        return validate(self, args, report)

    monkeypatch.setattr(ResourceValidationPolicy, "validate", noted)
    asked.Analyze(about(TOPIC, {}), None)
    assert "sns-encrypted" in ran
    assert "kms-key-rotation" not in ran


def test_a_policy_of_no_rule_is_always_asked_and_sees_the_whole_stack(
    sdk_as_it_is: Callable[[], None],
) -> None:
    seen: list[str] = []
    foreign = [
        ResourceValidationPolicy("one", "says", lambda args, _: seen.append(args.urn)),
        StackValidationPolicy("stack", "says", lambda args, _: seen.extend(it.urn for it in args.resources)),
    ]
    sdk_as_it_is()
    asked = servicer([*foreign, *registry.policies()])
    asked.Analyze(about(PLAIN, {}), None)
    asked.AnalyzeStack(STACK, None)
    assert seen == [urn(PLAIN, "it"), *(it.urn for it in STACK.resources)]


def test_a_stack_is_judged_whole_though_requests_are_not_read_once(
    sdk_as_it_is: Callable[[], None],
) -> None:
    sdk_patches.ask_by_type()
    found = servicer().AnalyzeStack(STACK, None).diagnostics
    assert urn(BUCKET, "open") in {it.urn for it in found}


def test_settings_of_a_run_are_made_once(
    sdk_as_it_is: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(getattr(sdk, sdk_patches.SERVICER), sdk_patches.SETTINGS, made.append)
    sdk_as_it_is()
    asked = servicer()
    for method, request in REQUESTS:
        getattr(asked, method)(request, None)
    assert made == [asked]
