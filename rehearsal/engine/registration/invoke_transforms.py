"""Transforms of function calls: functions of the program that change the arguments and options of an invoke."""

from __future__ import annotations

import threading

from pulumi.runtime.proto import callback_pb2
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine.events import FailedError
from rehearsal.engine.registration.callbacks import CallbackError, Callbacks


class InvokeTransforms:
    """Transforms of the stack's function calls, in the order in which the program has registered them."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._transforms: list[callback_pb2.Callback] = []
        self._lock = threading.Lock()

    def add(self, callback: callback_pb2.Callback) -> None:
        """Has a transform run for every call from now on."""
        with self._lock:
            self._transforms.append(callback)

    def applied(self, request: pb.ResourceInvokeRequest) -> pb.ResourceInvokeRequest:
        """The request after all transforms. Raises FailedError for one that fails."""
        with self._lock:
            transforms = list(self._transforms)
        for transform in transforms:
            asked = pb.TransformInvokeRequest(
                token=request.tok,
                args=request.args,
                options=pb.TransformInvokeOptions(
                    provider=request.provider,
                    version=request.version,
                    plugin_download_url=request.pluginDownloadURL,
                    plugin_checksums=request.pluginChecksums,
                ),
            )
            try:
                answer = pb.TransformInvokeResponse.FromString(self._callbacks.call(transform, asked))
            except CallbackError as error:
                raise FailedError(f"a transform of the call of {request.tok} failed: {error}") from None
            changed = pb.ResourceInvokeRequest()
            changed.CopyFrom(request)
            if answer.HasField("args"):
                changed.args.CopyFrom(answer.args)
            if answer.HasField("options"):
                changed.provider = answer.options.provider
                changed.version = answer.options.version
            request = changed
        return request
