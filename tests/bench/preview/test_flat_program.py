"""Round trip of the flat program: recorded, generated, run and recorded again. What it measures isn't tested."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine import urns
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from rehearsal.values import ASSET, Asset, Secret, Value, Values, decode
from tests.bench.preview.flat_project import recorded, write_project
from tests.bench.preview.flat_values import Expressions, Known
from tests.rehearsal.lab import Lab

PROGRAM = """
class Network(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("lab:index:Network", name, None, opts)
        own = O(parent=self)
        vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=own)
        topic = aws.sns.Topic(f"{name}-topic", opts=own)
        aws.ec2.Subnet(f"{name}-subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", tags={"a-b": "c"}, opts=own)
        rule = aws.ec2.SecurityGroupIngressArgs(from_port=1, to_port=2, protocol="tcp", cidr_blocks=["10.0.0.0/8"])
        protected = O(parent=self, depends_on=[topic], protect=True, ignore_changes=["description"])
        aws.ec2.SecurityGroup(f"{name}-group", vpc_id=vpc.id, ingress=[rule], opts=protected)
        allow = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": topic.arn}
        policy = pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [allow]})
        aws.sns.TopicPolicy(f"{name}-policy", arn=topic.arn, policy=policy, opts=own)
        self.register_outputs({})
Network("net", O(providers=[p]))
"""


def test_the_flat_program_registers_the_same_resources(lab: Lab, server: ForkServer) -> None:
    lab.program(PROGRAM)
    ours, resources = recorded(Project.read(lab.folder), "dev", lab.folder / "ours", server)
    project = write_project(lab.folder / "flat", "dev", ours, resources)
    flat, _ = recorded(project, "dev", lab.folder / "theirs", server)
    assert _described(flat) == _described(ours)
    assert [it.type for it in flat if not it.custom] == [urns.STACK_TYPE]


def _described(requests: list[pb.RegisterResourceRequest]) -> dict[str, Values]:
    """Facts of each custom resource, by name; ids and ARNs follow from URNs, and so differ between programs."""
    return {
        it.name: {
            "type": it.type,
            "literals": {k: v for k, v in decode(it.object).items() if not it.propertyDependencies[k].urns},
            "provider": urns.name_of(urns.split_reference(it.provider)[0]) if it.provider else "",
            "needs": {urns.name_of(urn) for urn in it.dependencies},
            "sources": {
                key: [urns.name_of(urn) for urn in of.urns] for key, of in it.propertyDependencies.items()
            },
            "protect": it.protect,
            "ignores": list(it.ignoreChanges),
        }
        for it in requests
        if it.custom
    }


VPC = Known(
    "vpc",
    Resource(
        urn="urn:pulumi:dev::lab::aws:ec2/vpc:Vpc::vpc",
        type="aws:ec2/vpc:Vpc",
        custom=True,
        id="vpc-1",
        outputs={"arn": "arn:aws:ec2:::vpc/vpc-1", "instanceTenancy": "default", "cidrBlock": "::"},
    ),
)
CERTIFICATE = Known(
    "certificate",
    Resource(
        urn="urn:pulumi:dev::lab::aws:acm/certificate:Certificate::certificate",
        type="aws:acm/certificate:Certificate",
        custom=True,
        id="arn:aws:acm:::certificate/1",
        outputs={"domainValidationOptions": [{"resourceRecordName": "_proof.example."}]},
    ),
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("vpc-1", "vpc.id"),
        ("arn:aws:ec2:::vpc/vpc-1", "vpc.arn"),
        ("arn:aws:ec2:::vpc/vpc-1/*", "pulumi.Output.concat(vpc.arn, '/*')"),
        ("::", "'::'"),
        ("_proof.example.", "certificate.domain_validation_options[0].resource_record_name"),
        ({"instanceTenancy": ["default", 1, None]}, "{'instanceTenancy': [vpc.instance_tenancy, 1, None]}"),
        (Secret("x"), "pulumi.Output.secret('x')"),
        (Asset(ASSET, (("path", "a.py"),)), "pulumi.FileAsset('a.py')"),
    ],
)
def test_values_are_written_as_a_person_would(value: Value, written: str) -> None:
    assert Expressions([VPC, CERTIFICATE]).of(value) == written
