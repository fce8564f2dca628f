"""Fields of the monitor's requests: each has an effect, is refused by name, or has a reason for having none."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine.events import FailedError
from rehearsal.engine.registration.goal import from_request
from rehearsal.engine.registration.unsupported import (
    WITHOUT_EFFECT,
    WITHOUT_EFFECT_OF_CALLS,
    refuse_unsupported,
)
from rehearsal.engine.resource_monitor import ResourceMonitor
from tests.rehearsal.lab import Lab, errors

# Carried out by the monitor before a request becomes a goal; each has tests of its own.
BEFORE_THE_GOAL = {"remote", "providers", "transforms", "acceptSecrets", "acceptResources"}
USED = {  # of reads and function calls, by `ResourceMonitor`
    "ReadResourceRequest": {
        "id",
        "type",
        "name",
        "parent",
        "properties",
        "dependencies",
        "provider",
        "version",
        "additionalSecretOutputs",
    },
    "ResourceInvokeRequest": {"tok", "args", "provider", "version"},
    "RegisterResourceOutputsRequest": {"urn", "outputs"},
}


def set_to_something(request: Message, field: FieldDescriptor) -> None:
    """Sets one field to a value that is not its default."""
    scalars: dict[int, Any] = {field.TYPE_STRING: "x", field.TYPE_BOOL: True, field.TYPE_BYTES: b"x"}
    kind = field.message_type
    if kind is None:
        value = scalars[field.type]
        if isinstance(getattr(request, field.name), (str, bool, int)):
            setattr(request, field.name, value)
        else:
            getattr(request, field.name).append(value)
    elif kind.GetOptions().map_entry:
        of = kind.fields_by_name["value"]
        entries = getattr(request, field.name)
        if of.type == field.TYPE_MESSAGE:
            set_to_something(entries["x"], entries["x"].DESCRIPTOR.fields[0])
        else:
            entries["x"] = scalars[of.type]
    else:
        inner = getattr(request, field.name)
        if hasattr(inner, "add"):
            inner.add()
        elif kind.full_name == "google.protobuf.Value":
            inner.string_value = "x"
        elif kind.full_name == "google.protobuf.Struct":
            inner.update({"x": "y"})
        else:
            set_to_something(inner, kind.fields[0])


@pytest.mark.parametrize("field", list(pb.RegisterResourceRequest.DESCRIPTOR.fields), ids=lambda it: it.name)
def test_every_field_of_a_registration_has_an_effect_or_a_reason(field: FieldDescriptor) -> None:
    plain = pb.RegisterResourceRequest(type="a:b:C", name="r")
    request = pb.RegisterResourceRequest(type="a:b:C", name="r")
    set_to_something(request, field)
    try:
        refuse_unsupported(request)
    except FailedError:
        return
    has_an_effect = from_request(request) != from_request(plain)
    assert has_an_effect != (field.name in WITHOUT_EFFECT.keys() | BEFORE_THE_GOAL)


@pytest.mark.parametrize("name", USED)
def test_every_field_of_another_request_is_used_or_has_a_reason(name: str) -> None:
    request = getattr(pb, name)
    reasons = WITHOUT_EFFECT.keys() | (WITHOUT_EFFECT_OF_CALLS if name == "ResourceInvokeRequest" else {})
    for field in request.DESCRIPTOR.fields:
        asked = request()
        set_to_something(asked, field)
        try:
            refuse_unsupported(asked)
        except FailedError:
            continue
        assert field.name in USED[name] | reasons, field.name


def test_every_call_of_a_program_is_answered_or_refused_by_name() -> None:
    service = pb.DESCRIPTOR.services_by_name["ResourceMonitor"]
    assert [it.name for it in service.methods if it.name not in vars(ResourceMonitor)] == []


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (
            'aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=O(provider=p, state_migrations=[lambda args: None]))',
            "state_migrations",
        ),
        (
            "from pulumi.runtime import settings; from pulumi.runtime.proto import resource_pb2 as pb\n"
            'settings.get_monitor().RegisterPackage(pb.RegisterPackageRequest(name="x", version="1.0.0"))',
            "a parameterized package",
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_its_name(lab: Lab, program: str, name: str) -> None:
    lab.program(program)
    result = lab.up()
    assert result.failed
    assert errors(result)[0].startswith(f"{name}: ")


def test_transforms_of_function_calls_change_their_arguments(lab: Lab) -> None:
    lab.program("""
        def north(args):
            if args.token == "aws:index/getRegion:getRegion":
                return pulumi.InvokeTransformResult(args={"region": "eu-west-1"}, opts=args.opts)
        pulumi.runtime.register_invoke_transform(north)
        region = aws.get_region_output(region="us-east-1", opts=pulumi.InvokeOptions(provider=p))
        pulumi.export("region", region.region)
    """)
    result = lab.up()
    assert not result.failed, errors(result)
    assert result.outputs["region"] == "eu-west-1"
