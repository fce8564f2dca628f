"""Small programs as data, and the requests that such a program makes: no SDK, no process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi.runtime.proto import alias_pb2
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine.resource_monitor import ResourceMonitor
from rehearsal.values import Values, encode

# The slots of a program, each for at most one resource, in the order in which they are registered: a group is in
# its VPC, and each topic depends on the group of the same number, if there is one.
SLOTS = ("vpc1", "vpc2", "group1", "group2", "topic1", "topic2")
TYPES = {
    "vpc": "aws:ec2/vpc:Vpc",
    "group": "aws:ec2/securityGroup:SecurityGroup",
    "topic": "aws:sns/topic:Topic",
}


@dataclass(frozen=True)
class Node:
    """Resource that a program declares in one slot."""

    name: int = 0  # part of the logical name; all the others are aliases
    fixed: int = 0  # goes into an input that can't be changed in place
    tag: int = 0  # goes into one that can
    protect: bool = False
    first: bool = False  # delete before replace
    forced: bool = False  # a changed tag replaces, too


Program = Mapping[str, Node]


def vpc_of(slot: str) -> str:
    """Slot of the VPC that a group is in; '' for what is in none."""
    return slot.replace("group", "vpc") if slot.startswith("group") else ""


def logical(slot: str, name: int) -> str:
    return f"{slot}-{name}"


def run(program: Program, monitor: ResourceMonitor) -> None:
    """Makes all the requests of a program."""
    root = _registered(monitor, pb.RegisterResourceRequest(type="pulumi:pulumi:Stack", name="lab-dev"))
    provider = _registered(
        monitor,
        pb.RegisterResourceRequest(
            type="pulumi:providers:aws",
            name="p",
            custom=True,
            parent=root.urn,
            object=encode({"region": "us-east-1"}),
        ),
    )
    made: dict[str, pb.RegisterResourceResponse] = {}
    for slot in SLOTS:
        if slot in program:
            made[slot] = _registered(monitor, _request(slot, program[slot], root, provider, made))


def _request(
    slot: str,
    node: Node,
    root: pb.RegisterResourceResponse,
    provider: pb.RegisterResourceResponse,
    made: Mapping[str, pb.RegisterResourceResponse],
) -> pb.RegisterResourceRequest:
    kind, number = slot[:-1], slot[-1]
    inputs: Values = {"tags": {"tag": str(node.tag)}}
    depends = {}
    if kind == "vpc":
        inputs["cidrBlock"] = f"10.{number}.0.0/{16 + node.fixed}"
    elif kind == "group":
        vpc = made[vpc_of(slot)]
        inputs |= {"vpcId": vpc.id, "description": f"as it was made {node.fixed}"}
        depends["vpcId"] = vpc.urn
    else:
        inputs["fifoTopic"] = bool(node.fixed % 2)
    on = [made[f"group{number}"].urn] if kind == "topic" and f"group{number}" in made else []
    return pb.RegisterResourceRequest(
        type=TYPES[kind],
        name=logical(slot, node.name),
        custom=True,
        parent=root.urn,
        provider=f"{provider.urn}::{provider.id}",
        object=encode(inputs),
        dependencies=[*depends.values(), *on],
        propertyDependencies={
            key: pb.RegisterResourceRequest.PropertyDependencies(
                urns=[depends[key]] if key in depends else []
            )
            for key in inputs
        },
        protect=node.protect,
        deleteBeforeReplace=node.first,
        deleteBeforeReplaceDefined=True,
        replaceOnChanges=["tags"] if node.forced else [],
        aliases=[
            alias_pb2.Alias(spec=alias_pb2.Alias.Spec(name=logical(slot, other)))
            for other in range(2)
            if other != node.name
        ],
    )


def _registered(monitor: ResourceMonitor, request: pb.RegisterResourceRequest) -> pb.RegisterResourceResponse:
    # The context serves only to end a call over the network, and this is none.
    return monitor.RegisterResource(request, None)  # pyright: ignore[reportArgumentType] it asks nothing of a context
