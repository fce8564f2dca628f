"""Remote components: made by a provider out of other resources, through the same resource monitor.

The provider runs in a process of its own, as a plugin does, since the SDK supports one run per process.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import alias_pb2, provider_pb2
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.cloud.types.schema import version
from rehearsal.engine.events import FailedError
from rehearsal.engine.processes.forkserver import ForkServer

if TYPE_CHECKING:
    from rehearsal.cloud.eks_component import Cluster


def construct_request(
    request: pb.RegisterResourceRequest,
    *,
    project: str,
    stack: str,
    organization: str,
    config: Mapping[str, str],
    secret_keys: Sequence[str],
    preview: bool,
    monitor: str,
) -> provider_pb2.ConstructRequest:
    """Construct request to a provider, for a register request of a remote component."""
    dependencies = {
        key: provider_pb2.ConstructRequest.PropertyDependencies(urns=of.urns)
        for key, of in request.propertyDependencies.items()
    }
    return provider_pb2.ConstructRequest(
        project=project,
        stack=stack,
        organization=organization,
        config=config,
        configSecretKeys=secret_keys,
        dryRun=preview,
        monitorEndpoint=monitor,
        type=request.type,
        name=request.name,
        parent=request.parent,
        inputs=request.object,
        inputDependencies=dependencies,
        providers=request.providers,
        dependencies=request.dependencies,
        aliases=[*request.aliases, *(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)],
        protect=request.protect if request.HasField("protect") else None,
        additionalSecretOutputs=request.additionalSecretOutputs,
        deletedWith=request.deletedWith,
        ignoreChanges=request.ignoreChanges,
        replaceOnChanges=request.replaceOnChanges,
        retainOnDelete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        replace_with=request.replace_with,
        customTimeouts=_timeouts(request),
        deleteBeforeReplace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        resource_hooks=_hooks(request),
        replacement_trigger=request.replacement_trigger if request.HasField("replacement_trigger") else None,
    )


def _timeouts(request: pb.RegisterResourceRequest) -> provider_pb2.ConstructRequest.CustomTimeouts | None:
    if not request.HasField("customTimeouts"):
        return None
    return provider_pb2.ConstructRequest.CustomTimeouts(
        **{of.name: text for of, text in request.customTimeouts.ListFields()}
    )


def _hooks(request: pb.RegisterResourceRequest) -> provider_pb2.ConstructRequest.ResourceHooksBinding | None:
    if not request.HasField("hooks"):
        return None
    return provider_pb2.ConstructRequest.ResourceHooksBinding(
        **{when.name: list(names) for when, names in request.hooks.ListFields()}
    )


def construct_in_process(
    server: ForkServer, request: provider_pb2.ConstructRequest, engine: str
) -> provider_pb2.ConstructResponse:
    """Makes a component in a process of its own. Raises FailedError with the provider's message if that fails."""
    text = base64.b64encode(request.SerializeToString()).decode()
    answer = server.ask(f"{__name__}:construct", Path.cwd(), {"request": text, "engine": engine})
    if "error" in answer:
        raise FailedError(answer["error"])
    return provider_pb2.ConstructResponse.FromString(base64.b64decode(answer["response"]))


def construct(request: str, engine: str) -> dict[str, str]:
    """Makes one component; the entry point of the provider's process."""
    # Loads the SDK, which only this process needs: before the inputs are read, or resources among them are mere ids.
    from rehearsal.cloud import eks_component  # noqa: PLC0415 the SDK takes long to load

    message = provider_pb2.ConstructRequest.FromString(base64.b64decode(request))
    servicer = ProviderServicer(
        _Components(version("eks"), {"eks:index:Cluster": eks_component.Cluster}), [], engine
    )
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        # The context serves only to abort a call, and this is none.
        response = loop.run_until_complete(servicer.Construct(message, None))  # pyright: ignore[reportArgumentType]
    except pulumi.RunError as error:
        return {"error": str(error)}
    except Exception as error:  # whatever it was, its user must see it
        return {"error": f"{message.type} {message.name}: {error}"}
    return {"response": base64.b64encode(response.SerializeToString()).decode()}


class _Components(Provider):
    """The provider of the components that the pretend cloud has."""

    def __init__(self, version: str, components: Mapping[str, type[Cluster]]) -> None:
        super().__init__(version)
        self._components = components

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        if resource_type not in self._components:
            raise ValueError(f"the rehearsal has no such component; it has {', '.join(self._components)}")
        component = self._components[resource_type](name, inputs, options or pulumi.ResourceOptions())
        return ConstructResult(component.urn, component.state)
