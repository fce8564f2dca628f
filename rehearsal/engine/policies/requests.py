"""Requests to an analyzer: a resource's, or a whole stack's, properties, options and providers in wire form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pulumi.runtime.proto import analyzer_pb2 as pb

from rehearsal.engine.records import Resource
from rehearsal.values import SIGNATURE, Reference, Values, encode, rewrite


def analyze_request(
    resource: Resource, provider: Resource | None, *, internal: bool = False
) -> pb.AnalyzeRequest:
    """Request about one registration; with internal keys among its inputs where the pack may remediate them."""
    return pb.AnalyzeRequest(
        type=resource.type,
        properties=_properties(resource.inputs, internal=internal),
        urn=resource.urn,
        name=resource.name,
        options=_options(resource),
        provider=_provider(provider),
    )


def analyze_stack_request(resources: Iterable[tuple[Resource, Resource | None]]) -> pb.AnalyzeStackRequest:
    """Request about a stack as a whole: each resource with its provider."""
    return pb.AnalyzeStackRequest(
        resources=[
            pb.AnalyzerResource(
                type=resource.type,
                properties=_properties(resource.outputs),
                urn=resource.urn,
                name=resource.name,
                options=_options(resource),
                provider=_provider(provider),
                parent=resource.parent,
                dependencies=resource.dependencies,
                propertyDependencies={
                    key: pb.AnalyzerPropertyDependencies(urns=of)
                    for key, of in resource.property_dependencies.items()
                },
            )
            for resource, provider in resources
        ]
    )


def changed_keys(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    """Keys of the properties that differ, without Pulumi's internal ones."""
    for key in before.keys() | after.keys():
        if before.get(key) != after.get(key) and not key.startswith("__"):
            yield key


def analyzed_properties(values: Values, *, internal: bool = False) -> Values:
    """Properties as a pack gets them: the id for a reference to a resource; Pulumi's internal keys if `internal`."""

    def plain(value: object) -> object:
        if isinstance(value, Reference):
            return value.urn if value.id is None else value.id
        if isinstance(value, dict) and SIGNATURE not in value and not internal:
            return {key: item for key, item in value.items() if not key.startswith("__")}
        return value

    return rewrite(values, plain)


def _properties(
    values: Values, *, internal: bool = False
):  # a protobuf Struct, whose stubs name no public type
    return encode(analyzed_properties(values, internal=internal))


def _options(resource: Resource) -> pb.AnalyzerResourceOptions:
    return pb.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=resource.ignore_changes,
        additionalSecretOutputs=resource.additional_secret_outputs,
        parent=resource.parent,
    )


def _provider(provider: Resource | None) -> pb.AnalyzerProviderResource | None:
    if provider is None:
        return None
    return pb.AnalyzerProviderResource(
        type=provider.type, properties=_properties(provider.inputs), urn=provider.urn, name=provider.name
    )
