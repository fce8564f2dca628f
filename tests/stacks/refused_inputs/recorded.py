"""The committed program's resources as the program wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.cloud.provider_verbs import ResourceIdentity
from rehearsal.cloud.types.schema import Schema, Schemas
from rehearsal.engine import urns
from rehearsal.values import Value, Values, reveal_top
from tests.stacks.platform import ROOT, Platform

SCHEMAS = Schemas(ROOT / ".cache" / "schema")


@dataclass(frozen=True)
class Recorded:
    """A resource as the program wrote it: what the provider added is left out."""

    target: ResourceIdentity
    schema: Schema
    inputs: Values
    thing: str  # the key of what it made
    id: str


def recorded_resources(platform: Platform) -> Iterator[Recorded]:
    """Every resource with a schema."""
    providers = {r.urn: r.inputs for _, r in platform.resources() if r.is_provider}
    made = {(thing.urn, thing.id): at for at, thing in platform.things.items()}
    for _, resource in platform.resources():
        if not resource.custom or resource.is_provider or resource.type == urns.REFERENCE_TYPE:
            continue
        schema = SCHEMAS.of(resource.type)
        if schema is None and resource.type.startswith("kubernetes:"):
            continue  # a custom kind, whose declaration is in the cluster; see test_kubernetes_objects.py
        assert schema is not None
        added = {"tagsAll", "__defaults", *resource.inputs.get("__defaults", ())}
        inputs = {name: value for name, value in resource.inputs.items() if name not in added}
        provider = providers[urns.split_reference(resource.provider)[0]]
        target = ResourceIdentity(resource.urn, resource.type, provider)
        yield Recorded(target, schema, inputs, made[resource.urn, resource.id], resource.id)


def of_aws(recorded: list[Recorded]) -> Iterator[Recorded]:
    """Resources of AWS's own. A cluster takes any text of its own form; see test_kubernetes_objects.py."""
    return (one for one in recorded if not one.target.type.startswith("kubernetes:"))


def of_every_shape(recorded: list[Recorded]) -> Iterator[Recorded]:
    """The first resource of each type that sets these properties, and names roles where it does.

    What is declared of inputs is the same for the others.
    """
    seen: set[tuple[str, frozenset[str]]] = set()
    for one in recorded:
        shape = one.target.type, frozenset(_paths(one.inputs, ""))
        if shape not in seen:
            seen.add(shape)
            yield one


def _paths(value: Value, path: str) -> Iterator[str]:
    value = reveal_top(value)
    if isinstance(value, list):
        for item in value:
            yield from _paths(item, path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _paths(item, f"{path}.{name}")
    else:
        yield f"{path} with a role" if isinstance(value, str) and ":role/" in value else path
