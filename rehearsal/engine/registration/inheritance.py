"""Inheritance of options: protect, retainOnDelete, deletedWith and providers, from a parent to its children."""

from __future__ import annotations

from pulumi.runtime.proto import resource_pb2 as pb


def inherit(request: pb.RegisterResourceRequest, parent: pb.RegisterResourceRequest) -> None:
    """Completes a request, in place, with the options of its parent's that it leaves open."""
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
