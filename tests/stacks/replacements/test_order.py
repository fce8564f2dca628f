"""Replacement order: what AWS has once is deleted before its successor is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import resource_pb2 as pb

from components.replacement_order import ONCE
from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import RefusedError, ResourceIdentity
from rehearsal.cloud.types.formats import value_at
from rehearsal.cloud.types.type_table import type_row
from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from tests.stacks.platform import ROOT, Platform
from tests.stacks.refused_inputs.recorded import SCHEMAS


def created_beside(cloud: Cloud, resource: Resource, provider: dict[str, object]) -> str:
    """Id of a second one, made beside a resource; '' where it is refused."""
    target = ResourceIdentity(resource.urn, resource.type, provider)
    added = {"tagsAll", "__defaults", *resource.inputs.get("__defaults", ())}
    inputs = {name: value for name, value in resource.inputs.items() if name not in added}
    checked = cloud.check(target, None, inputs)
    assert not checked.failures, checked.failures
    try:
        return str(cloud.create(target, checked.inputs, preview=False).id)
    except RefusedError:
        return ""


def _is_named(resource: Resource, path: str) -> bool:
    """Returns whether the program chose the name of a resource that the provider would have named."""
    return path not in resource.inputs.get("__defaults", ()) and value_at(resource.inputs, path) is not None


@pytest.fixture(scope="module")
def once(platform: Platform) -> set[str]:
    """Types of the program of which a second one, made beside the first, is refused or takes its place."""
    cloud = Cloud(dict(platform.things), ROOT / ".cache" / "schema")
    providers = {r.urn: r.inputs for _, r in platform.resources() if r.is_provider}
    found: set[str] = set()
    for _, resource in platform.resources():
        if not resource.custom or resource.protect or not resource.type.startswith("aws:"):
            continue
        naming = type_row(resource.type, SCHEMAS.of(resource.type)).name
        if naming is not None and _is_named(resource, naming.of):
            continue  # it has a name of the program's choice, which another test is about
        provider = providers[urns.split_reference(resource.provider)[0]]
        if created_beside(cloud, resource, provider) in ("", resource.id):
            found.add(resource.type)
    return found


def test_what_is_there_once_is_deleted_before_it_is_replaced(once: set[str], platform: Platform) -> None:
    there = {r.type for _, r in platform.resources() if not r.protect}
    assert once - ONCE == set(), "\n".join(sorted(once - ONCE))
    assert (ONCE & there) - once == set(), "\n".join(sorted((ONCE & there) - once))


def test_no_type_is_listed_that_the_program_has_not(platform: Platform) -> None:
    there = {r.type for _, r in platform.resources()}
    assert sorted(ONCE - there) == []


def test_every_one_of_these_is_registered_so(platform: Platform) -> None:
    registered = [
        request.message
        for requests in platform.requests.values()
        for request in requests
        if request.method == "RegisterResource"
    ]
    assert len(registered) > 2000
    late = [
        it.name
        for it in registered
        if isinstance(it, pb.RegisterResourceRequest) and it.type in ONCE and not it.deleteBeforeReplace
    ]
    assert late == []


def _chosen_name(inputs: Mapping[str, Any]) -> str | None:
    """Name that the program chose for a resource, or for an object of a cluster."""
    return inputs.get("metadata", inputs).get("name")


def test_what_the_program_named_is_deleted_before_it_is_replaced(platform: Platform) -> None:
    """The provider says so by itself when an input changes; nobody asks it when a replacement is forced."""
    found = [it.message for requests in platform.requests.values() for it in requests]
    named = [
        it
        for it in found
        if isinstance(it, pb.RegisterResourceRequest)
        and it.custom
        and not it.protect
        and not it.type.startswith("pulumi:")
        and _chosen_name(MessageToDict(it.object))
    ]
    assert len(named) > 200
    assert [f"{it.type} {it.name}" for it in named if not it.deleteBeforeReplace] == []


def asked(platform: Platform, type_: str) -> list[pb.RegisterResourceRequest]:
    """Registrations of all resources of a type, in all stacks."""
    messages = [
        request.message
        for requests in platform.requests.values()
        for request in requests
        if request.method == "RegisterResource" and type_.encode() in request.wire
    ]
    return [it for it in messages if isinstance(it, pb.RegisterResourceRequest) and it.type == type_]


def test_a_node_class_isnt(platform: Platform) -> None:
    """Nodes hold it until they are gone, so the provider names it, and the next one comes first."""
    classes = asked(platform, "kubernetes:eks.amazonaws.com/v1:NodeClass")
    assert [it.deleteBeforeReplace for it in classes] == [False] * 3


def test_a_deployment_isnt_deleted_with_the_methods_that_it_holds(platform: Platform) -> None:
    """A stage serves it. Deleted along is what has an input that depends on one of them."""
    deployments = asked(platform, "aws:apigateway/deployment:Deployment")
    assert len(deployments) == 3
    for it in deployments:
        assert MessageToDict(it.object)["triggers"]["snapshot"]
        assert list(it.propertyDependencies["triggers"].urns) == []
        assert len(it.dependencies) > 50
