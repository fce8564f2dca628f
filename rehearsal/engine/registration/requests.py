"""Register requests, prepared before they become goals: inherited options, transforms, a provider's version.

All of this works on the request as the SDK sent it, because transforms get it in that form.
"""

from __future__ import annotations

import threading

from pulumi.runtime.proto import callback_pb2
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine import urns
from rehearsal.engine.registration.callbacks import Callbacks
from rehearsal.engine.registration.default_providers import plugin_version
from rehearsal.engine.registration.inheritance import inherit
from rehearsal.engine.registration.transforms import Transforms

Request = pb.RegisterResourceRequest


class Requests:
    """Register requests of one run, by URN once the resource is registered."""

    def __init__(self, callbacks: Callbacks) -> None:
        self.transforms = Transforms(callbacks)
        self._registered: dict[str, Request] = {}
        self._lock = threading.Lock()

    def prepare(self, request: Request) -> tuple[Request, list[callback_pb2.Callback]]:
        """The request as it is to be carried out, and the resource's own transforms, for `add`."""
        request = _copy(request)
        with self._lock:
            parent = self._registered.get(request.parent)
        if parent is not None:
            inherit(request, parent)
        own = self.transforms.own(request)
        request = self.transforms.apply(request, own)
        if request.type.startswith(urns.PROVIDER_PREFIX):
            version = request.version or plugin_version(request.type.removeprefix(urns.PROVIDER_PREFIX))
            if version:
                request.object["version"] = version
        return request, own

    def add(self, urn: str, request: Request, own: list[callback_pb2.Callback]) -> None:
        """Keeps the request of a registered resource, for its children."""
        with self._lock:
            self._registered[urn] = request
        self.transforms.add_resource(urn, request.parent, own)


def _copy(request: Request) -> Request:
    copy = Request()
    copy.CopyFrom(request)
    return copy
