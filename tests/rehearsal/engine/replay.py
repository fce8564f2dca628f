"""Replay: the requests of a program to the resource monitor, recorded, and made again without program and SDK.

A recording holds the monitor's requests in the order in which they arrived: whatever one of them took from the
answer to another came after that. Asked again in that order, one by one, they lead to the same state, because all
that the pretend cloud makes up follows from URNs. The ids of providers don't; they are put in as they are now.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.policies.pack import Pack
from rehearsal.engine.resource_monitor import ResourceMonitor
from rehearsal.engine.session import Session
from rehearsal.engine.steps.deployment import Deployment
from rehearsal.project import ORGANIZATION

METHODS: dict[str, type[Message]] = {  # of the monitor, with the message that each takes
    "RegisterResource": pb.RegisterResourceRequest,
    "RegisterResourceOutputs": pb.RegisterResourceOutputsRequest,
    "ReadResource": pb.ReadResourceRequest,
    "Invoke": pb.ResourceInvokeRequest,
}
PROVIDER_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Request:
    """One request: the monitor's method, its message in wire form, and the id of the provider that it made."""

    method: str
    wire: bytes
    provider_id: bytes = b""

    @property
    def message(self) -> Message:
        """Message of the request, as it was asked."""
        return METHODS[self.method].FromString(self.wire)


@dataclass
class Recorder(EmbeddedEngine):
    """Engine that records the requests of its updates, by stack."""

    requests: dict[str, list[Request]] = field(default_factory=dict)

    def monitor(self, deployment: Deployment, session: Session) -> ResourceMonitor:
        monitor = super().monitor(deployment, session)
        recording = self.requests[session.run.stack] = []
        for method in METHODS:
            setattr(monitor, method, _recorded(method, getattr(monitor, method), recording))
        return monitor


@dataclass
class Scripted(EmbeddedEngine):
    """Engine whose program is a function in this process, which calls the monitor itself."""

    script: Callable[[ResourceMonitor], None] = lambda monitor: None  # noqa: ARG005 a program that wants nothing

    def monitor(self, deployment: Deployment, session: Session) -> ResourceMonitor:
        return ResourceMonitor(deployment, session, ORGANIZATION, _construct_nothing)

    def evaluate(self, monitor: ResourceMonitor, pack: Pack | None) -> None:
        self.script(monitor)


def replayed(recording: list[Request]) -> Callable[[ResourceMonitor], None]:
    """Script that makes all recorded requests."""

    def script(monitor: ResourceMonitor) -> None:
        now: dict[bytes, bytes] = {}  # the id of a provider when it was recorded -> its id in this run
        for request in recording:
            wire = PROVIDER_ID.sub(lambda found: now.get(found[0], found[0]), request.wire)
            answer = getattr(monitor, request.method)(METHODS[request.method].FromString(wire), None)
            if request.provider_id:
                now[request.provider_id] = answer.id.encode()

    return script


def _recorded(
    method: str, ask: Callable[[Message, Any], Any], recording: list[Request]
) -> Callable[[Message, Any], Any]:
    def asked(message: Message, context: Any) -> Any:
        request = Request(method, message.SerializeToString())
        recording.append(request)
        answer = ask(message, context)
        made = getattr(answer, "id", "").encode()
        if PROVIDER_ID.fullmatch(made):
            request.provider_id = made
        return answer

    return asked


def _construct_nothing(
    request: provider_pb2.ConstructRequest, address: str
) -> provider_pb2.ConstructResponse:
    """Makes no remote component: what its provider registered, in its own name, was recorded like all the rest."""
    return provider_pb2.ConstructResponse()
