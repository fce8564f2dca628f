"""What happens to a registration before it is one: inheritance from its parent, its provider, transforms.

All of this works on the request as the SDK sent it, because transforms get it in that form: they are
functions of the program, called back over gRPC, that may change any resource's inputs and options. Those of
the resource run first, then those of its parents, from the inside out, then those of the stack.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.values import OUTPUT, SECRET, SIGNATURE, UNKNOWN, decode_value, encode

Request = pb.RegisterResourceRequest


@dataclass
class _Registered:
    """What a resource leaves behind for its children."""

    request: Request
    transforms: list[callback_pb2.Callback] = field(default_factory=list)


class Intake:
    """Prepares requests, and remembers of each registered resource what its children take from it."""

    def __init__(self) -> None:
        self._registered: dict[str, _Registered] = {}
        self._stack: list[callback_pb2.Callback] = []
        self._remote: dict[tuple[str, str, str], list[callback_pb2.Callback]] = {}
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def add_stack_transform(self, callback: callback_pb2.Callback) -> None:
        """Has a transform run for every resource that is registered from now on."""
        with self._lock:
            self._stack.append(callback)

    def prepared(self, request: Request) -> tuple[Request, list[callback_pb2.Callback]]:
        """The request as it is to be carried out, and the resource's own transforms, for `registered`."""
        request = _copy(request)
        self._inherit(request)
        own = self._own_transforms(request)
        with self._lock:
            transforms = [*own, *self._parents_transforms(request.parent), *self._stack]
        for transform in transforms:
            request = self._transformed(request, transform)
        if request.type.startswith(urns.PROVIDER_PREFIX) and request.version:
            request.object["version"] = request.version
        return request, own

    def registered(self, urn: str, request: Request, own: list[callback_pb2.Callback]) -> None:
        """Notes what a resource was registered with."""
        with self._lock:
            self._registered[urn] = _Registered(request, own)

    def close(self) -> None:
        """Closes the connections to the program's callbacks."""
        for channel in self._channels.values():
            channel.close()

    # ---- inheritance

    def _inherit(self, request: Request) -> None:
        with self._lock:
            known = self._registered.get(request.parent)
        if known is None:
            return
        parent = known.request
        if not request.deletedWith:
            request.deletedWith = parent.deletedWith
        if not request.HasField("protect") and parent.HasField("protect"):
            request.protect = parent.protect
        if not request.HasField("retainOnDelete") and parent.HasField("retainOnDelete"):
            request.retainOnDelete = parent.retainOnDelete
        if request.custom or request.remote:
            package = request.type.split(":", 1)[0]
            request.provider = (
                request.provider or request.providers.get(package) or parent.providers.get(package, "")
            )
        else:
            for package, reference in parent.providers.items():
                if package not in request.providers:
                    request.providers[package] = reference

    # ---- transforms

    def _own_transforms(self, request: Request) -> list[callback_pb2.Callback]:
        """Those of the request; for a component that a provider registers, those that it was asked for with."""
        asked = (request.type, request.name, request.parent)
        with self._lock:
            if asked in self._remote:
                return self._remote.pop(asked)
            own = list(request.transforms)
            if request.remote and own:
                self._remote[asked] = own
            return own

    def _parents_transforms(self, urn: str) -> list[callback_pb2.Callback]:
        found = []
        while urn and (parent := self._registered.get(urn)) is not None:
            found += parent.transforms
            urn = parent.request.parent
        return found

    def _transformed(self, request: Request, callback: callback_pb2.Callback) -> Request:
        asked = pb.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=_with_dependencies(request) if request.transforms else request.object,
            options=_options(request),
        )
        stub = callback_pb2_grpc.CallbacksStub(self._channel(callback.target))
        try:
            answer = stub.Invoke(
                callback_pb2.CallbackInvokeRequest(token=callback.token, request=asked.SerializeToString())
            )
        except grpc.RpcError as error:
            raise FailedError(
                f"a transform of {request.type} {request.name} failed: {error.details()}"
            ) from None
        response = pb.TransformResponse.FromString(answer.response)
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

    def _channel(self, target: str) -> grpc.Channel:
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target)
            return self._channels[target]


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
    )
    setattr(options, "import", request.importId)
    return options


def _with_options(request: Request, options: pb.TransformResourceOptions) -> Request:
    """The request with other options; what no transform may change stays."""
    return Request(
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
    )


def _with_dependencies(request: Request) -> struct_pb2.Struct:
    """The inputs, each that depends on something as an output value that says so: a transform hands it on."""
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


def _copy(request: Request) -> Request:
    copy = Request()
    copy.CopyFrom(request)
    return copy
