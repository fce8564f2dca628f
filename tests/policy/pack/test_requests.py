"""Requests that are read once lead to the answers that the SDK gives when it reads for every policy anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from controls.pack import sdk_patches
from controls.pack.requests import reading
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, StackValidationPolicy
from pulumi_policy import policy as sdk

Request = pb.AnalyzeRequest | pb.AnalyzeStackRequest


def struct(**properties: Any) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(properties)
    return message


OPTIONS = pb.AnalyzerResourceOptions(
    protect=True,
    ignoreChanges=["tags", "inputs.name"],
    deleteBeforeReplace=True,
    deleteBeforeReplaceDefined=True,
    aliases=["old"],
    customTimeouts=pb.AnalyzerResourceOptions.CustomTimeouts(create=1.5, update=2, delete=3),
    additionalSecretOutputs=["password"],
    parent="urn:cell",
)
PROVIDER = pb.AnalyzerProviderResource(
    type="pulumi:providers:aws", urn="urn:provider", name="main", properties=struct(region="eu-west-1")
)
ONE = pb.AnalyzeRequest(
    type="aws:kms/key:Key",
    urn="urn:key",
    name="key",
    properties=struct(enableKeyRotation=True, tags={"Name": "key"}, list=[1, {"a": None}]),
    options=OPTIONS,
    provider=PROVIDER,
)
BARE = pb.AnalyzeRequest(type="aws:kms/key:Key", urn="urn:bare", name="bare")
STACK = pb.AnalyzeStackRequest(
    resources=[
        pb.AnalyzerResource(type="castle:Cell", urn="urn:cell", name="cell"),
        pb.AnalyzerResource(
            type=ONE.type,
            urn=ONE.urn,
            name=ONE.name,
            properties=ONE.properties,
            options=OPTIONS,
            provider=PROVIDER,
            parent="urn:cell",
            dependencies=["urn:cell"],
            propertyDependencies={"policy": pb.AnalyzerPropertyDependencies(urns=["urn:cell", "urn:other"])},
        ),
    ]
)


def seen(resource: Any) -> dict[str, Any]:
    """Fields of a resource that a policy can see."""
    properties: dict[str, Any] = {key: plain(resource.props[key]) for key in sorted(resource.props)}
    provider = resource.provider
    return {
        "type": resource.resource_type,
        "urn": resource.urn,
        "name": resource.name,
        "properties": properties,
        "options": {key: plain(value) for key, value in vars(resource.opts).items()},
        "provider": provider
        and [provider.resource_type, provider.urn, provider.name, provider.props["region"]],
    }


def plain(value: Any) -> Any:
    if isinstance(value, (str, int, float, type(None))):
        return value
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if hasattr(value, "__len__") else repr(vars(value))


def one_told(args: Any, report: Callable[..., None]) -> None:
    report(json.dumps(seen(args)))


def stack_told(args: Any, report: Callable[..., None]) -> None:
    for it in args.resources:
        ways = {key: [to.urn for to in found] for key, found in it.property_dependencies.items()}
        needs = [it.parent and it.parent.urn, [to.urn for to in it.dependencies], ways]
        report(json.dumps([seen(it), needs]), it.urn)


def servicer() -> Any:
    """The SDK's, with two policies of each kind, which tell all that they see."""
    policies = [ResourceValidationPolicy(f"one-{i}", "says", one_told) for i in range(2)]
    stacks = [StackValidationPolicy(f"stack-{i}", "says", stack_told) for i in range(2)]
    return getattr(sdk, sdk_patches.SERVICER)("pack", "1", [*policies, *stacks], EnforcementLevel.ADVISORY)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack's reading, undone after the test."""
    servicer = getattr(sdk, sdk_patches.SERVICER)
    for home, names in ((sdk, sdk_patches.DECODING), (servicer, sdk_patches.READING)):
        for name in names:
            monkeypatch.setattr(home, name, getattr(home, name))
    assert sdk_patches.decode_properties_once()
    sdk_patches.read_requests_once()


@pytest.mark.parametrize(
    ("method", "request_"), [("Analyze", ONE), ("Analyze", BARE), ("AnalyzeStack", STACK)]
)
def test_every_policy_sees_what_the_sdk_shows_it(
    method: str, request_: Request, request: pytest.FixtureRequest
) -> None:
    wanted = getattr(servicer(), method)(request_, None)
    request.getfixturevalue("installed")
    found = getattr(servicer(), method)(request_, None)
    assert len(wanted.diagnostics) == 2 * len(getattr(request_, "resources", [request_]))
    assert found == wanted


def test_a_field_is_read_once() -> None:
    view = reading.View(STACK)
    assert view.resources is view.resources
    assert view.resources[1].properties is view.resources[1].properties


def test_a_field_that_no_message_has_is_refused() -> None:
    with pytest.raises(AttributeError, match="colour"):
        _ = reading.View(ONE).colour


def test_what_policies_share_is_made_once_a_request(installed: None) -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    def validate(args: Any, report: Callable[..., None]) -> None:
        reading.shared("graph", make)

    policies = [StackValidationPolicy(name, "says", validate) for name in ("first", "second")]
    asked = getattr(sdk, sdk_patches.SERVICER)("pack", "1", policies, EnforcementLevel.ADVISORY)
    asked.AnalyzeStack(STACK, None)
    assert len(made) == 1
    asked.AnalyzeStack(STACK, None)
    assert len(made) == 2


def test_outside_of_a_request_nothing_is_kept() -> None:
    assert reading.shared("graph", object) is not reading.shared("graph", object)
