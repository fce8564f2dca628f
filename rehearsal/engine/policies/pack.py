"""The policy pack, driven as the CLI drives it: a process of its own for each operation, asked over gRPC.

Each registration is judged by its checked inputs, also when nothing changed; the whole stack is judged once,
last, by its outputs. What a pack answers is a violation, or `not applicable` with a reason; Castle's pack
begins that reason with `undecided: ` where a value was unknown, and with `decided elsewhere: ` where the
evidence lies in several stacks.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, FailedError, Remediation, Violation
from rehearsal.engine.policies import configuration
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.records import Resource
from rehearsal.engine.registration import assets
from rehearsal.engine.session import Session
from rehearsal.rpc import NO_LIMIT
from rehearsal.values import SIGNATURE, Reference, Values, decode, encode, rewrite

_UNDECIDED = "undecided: "
_SEVERITIES = {
    pb.POLICY_SEVERITY_LOW: "low",
    pb.POLICY_SEVERITY_MEDIUM: "medium",
    pb.POLICY_SEVERITY_HIGH: "high",
    pb.POLICY_SEVERITY_CRITICAL: "critical",
}


class Analyzer(Protocol):
    """Whoever is asked about resources and stacks. Violations are told; mandatory ones raise FailedError."""

    def analyze(self, resource: Resource, provider: Resource | None) -> Resource: ...

    def analyze_stack(self, resources: list[tuple[Resource, Resource | None]]) -> None: ...


class NoAnalyzer:
    """For runs without policies."""

    def analyze(self, resource: Resource, provider: Resource | None) -> Resource:  # noqa: ARG002 a protocol's
        """Says nothing."""
        return resource

    def analyze_stack(self, resources: list[tuple[Resource, Resource | None]]) -> None:
        """Says nothing."""


@dataclass
class Verdicts:
    """What the rules have said so far: for each rule, the resources that it failed or could not decide."""

    rules: list[str] = field(default_factory=list)
    failed: dict[str, list[Violation]] = field(default_factory=dict)
    undecided: dict[str, set[str]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)

    @property
    def passed(self) -> list[str]:
        """The rules that neither failed nor were left undecided or to others."""
        return [r for r in self.rules if r not in {*self.failed, *self.undecided, *self.elsewhere}]

    @property
    def mandatory(self) -> list[Violation]:
        """The violations that stop a deployment."""
        return [v for violations in self.failed.values() for v in violations if v.mandatory]


@dataclass(frozen=True)
class PackSource:
    """Where the pack is, and the config for it, in the CLI's form (None for the pack's own defaults).

    `patience` is how many seconds it may take to come up.
    """

    folder: Path
    config: Path | None = None
    patience: float = 60.0


class Pack:
    """A pack's process, for one operation. It comes up while the program does; `start` waits for it."""

    def __init__(self, source: PackSource, session: Session, server: ForkServer, organization: str) -> None:
        self._session = session
        run = session.run
        self.verdicts = Verdicts()
        self._child = server.fork(
            "rehearsal.engine.processes.language_host:run_pack",
            source.folder,
            {
                "PULUMI_PROJECT": run.project,
                "PULUMI_STACK": run.stack,
                "PULUMI_ORGANIZATION": organization,
                "PULUMI_DRY_RUN": "true" if run.preview else "false",
                "PULUMI_CONFIG": json.dumps(dict(run.config)),
            },
            {},
        )
        self._source = source
        self._organization = organization
        self._channel: grpc.Channel | None = None
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._started = threading.Event()

    def start(self) -> None:
        """Waits until the pack is up, and configures it. Raises FailedError if it doesn't come up."""
        try:
            self._connect(self._source, self._organization)
        except FailedError as error:
            raise self._session.fail(error) from None
        finally:
            self._started.set()

    def _connect(self, source: PackSource, organization: str) -> None:
        run = self._session.run
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self._port(source)}", options=NO_LIMIT)
        self._listener.start()
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        self._stub.ConfigureStack(
            pb.AnalyzerStackConfigureRequest(
                stack=run.stack,
                project=run.project,
                organization=organization,
                dry_run=run.preview,
                config=run.config,
            )
        )
        self._stub.GetPluginInfo(empty_pb2.Empty())
        self._configure(self._stub.GetAnalyzerInfo(empty_pb2.Empty()).policies, source.config)

    def analyze(self, resource: Resource, provider: Resource | None) -> Resource:
        """Has one registration mended, where a rule may do that, and judged.

        Returns it with the inputs that it is to have. In an update, a mandatory violation raises FailedError.
        """
        self._started.wait()
        self._session.raise_failure()
        request = analyze_request(resource, provider, internal=True)
        resource = self._remediated(resource, request)
        request.properties.CopyFrom(_properties(resource.inputs))
        response = self._stub.Analyze(request)
        self._collect_not_applicable(response.not_applicable, resource.urn)
        found = self._collect_violations(response.diagnostics, resource.urn)
        if any(violation.mandatory for violation in found) and not self._session.run.preview:
            raise FailedError("a mandatory policy was violated; see above", resource.urn)
        return resource

    def _remediated(self, resource: Resource, request: pb.AnalyzeRequest) -> Resource:
        """The resource with the inputs that the rules would have, each after the other. Nothing checks them anew."""
        before = decode(request.properties)
        for remediation in self._stub.Remediate(request).remediations:
            if remediation.diagnostic:
                self._session.emit(Diagnostic("warning", remediation.diagnostic, resource.urn))
                continue
            after = assets.hashed(decode(remediation.properties), self._session.run.folder)
            changed = tuple(sorted(changed_keys(before, after)))
            self._session.emit(Remediation(remediation.policyName, resource.urn, changed))
            resource, before = replace(resource, inputs=after), after
        return resource

    def analyze_stack(self, resources: list[tuple[Resource, Resource | None]]) -> None:
        """Has the stack as a whole judged. A mandatory violation fails the operation, after all its steps."""
        response = self._stub.AnalyzeStack(analyze_stack_request(resources))
        root = urns.make(
            self._session.run.stack, self._session.run.project, "", urns.STACK_TYPE, self._root_name
        )
        self._collect_not_applicable(response.not_applicable, root)
        self._collect_violations(response.diagnostics, root)

    def close(self) -> None:
        """Ends the pack."""
        if self._channel is not None:
            self._channel.close()
        self._child.end()
        if self._listener.is_alive():
            self._listener.join()
        self._child.kill()

    def _listen(self) -> None:
        """Tells what the pack prints, as the CLI does; a pipe that nobody reads would stop it once it is full.

        What Castle's pack prints of undecided rules is among the verdicts already.
        """
        for line in self._child.output:
            said = line.decode(errors="replace").rstrip()
            if said and not said.startswith(_UNDECIDED):
                self._session.emit(Diagnostic("info", said))

    @property
    def _root_name(self) -> str:
        return f"{self._session.run.project}-{self._session.run.stack}"

    def _port(self, source: PackSource) -> int:
        """The port that the pack says it serves on, which is the first line that it prints."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._child.end()  # which ends its output, too

        timer = threading.Timer(source.patience, give_up)
        timer.start()
        try:
            first = self._child.output.readline()
            if first.strip().isdigit() and not late.is_set():
                return int(first)
            said = (first + self._child.output.read()).decode(errors="replace").rstrip()
        finally:
            timer.cancel()
        why = f"told no port within {source.patience:g} s" if late.is_set() else "did not start"
        raise FailedError(
            f"the policy pack {source.folder} {why}" + (f":\n{said}" if said else ", and printed nothing")
        )

    def _configure(self, policies: Iterable[pb.PolicyInfo], file: Path | None) -> None:
        """Tells every rule its level and its config, as the CLI does: the pack itself applies no defaults."""
        listed = list(policies)
        config = configuration.policy_configs(listed, file)
        try:
            self._stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=config))
        except grpc.RpcError as refusal:
            raise FailedError(f"{file or self._source.folder}: {_refusal_text(refusal)}") from None
        if unknown := configuration.unknown_policies(config, listed):
            raise FailedError(f"{file}: no rule of the pack is called {', '.join(unknown)}")
        names = [it.name for it in listed]
        self.verdicts.rules = [it for it in names if config[it].enforcementLevel != pb.DISABLED]

    def _collect_violations(self, diagnostics: Iterable[pb.AnalyzeDiagnostic], urn: str) -> list[Violation]:
        found = []
        for diagnostic in diagnostics:
            violation = Violation(
                rule=diagnostic.policyName,
                urn=diagnostic.urn or urn,
                message=_message(diagnostic),
                mandatory=diagnostic.enforcementLevel != pb.ADVISORY,
                severity=_SEVERITIES.get(diagnostic.severity, ""),
            )
            with self._session.lock:
                self.verdicts.failed.setdefault(violation.rule, []).append(violation)
            self._session.emit(violation)
            found.append(violation)
        return found

    def _collect_not_applicable(self, answers: Iterable[pb.PolicyNotApplicable], urn: str) -> None:
        with self._session.lock:
            for answer in answers:
                if answer.reason.startswith(_UNDECIDED):
                    where = f"{urns.name_of(urn)}: {answer.reason.partition(': ')[2]}"
                    self.verdicts.undecided.setdefault(answer.policy_name, set()).add(where)
                elif answer.reason.startswith("decided elsewhere"):
                    self.verdicts.elsewhere.add(answer.policy_name)


def analyze_request(
    resource: Resource, provider: Resource | None, *, internal: bool = False
) -> pb.AnalyzeRequest:
    """What a pack is asked of one registration; with the internal keys of its inputs where the pack may mend them."""
    return pb.AnalyzeRequest(
        type=resource.type,
        properties=_properties(resource.inputs, internal=internal),
        urn=resource.urn,
        name=resource.name,
        options=_options(resource),
        provider=_provider(provider),
    )


def analyze_stack_request(resources: Iterable[tuple[Resource, Resource | None]]) -> pb.AnalyzeStackRequest:
    """What a pack is asked of a stack as a whole: each resource with its provider."""
    return pb.AnalyzeStackRequest(
        resources=[
            pb.AnalyzerResource(
                type=resource.type,
                properties=_properties(resource.outputs),
                urn=resource.urn,
                name=resource.name,
                options=_options(resource),
                provider=_provider(provider),
                parent=resource.parent,
                dependencies=resource.dependencies,
                propertyDependencies={
                    key: pb.AnalyzerPropertyDependencies(urns=of)
                    for key, of in resource.property_dependencies.items()
                },
            )
            for resource, provider in resources
        ]
    )


def changed_keys(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    """The properties that differ, those of Pulumi's own left out."""
    for key in before.keys() | after.keys():
        if before.get(key) != after.get(key) and not key.startswith("__"):
            yield key


