"""Goal of a registration: the inputs and options that a program wants a resource to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi.runtime.proto import alias_pb2, resource_pb2

from rehearsal.values import Value, Values, decode, decode_value, dependencies


@dataclass(frozen=True)
class AliasSpec:
    """A former identity of a resource: a whole URN, or the parts of it that were different."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A resource as the program wants it. References to providers are `<urn>::<id>`."""

    type: str
    name: str
    custom: bool
    inputs: Values
    parent: str = ""
    provider: str = ""
    version: str = ""
    import_id: str = ""
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    deleted_with: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)  # operation: duration
    aliases: tuple[AliasSpec, ...] = ()
    replace_with: tuple[str, ...] = ()
    replacement_trigger: Value = None
    hide_diffs: tuple[str, ...] = ()
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # when: names of registered hooks


def from_request(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """Goal of a register request.

    Dependencies come with the request and inside output values. In a request without dependencies of single
    properties, each property depends on all that the request depends on.
    """
    of = {key: set(entry.urns) for key, entry in request.propertyDependencies.items()}
    if not of:
        of = {key: set(request.dependencies) for key in request.object.fields}
    for key, value in request.object.fields.items():
        if needed := dependencies(value):
            of.setdefault(key, set()).update(needed)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=decode(request.object),
        parent=request.parent,
        provider=request.provider,
        version=request.version,
        import_id=request.importId,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=_delete_before_replace(request),
        deleted_with=request.deletedWith,
        dependencies=tuple(request.dependencies),
        property_dependencies={key: tuple(sorted(urns)) for key, urns in of.items()},
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        custom_timeouts={of.name: text for of, text in request.customTimeouts.ListFields()},
        aliases=tuple(AliasSpec(urn=urn) for urn in request.aliasURNs)
        + tuple(_alias(alias) for alias in request.aliases),
        replace_with=tuple(request.replace_with),
        replacement_trigger=_trigger(request),
        hide_diffs=tuple(request.hideDiffs),
        hooks={when.name: tuple(names) for when, names in request.hooks.ListFields()},
    )


def _delete_before_replace(request: resource_pb2.RegisterResourceRequest) -> bool | None:
    """The option; the Go SDK sets it without saying that it does."""
    defined = request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
    return request.deleteBeforeReplace if defined else None


def _trigger(request: resource_pb2.RegisterResourceRequest) -> Value:
    return decode_value(request.replacement_trigger) if request.HasField("replacement_trigger") else None


def _alias(alias: alias_pb2.Alias) -> AliasSpec:
    if alias.WhichOneof("alias") == "urn":
        return AliasSpec(urn=alias.urn)
    spec = alias.spec
    return AliasSpec(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )
