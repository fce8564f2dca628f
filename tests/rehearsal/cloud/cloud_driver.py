"""The driver of an owner: they ask the cloud and make the changes that it answers with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import (
    ChangeResult,
    Changes,
    CloudResource,
    DiffResult,
    ReadResult,
    RefusedError,
    ResourceIdentity,
)
from rehearsal.values import Value, Values

ACCOUNT = "123456789012"
NORTH = {"region": "us-east-1", "allowedAccountIds": f'["{ACCOUNT}"]'}
SOUTH = {**NORTH, "region": "eu-west-1"}

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "ec2.amazonaws.com"}}]}'
)
ANYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
ALLOW = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
)

READABLE = ALLOW.replace('"Effect"', '"Principal": "*", "Effect"')


def trust(*services: str) -> str:
    """The trust policy of a role that services of AWS take: `ec2` for `ec2.amazonaws.com`."""
    principals = {"Service": [f"{service}.amazonaws.com" for service in services]}
    statement = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": principals}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Made:
    """Something created, as an engine would remember it."""

    target: ResourceIdentity
    id: str
    inputs: Values
    outputs: Values

    @property
    def arn(self) -> str:
        return self.outputs["arn"]


class CloudDriver:
    def __init__(self, cache: Path, strict: bool = True) -> None:
        self.resources: dict[str, CloudResource] = {}
        self.cloud = Cloud(self.resources, cache, strict=strict)

    def apply(self, changes: Changes) -> None:
        for key, resource in changes.items():
            if resource is None:
                self.resources.pop(key, None)
            else:
                self.resources[key] = resource

    def target(self, type_: str, name: str, provider: Values | None = None) -> ResourceIdentity:
        return ResourceIdentity(
            f"urn:pulumi:dev::castle::{type_}::{name}", type_, NORTH if provider is None else provider
        )

    def checked(self, target: ResourceIdentity, inputs: Values, old: Values | None = None) -> Values:
        checked = self.cloud.check(target, old, inputs)
        assert not checked.failures, checked.failures
        return checked.inputs

    def make(self, type_: str, name: str, inputs: Values, provider: Values | None = None) -> Made:
        target = self.target(type_, name, provider)
        recorded = self.checked(target, inputs)
        done = self.cloud.create(target, recorded, preview=False)
        self.apply(done.changes)
        return Made(target, done.id, recorded, done.outputs)

    def preview(self, type_: str, name: str, inputs: Values, provider: Values | None = None) -> ChangeResult:
        target = self.target(type_, name, provider)
        return self.cloud.create(target, self.checked(target, inputs), preview=True)

    def diff(self, made: Made, inputs: Values, *ignore: str) -> DiffResult:
        new = self.checked(made.target, inputs, made.inputs)
        return self.cloud.diff(made.target, made.id, made.inputs, made.outputs, new, ignore)

    def change(self, made: Made, inputs: Values, *ignore: str) -> Made:
        new = self.checked(made.target, inputs, made.inputs)
        done = self.cloud.update(made.target, made.id, made.inputs, made.outputs, new, ignore, preview=False)
        self.apply(done.changes)
        return Made(made.target, made.id, new, done.outputs)

    def read(self, made: Made) -> ReadResult | None:
        return self.cloud.read(made.target, made.id, made.inputs, made.outputs)

    def remove(self, made: Made) -> None:
        self.apply(self.cloud.delete(made.target, made.id, made.inputs, made.outputs).changes)

    def role(self, name: str, *services: str, document: str = ANYTHING, **inputs: Value) -> Made:
        """A role that services take, and that may do anything, or what a document says."""
        made = self.make(ROLE, name, {"assumeRolePolicy": trust(*services), **inputs})
        self.make(ROLE_POLICY, name, {"role": made.id, "policy": document})
        return made

    def network(self, provider: Values | None = None, cidr: str = "10.0.0.0/16") -> tuple[Made, Made]:
        """A VPC and a subnet in it."""
        vpc = self.make(VPC, "vpc", {"cidrBlock": cidr}, provider)
        return vpc, self.make(SUBNET, "subnet", {"vpcId": vpc.id, "cidrBlock": cidr[:-2] + "24"}, provider)

    def zones(self, provider: Values | None = None) -> list[str]:
        """Two subnets of a new VPC, as many as a load balancer needs."""
        vpc, subnet = self.network(provider)
        other = self.make(SUBNET, "other", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"}, provider)
        return [subnet.id, other.id]


def refused(
    driver: CloudDriver, type_: str, name: str, inputs: Values, provider: Values | None = None
) -> RefusedError:
    """The refusal of a creation, which must have changed nothing."""
    before = dict(driver.resources)
    with pytest.raises(RefusedError) as caught:
        driver.make(type_, name, inputs, provider)
    assert driver.resources == before
    return caught.value