def analyzed_properties(values: Values, *, internal: bool = False) -> Values:
    """Values as a pack gets them: for a resource passed as a value, its id; Pulumi's internal keys only on demand."""

    def plain(value: object) -> object:
        if isinstance(value, Reference):
            return value.urn if value.id is None else value.id
        if isinstance(value, dict) and SIGNATURE not in value and not internal:
            return {key: item for key, item in value.items() if not key.startswith("__")}
        return value

    return rewrite(values, plain)


def _properties(
    values: Values, *, internal: bool = False
):  # a protobuf Struct, whose stubs name no public type
    return encode(analyzed_properties(values, internal=internal))


def _options(resource: Resource) -> pb.AnalyzerResourceOptions:
    return pb.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=resource.ignore_changes,
        additionalSecretOutputs=resource.additional_secret_outputs,
        parent=resource.parent,
    )


def _provider(provider: Resource | None) -> pb.AnalyzerProviderResource | None:
    if provider is None:
        return None
    return pb.AnalyzerProviderResource(
        type=provider.type, properties=_properties(provider.inputs), urn=provider.urn, name=provider.name
    )


def _refusal_text(refusal: grpc.RpcError) -> str:
    """What a pack says when it refuses; every error of a call is a call as well, and only that tells."""
    return (refusal.details() if isinstance(refusal, grpc.Call) else None) or str(refusal)


def _message(diagnostic: pb.AnalyzeDiagnostic) -> str:
    """The rule's own words: the SDK puts the description before them."""
    return re.sub(r"^\s*" + re.escape(diagnostic.description) + r"\s*", "", diagnostic.message).strip()
