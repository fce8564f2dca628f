"""The committed program's own inputs, spoiled one at a time: the cloud must refuse each, and name the path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pytest

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError, ResourceIdentity
from rehearsal.values import Values
from tests.stacks.refused_inputs import input_mutations
from tests.stacks.refused_inputs.input_mutations import Mutation
from tests.stacks.refused_inputs.recorded import Recorded, of_aws, of_every_shape

Some = Callable[[list[Recorded]], Iterable[Recorded]]  # of the resources, or all of them


def survivors(cloud: Cloud, one: Recorded, mutation: Mutation) -> Iterator[str]:
    """The mutation, if check lets it pass or says something else."""
    said = {f.path: f.reason for f in cloud.check(one.target, None, mutation.inputs).failures}
    if mutation.word not in said.get(mutation.path, "") or mutation.path not in said:
        yield f"{mutation.kind}: {one.target.urn} {mutation.path}: {said}"


def test_inputs_as_they_are_pass(cloud: Cloud, recorded: list[Recorded]) -> None:
    assert len(recorded) > 600
    assert [one.target.urn for one in recorded if cloud.check(one.target, None, one.inputs).failures] == []


@pytest.mark.parametrize("some", [of_every_shape, pytest.param(list, marks=pytest.mark.slow)])
def test_inputs_against_the_declarations_are_refused(
    cloud: Cloud, recorded: list[Recorded], some: Some
) -> None:
    tried: Counter[str] = Counter()
    passed: list[str] = []
    for one in some(recorded):
        for mutation in input_mutations.of_types(one.inputs, one.schema, one.target.type):
            tried[mutation.kind] += 1
            passed += survivors(cloud, one, mutation)
    assert passed == []
    least = {"unknown name": 700, "misspelt name": 2000, "missing": 800, "wrong type": 3000, "enum": 30}
    assert {kind: count for kind, count in tried.items() if count < least.pop(kind)} == {}
    assert least == {}, tried


def test_malformed_texts_and_numbers_are_refused(cloud: Cloud, recorded: list[Recorded]) -> None:
    tried: Counter[str] = Counter()
    passed: list[str] = []
    for one in of_aws(recorded):
        for mutation in input_mutations.of_forms(one.inputs, one.schema):
            tried[mutation.kind] += 1
            passed += survivors(cloud, one, mutation)
    assert passed == []
    least = {"ARN": 100, "CIDR": 100, "id": 300, "JSON": 30, "port": 100, "policy": 30}
    assert {kind: count for kind, count in tried.items() if count < least.pop(kind)} == {}
    assert least == {}, tried


@pytest.mark.parametrize("some", [of_every_shape, pytest.param(list, marks=pytest.mark.slow)])
def test_references_to_nothing_and_to_others_are_refused(
    cloud: Cloud, recorded: list[Recorded], things: dict[str, CloudResource], some: Some
) -> None:
    known = input_mutations.Catalogue(things.values())
    tried: Counter[str] = Counter()
    passed: list[str] = []
    for one in some(list(of_aws(recorded))):
        itself = things.pop(one.thing)
        for mutation in input_mutations.of_references(one.inputs, one.schema, known, one.id):
            tried[mutation.kind] += 1
            passed += refused_create(cloud, one, mutation)
        things[one.thing] = itself
    assert passed == []
    least = {"lost": 300, "other region": 100, "other account": 50, "principal": 1}
    assert {kind: count for kind, count in tried.items() if count < least.pop(kind)} == {}
    assert least == {}, tried


def refused_create(cloud: Cloud, one: Recorded, mutation: Mutation) -> Iterator[str]:
    """The mutation, if neither check nor create refuses it with its path and word."""
    checked = cloud.check(one.target, None, mutation.inputs)
    try:
        if any(failure.path == mutation.path and "says" in failure.reason for failure in checked.failures):
            return  # a judge refuses its form, before anybody looks for it
        said = {f.path: f.reason for f in checked.failures} or cloud.create(
            one.target, checked.inputs, False
        ).id
    except RefusedError as error:
        if error.message.startswith(f"{mutation.path}: ") and mutation.word in error.message:
            return
        said = str(error)
    yield f"{mutation.kind}: {one.target.urn} {mutation.path}: {said}"


STRANGERS: dict[str, Values] = {
    "aws:ec2/vpc:Vpc": {"cidrBlock": "10.99.0.0/16"},
    "aws:ec2/subnet:Subnet": {"cidrBlock": "10.99.0.0/24"},
    "aws:ec2/securityGroup:SecurityGroup": {},
    "aws:ec2/routeTable:RouteTable": {},
    "aws:ec2/internetGateway:InternetGateway": {},
}


def test_what_lies_in_another_vpc_of_the_region_is_refused(
    cloud: Cloud, recorded: list[Recorded], things: dict[str, CloudResource]
) -> None:
    ours = dict(things)
    strangers = {
        region: _strangers(cloud, things, region) for region in ("us-east-1", "eu-west-1", "us-west-2")
    }
    tried: Counter[str] = Counter()
    passed: list[str] = []
    for one in recorded:
        itself = things.pop(one.thing)
        for mutation in input_mutations.of_networks(
            one.inputs, one.schema, ours, strangers.get(itself.region, {})
        ):
            if one.target.type == "aws:ec2/vpcPeeringConnection:VpcPeeringConnection":
                continue  # which joins any two
            tried[one.target.type] += 1
            passed += refused_for_its_network(cloud, one, mutation)
        things[one.thing] = itself
    assert passed == []
    assert tried.total() > 200 and len(tried) > 8, tried


def _strangers(cloud: Cloud, things: dict[str, CloudResource], region: str) -> dict[str, str]:
    """A VPC of which the program knows nothing, and what is in it: the id by type."""
    ids: dict[str, str] = {}
    for type_, inputs in STRANGERS.items():
        target = ResourceIdentity(
            f"urn:pulumi:other::other::{type_}::stranger-{region}", type_, {"region": region}
        )
        inside = {"vpcId": ids["aws:ec2/vpc:Vpc"]} if ids else {}
        done = cloud.create(target, {**inputs, **inside}, preview=False)
        things.update({at: thing for at, thing in done.changes.items() if thing is not None})
        ids[type_] = done.id
    return ids


def refused_for_its_network(cloud: Cloud, one: Recorded, mutation: Mutation) -> Iterator[str]:
    """The mutation, if create takes it or doesn't say that two things lie apart."""
    try:
        said = cloud.create(one.target, mutation.inputs, preview=False).id
    except RefusedError as error:
        if mutation.path in error.message and mutation.word in error.message:
            return
        said = str(error)
    yield f"{one.target.urn} {mutation.path}: {said}"
