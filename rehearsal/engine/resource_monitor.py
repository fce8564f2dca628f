"""Resource monitor and engine services of Pulumi, over gRPC, as a program's SDK calls them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import grpc
from google.protobuf import empty_pb2
from grpc import ServicerContext as Context
from pulumi.runtime.proto import callback_pb2, engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2_grpc
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal import rpc
from rehearsal.engine.events import Diagnostic, FailedError
from rehearsal.engine.registration import remote_components
from rehearsal.engine.registration.goal import Goal, from_request
from rehearsal.engine.registration.invoke_transforms import InvokeTransforms
from rehearsal.engine.registration.requests import Requests
from rehearsal.engine.registration.unsupported import refuse_unsupported
from rehearsal.engine.session import Session
from rehearsal.engine.steps.deployment import Deployment
from rehearsal.engine.steps.outcomes import Outcome
from rehearsal.values import UNKNOWN, UNKNOWN_STRING, Value, decode, encode

Construct = Callable[[provider_pb2.ConstructRequest, str], provider_pb2.ConstructResponse]

_FEATURES = {
    "secrets": pb.RESOURCE_MONITOR_FEATURE_SECRETS,
    "resourceReferences": pb.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "outputValues": pb.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    "aliasSpecs": pb.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    "deletedWith": pb.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    "transforms": pb.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    "invokeTransforms": pb.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    "parameterization": pb.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,  # to be refused by name
    "stateMigrations": pb.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS,  # to be refused by name
    "replaceWith": pb.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "replacementTrigger": pb.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    "resourceHooks": pb.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    "errorHooks": pb.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    "sendsOptionsToHooks": pb.RESOURCE_MONITOR_FEATURE_SENDS_OPTIONS_TO_HOOKS,
}
_SEVERITIES = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}
_THREADS = 64  # more than a program's own, or its calls would wait for each other


@contextmanager
def serve(monitor: ResourceMonitor) -> Iterator[str]:
    """Serves a monitor for as long as the context lasts. Yields the address."""
    session = monitor.session

    def add(server: grpc.Server) -> None:
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
        engine_pb2_grpc.add_EngineServicer_to_server(EngineService(session), server)

    def translate(error: Exception) -> tuple[grpc.StatusCode, str]:
        """Status of a failed call, as if the monitor were gone: the engine itself reports the reason."""
        if not isinstance(error, FailedError):
            shown = "".join(traceback.format_exception(error))
            error = FailedError(f"internal error:\n{shown}")
        return grpc.StatusCode.UNAVAILABLE, session.fail(error).message

    with closing(monitor), rpc.serve_by_file(add, translate, _THREADS) as monitor.address:
        yield monitor.address


class ResourceMonitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Resource monitor: registrations, reads and function calls of one run.

    `construct` makes remote components; it gets the monitor's address, where it registers their children.
    """

    def __init__(
        self, deployment: Deployment, session: Session, organization: str, construct: Construct
    ) -> None:
        self.address = ""  # its own, known once it is served
        self.deployment = deployment
        self.session = session
        self._organization = organization
        self._requests = Requests(deployment.callbacks)
        self._construct = construct
        self._invoke_transforms = InvokeTransforms(deployment.callbacks)

    def close(self) -> None:
        """Ends the connections to the program's functions."""
        self.deployment.callbacks.close()

    def RegisterStackTransform(self, request: callback_pb2.Callback, context: Context) -> empty_pb2.Empty:
        self._requests.transforms.add_stack_transform(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(
        self, request: callback_pb2.Callback, context: Context
    ) -> empty_pb2.Empty:
        self._invoke_transforms.add(request)
        return empty_pb2.Empty()

    def RegisterPackage(
        self, request: pb.RegisterPackageRequest, context: Context
    ) -> pb.RegisterPackageResponse:
        refuse_unsupported(pb.ResourceInvokeRequest(packageRef=request.name))
        return pb.RegisterPackageResponse()

    def Call(self, request: pb.ResourceCallRequest, context: Context) -> provider_pb2.CallResponse:
        raise FailedError(
            f"{request.tok}: methods of remote components aren't called here; none of eks has any"
        )

    def ExistsResource(
        self, request: pb.ExistsResourceRequest, context: Context
    ) -> pb.ExistsResourceResponse:
        raise FailedError(f"{request.type}: whether a resource exists isn't asked here; read it by its `get`")

    def RegisterResourceHook(
        self, request: pb.RegisterResourceHookRequest, context: Context
    ) -> empty_pb2.Empty:
        self.deployment.hooks.register(request)
        return empty_pb2.Empty()

    def RegisterErrorHook(self, request: pb.RegisterErrorHookRequest, context: Context) -> empty_pb2.Empty:
        self.deployment.hooks.register_error_hook(request)
        return empty_pb2.Empty()

    def GetDeploymentInfo(self, request: empty_pb2.Empty, context: Context) -> pb.DeploymentInfo:
        run = self.session.run
        return pb.DeploymentInfo(
            project=run.project,
            stack=run.stack,
            organization=self._organization,
            config=run.config,
            configSecretKeys=sorted(run.secret_keys),
            dryRun=run.preview,
            supportedFeatures=list(_FEATURES.values()),
        )

    def SupportsFeature(
        self, request: pb.SupportsFeatureRequest, context: Context
    ) -> pb.SupportsFeatureResponse:
        return pb.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def RegisterResource(
        self, request: pb.RegisterResourceRequest, context: Context
    ) -> pb.RegisterResourceResponse:
        refuse_unsupported(request)
        request, transforms = self._requests.prepare(request)
        if request.remote:
            return self._register_remote(request)
        registered = self.deployment.register(from_request(request))
        resource = registered.resource
        self._requests.add(resource.urn, request, transforms)
        # A component's recorded outputs may refer to resources that this run hasn't come to yet.
        outputs = resource.outputs if resource.custom else {}
        return pb.RegisterResourceResponse(
            urn=resource.urn,
            id=_id(resource.id),
            object=encode(outputs),
            result=_result(registered.outcome),
            unknown=registered.outcome is Outcome.UNKNOWN,
        )

    def ReadResource(self, request: pb.ReadResourceRequest, context: Context) -> pb.ReadResourceResponse:
        refuse_unsupported(request)
        goal = Goal(
            type=request.type,
            name=request.name,
            custom=True,
            inputs=decode(request.properties),
            parent=request.parent,
            provider=request.provider,
            version=request.version,
            dependencies=tuple(request.dependencies),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
        )
        registered = self.deployment.read(goal, request.id)
        resource = registered.resource
        return pb.ReadResourceResponse(
            urn=resource.urn,
            id=_id(resource.id),
            properties=encode(resource.outputs),
            result=_result(registered.outcome),
        )

    def RegisterResourceOutputs(
        self, request: pb.RegisterResourceOutputsRequest, context: Context
    ) -> empty_pb2.Empty:
        self.deployment.register_outputs(request.urn, decode(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: pb.ResourceInvokeRequest, context: Context) -> pb.ResourceInvokeResponse:
        refuse_unsupported(request)
        request = self._invoke_transforms.applied(request)
        answer = self.deployment.invoke(request.tok, decode(request.args), request.provider, request.version)
        response = pb.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer))
        return response

    def SignalAndWaitForShutdown(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def _register_remote(self, request: pb.RegisterResourceRequest) -> pb.RegisterResourceResponse:
        """Registers a remote component: its provider registers it and its children with this monitor."""
        package = request.type.split(":", 1)[0]
        if not request.provider:
            self.deployment.default_provider(package, request.version, request.type)
        run = self.session.run
        construct = remote_components.construct_request(
            request,
            project=run.project,
            stack=run.stack,
            organization=self._organization,
            config=run.config,
            secret_keys=sorted(run.secret_keys),
            preview=run.preview,
            monitor=self.address,
        )
        component = self._construct(construct, self.address)
        self.session.raise_failure()
        return pb.RegisterResourceResponse(
            urn=component.urn,
            object=component.state,
            propertyDependencies={
                key: pb.RegisterResourceResponse.PropertyDependencies(urns=of.urns)
                for key, of in component.stateDependencies.items()
            },
        )


class EngineService(engine_pb2_grpc.EngineServicer):
    """Engine service: the program's log, and the URN of the stack's own resource."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = ""

    def Log(self, request: engine_pb2.LogRequest, context: Context) -> empty_pb2.Empty:
        if request.severity in _SEVERITIES and self._session.failure is None:
            self._session.emit(Diagnostic(_SEVERITIES[request.severity], request.message, request.urn))
        return empty_pb2.Empty()

    def GetRootResource(
        self,
        request: engine_pb2.GetRootResourceRequest,
        context: Context,
    ) -> engine_pb2.GetRootResourceResponse:
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(
        self,
        request: engine_pb2.SetRootResourceRequest,
        context: Context,
    ) -> engine_pb2.SetRootResourceResponse:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()


def _result(outcome: Outcome) -> pb.Result.ValueType:
    return pb.FAIL if outcome in (Outcome.FAILED, Outcome.SKIPPED) else pb.SUCCESS


def _id(value: Value) -> str:
    return UNKNOWN_STRING if value is UNKNOWN else value
