"""Transforms: functions of the program, called back over gRPC, that change a resource's inputs and options.

Those of the resource run first, then those of its parents, from the inside out, then those of the stack. They get
a registration in the form in which the SDK sent it.
"""

from __future__ import annotations

import threading

from google.protobuf import struct_pb2
from pulumi.runtime.proto import callback_pb2
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine.events import FailedError
from rehearsal.engine.registration.callbacks import CallbackError, Callbacks
from rehearsal.values import OUTPUT, SECRET, SIGNATURE, UNKNOWN, decode_value, encode

Request = pb.RegisterResourceRequest


class Transforms:
    """Transforms of one run: the stack's, and those of each registered resource, which its children inherit."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._stack: list[callback_pb2.Callback] = []
        self._of_resource: dict[str, tuple[str, list[callback_pb2.Callback]]] = {}  # URN -> parent, its own
        self._of_remote: dict[tuple[str, str, str], list[callback_pb2.Callback]] = {}
        self._lock = threading.Lock()

    def add_stack_transform(self, callback: callback_pb2.Callback) -> None:
        """Has a transform run for every resource that is registered from now on."""
        with self._lock:
            self._stack.append(callback)

    def own(self, request: Request) -> list[callback_pb2.Callback]:
        """Transforms of the resource itself.

        A provider registers a remote component without them: they are those of the program's request for it.
        """
        key = (request.type, request.name, request.parent)
        with self._lock:
            if key in self._of_remote:
                return self._of_remote.pop(key)
            own = list(request.transforms)
            if request.remote and own:
                self._of_remote[key] = own
            return own

    def apply(self, request: Request, own: list[callback_pb2.Callback]) -> Request:
        """The request after all transforms that concern it. Raises FailedError for one that fails."""
        with self._lock:
            transforms = [*own, *self._of_parents(request.parent), *self._stack]
        for transform in transforms:
            request = self._apply(request, transform)
        return request

    def add_resource(self, urn: str, parent: str, own: list[callback_pb2.Callback]) -> None:
        """Keeps a registered resource's transforms for its children."""
        with self._lock:
            self._of_resource[urn] = parent, own

    def _of_parents(self, urn: str) -> list[callback_pb2.Callback]:
        transforms = []
        while urn in self._of_resource:
            urn, own = self._of_resource[urn]
            transforms += own
        return transforms

    def _apply(self, request: Request, callback: callback_pb2.Callback) -> Request:
        transform = pb.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=_with_dependencies(request) if request.transforms else request.object,
            options=_options(request),
        )
        try:
            response = pb.TransformResponse.FromString(self._callbacks.call(callback, transform))
        except CallbackError as error:
            raise FailedError(f"a transform of {request.type} {request.name} failed: {error}") from None
        if response.HasField("properties"):
            request.object.CopyFrom(response.properties)
            if (
                request.transforms
            ):  # as in the CLI: with those, only the output values still name dependencies
                request.propertyDependencies.clear()
                for key in request.object.fields:
                    request.propertyDependencies[key].SetInParent()
        if response.HasField("options"):
            return _with_options(request, response.options)
        return request


def _options(request: Request) -> pb.TransformResourceOptions:
    options = pb.TransformResourceOptions(
        depends_on=request.dependencies,
        protect=request.protect if request.HasField("protect") else None,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=request.aliases,
        provider=request.provider,
        custom_timeouts=request.customTimeouts,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        additional_secret_outputs=request.additionalSecretOutputs,
        providers=request.providers,
        hide_diff=request.hideDiffs,
        replace_with=request.replace_with,
        plugin_download_url=request.pluginDownloadURL,
        plugin_checksums=request.pluginChecksums,
    )
    if request.HasField("hooks"):
        options.hooks.CopyFrom(request.hooks)
    if request.HasField("replacement_trigger"):
        options.replacement_trigger.CopyFrom(request.replacement_trigger)
    setattr(options, "import", request.importId)
    return options


def _with_options(request: Request, options: pb.TransformResourceOptions) -> Request:
    """The request with other options; what no transform may change stays."""
    changed = Request(
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        remote=request.remote,
        object=request.object,
        propertyDependencies=request.propertyDependencies,
        transforms=request.transforms,
        aliasURNs=request.aliasURNs,
        dependencies=options.depends_on,
        protect=options.protect if options.HasField("protect") else None,
        ignoreChanges=options.ignore_changes,
        replaceOnChanges=options.replace_on_changes,
        version=options.version,
        aliases=options.aliases,
        provider=options.provider,
        customTimeouts=options.custom_timeouts,
        retainOnDelete=options.retain_on_delete if options.HasField("retain_on_delete") else None,
        deletedWith=options.deleted_with,
        deleteBeforeReplace=options.delete_before_replace,
        deleteBeforeReplaceDefined=options.HasField("delete_before_replace"),
        additionalSecretOutputs=options.additional_secret_outputs,
        providers=options.providers,
        importId=getattr(options, "import"),
        hideDiffs=options.hide_diff,
        replace_with=options.replace_with,
        pluginDownloadURL=options.plugin_download_url,
        pluginChecksums=options.plugin_checksums,
        packageRef=request.packageRef,
        envVarMappings=request.envVarMappings,
        state_migrations=request.state_migrations,
    )
    if options.HasField("hooks"):
        changed.hooks.CopyFrom(options.hooks)
    if options.HasField("replacement_trigger"):
        changed.replacement_trigger.CopyFrom(options.replacement_trigger)
    return changed


def _with_dependencies(request: Request) -> struct_pb2.Struct:
    """Inputs for a transform: each that depends on a resource is an output value that names its dependencies."""
    properties = struct_pb2.Struct()
    for key, value in request.object.fields.items():
        needed = request.propertyDependencies[key].urns if key in request.propertyDependencies else ()
        if not needed or value.struct_value.fields.get(SIGNATURE, struct_pb2.Value()).string_value == OUTPUT:
            properties.fields[key].CopyFrom(value)
            continue
        output = properties.fields[key].struct_value
        output.fields[SIGNATURE].string_value = OUTPUT
        secret = value.struct_value.fields.get(SIGNATURE, struct_pb2.Value()).string_value == SECRET
        plain = value.struct_value.fields["value"] if secret else value
        if decode_value(plain) is not UNKNOWN:
            output.fields["value"].CopyFrom(plain)
        output.MergeFrom(encode({"secret": secret, "dependencies": list(needed)}))
    return properties
