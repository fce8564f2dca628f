"""Resource providers, over gRPC, by which the CLI's engine works on the pretend cloud.

`PULUMI_DEBUG_PROVIDERS=aws:PORT,...` makes the CLI speak to these servers instead of starting plugins. All
instances of a provider share its port, and a call doesn't name its instance, but each has a connection of its
own: the arguments of `Configure` are kept by the peer that sent them.
"""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import grpc
from google.protobuf import empty_pb2
from grpc import ServicerContext as Context
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal import rpc
from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import CheckResult, DiffResult, Naming, RefusedError, ResourceIdentity
from rehearsal.cloud.types.schema import PACKAGES, version
from rehearsal.engine.events import FailedError
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.registration import remote_components
from rehearsal.state.store import Store
from rehearsal.values import UNKNOWN, Value, Values, decode, encode, reveal

_THREADS = 16
JOURNAL = "cloud"  # the CLI keeps the stacks' states itself: this journal has only changes in the cloud


@contextmanager
def serve(
    store: Store, cloud: Cloud, fork_server: ForkServer, refusal_delay: float = 0.0
) -> Iterator[dict[str, str]]:
    """Serves the cloud for as long as the context lasts. Yields the environment that attaches the CLI to it.

    A refusal comes so many seconds late: what the CLI does at the same time has ended before.
    """

    def translate(error: Exception) -> tuple[grpc.StatusCode, str]:
        if isinstance(error, RefusedError):
            time.sleep(refusal_delay)
        if isinstance(error, (RefusedError, FailedError)):
            return grpc.StatusCode.UNKNOWN, str(error)
        return grpc.StatusCode.INTERNAL, "".join(traceback.format_exception(error))

    with ExitStack() as servers:
        ports = {}
        for package in PACKAGES:
            servicer = Provider(package, version(package), store, cloud, fork_server)
            add = partial(provider_pb2_grpc.add_ResourceProviderServicer_to_server, servicer)
            ports[package] = servers.enter_context(rpc.serve(add, translate, _THREADS))
        yield {"PULUMI_DEBUG_PROVIDERS": ",".join(f"{package}:{port}" for package, port in ports.items())}


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Provider of one package.

    The CLI calls from many threads: every access to the cloud is within `change`, which locks it.
    """

    def __init__(
        self, package: str, version: str, store: Store, cloud: Cloud, fork_server: ForkServer
    ) -> None:
        self._package = package
        self._version = version
        self._store = store
        self._cloud = cloud
        self._fork_server = fork_server
        self._engine = ""  # address of the CLI's engine, from `Attach`
        self._configs: dict[str, Values] = {}  # by peer, from `Configure`

    # ---- the plugin

    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        self._engine = request.address
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._version)

    def Handshake(
        self,
        request: pb.ProviderHandshakeRequest,
        context: Context,
    ) -> pb.ProviderHandshakeResponse:
        return pb.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    # ---- its configuration

    def CheckConfig(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        return _checked(self._cloud.check_config(self._package, decode(request.news)))

    def DiffConfig(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        old = decode(request.old_inputs) or decode(request.olds)
        return _difference(self._cloud.diff_config(self._package, old, decode(request.news)))

    def Configure(self, request: pb.ConfigureRequest, context: Context) -> pb.ConfigureResponse:
        self._configs[context.peer()] = _plain(decode(request.args))
        return pb.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    # ---- resources

    def Check(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        olds = decode(request.olds) if request.HasField("olds") else None
        with self._store.change():
            target = self._target(request, context)
            return _checked(self._cloud.check(target, olds or None, decode(request.news), _naming(request)))

    def Diff(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        target = self._target(request, context)
        old_inputs, old_outputs = decode(request.old_inputs), decode(request.olds)
        with self._store.change():
            return _difference(
                self._cloud.diff(
                    target,
                    request.id,
                    old_inputs,
                    old_outputs,
                    decode(request.news),
                    tuple(request.ignoreChanges),
                )
            )

    def Create(self, request: pb.CreateRequest, context: Context) -> pb.CreateResponse:
        with self._store.change():
            target = self._target(request, context)
            done = self._cloud.create(target, decode(request.properties), request.preview)
            self._store.commit(JOURNAL, {}, done.changes)
        id_ = "" if done.id is UNKNOWN else done.id
        return pb.CreateResponse(id=id_, properties=encode(done.outputs))

    def Read(self, request: pb.ReadRequest, context: Context) -> pb.ReadResponse:
        with self._store.change():
            target = self._target(request, context)
            live = self._cloud.read(target, request.id, decode(request.inputs), decode(request.properties))
        if live is None:
            return pb.ReadResponse()
        return pb.ReadResponse(id=live.id, properties=encode(live.outputs), inputs=encode(live.inputs))

    def Update(self, request: pb.UpdateRequest, context: Context) -> pb.UpdateResponse:
        with self._store.change():
            done = self._cloud.update(
                self._target(request, context),
                request.id,
                decode(request.old_inputs),
                decode(request.olds),
                decode(request.news),
                tuple(request.ignoreChanges),
                request.preview,
            )
            self._store.commit(JOURNAL, {}, done.changes)
        return pb.UpdateResponse(properties=encode(done.outputs))

    def Delete(self, request: pb.DeleteRequest, context: Context) -> empty_pb2.Empty:
        with self._store.change():
            target = self._target(request, context)
            inputs, outputs = decode(request.old_inputs), decode(request.properties)
            self._store.commit(JOURNAL, {}, self._cloud.delete(target, request.id, inputs, outputs).changes)
        return empty_pb2.Empty()

    def Invoke(self, request: pb.InvokeRequest, context: Context) -> pb.InvokeResponse:
        with self._store.change():
            config = self._configs.get(context.peer(), {})
            answer = self._cloud.invoke(request.tok, decode(request.args), config)
        response = pb.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer))
        return response

    def Construct(self, request: pb.ConstructRequest, context: Context) -> pb.ConstructResponse:
        return remote_components.construct_in_process(self._fork_server, request, self._engine)

    def _target(self, request: Any, context: Context) -> ResourceIdentity:
        type_ = request.urn.split("::", 3)[2].rsplit("$", 1)[-1]
        return ResourceIdentity(request.urn, type_, self._configs.get(context.peer(), {}))


def _plain(config: Mapping[str, Value]) -> Values:
    """Provider config as it was registered, without marks of secrets: the CLI may send nested values parsed, or as
    JSON text.
    """
    shown = {key: reveal(value) for key, value in config.items()}
    return {k: v if isinstance(v, str) or v is UNKNOWN else json.dumps(v) for k, v in shown.items()}


def _naming(request: pb.CheckRequest) -> Naming | None:
    """Naming that the stack's config asks for; None for the provider's own."""
    if not request.HasField("autonaming"):
        return None
    asked = request.autonaming
    return Naming(asked.proposed_name, pb.CheckRequest.AutonamingOptions.Mode.Name(asked.mode).lower())


def _checked(checked: CheckResult) -> pb.CheckResponse:
    return pb.CheckResponse(
        inputs=encode(checked.inputs),
        failures=[pb.CheckFailure(property=f.path, reason=f.reason) for f in checked.failures],
    )


def _difference(found: DiffResult) -> pb.DiffResponse:
    changed = dict.fromkeys([*found.changed, *found.replaces])
    kinds = {False: pb.PropertyDiff.UPDATE, True: pb.PropertyDiff.UPDATE_REPLACE}
    some = pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE
    return pb.DiffResponse(
        changes=some,
        diffs=list(changed),
        replaces=list(found.replaces),
        deleteBeforeReplace=found.delete_before_replace,
        detailedDiff={it.path: pb.PropertyDiff(kind=kinds[it.replaces]) for it in found.detailed},
        hasDetailedDiff=bool(found.detailed),
    )
