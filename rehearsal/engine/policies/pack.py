"""Policy pack: an analyzer in a process of its own for each operation, called over gRPC as the CLI calls it.

Each registration is analyzed with its checked inputs, also when nothing changed; the whole stack is analyzed
once, last, with its outputs. The answer of a rule is a violation, or `not applicable` with a reason; Castle's pack
begins that reason with `undecided: ` where a value was unknown, and with `decided elsewhere: ` where the
evidence lies in several stacks.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, FailedError, Remediation, Violation
from rehearsal.engine.policies import configuration
from rehearsal.engine.policies.analyzer import Verdicts
from rehearsal.engine.policies.requests import (
    analyze_request,
    analyze_stack_request,
    changed_keys,
)
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.records import Resource
from rehearsal.engine.registration import assets
from rehearsal.engine.session import Session
from rehearsal.rpc import NO_LIMIT
from rehearsal.values import decode

_UNDECIDED = "undecided: "
_ELSEWHERE = "decided elsewhere"
_SEVERITIES = {
    pb.POLICY_SEVERITY_LOW: "low",
    pb.POLICY_SEVERITY_MEDIUM: "medium",
    pb.POLICY_SEVERITY_HIGH: "high",
    pb.POLICY_SEVERITY_CRITICAL: "critical",
}


@dataclass(frozen=True)
class PackSource:
    """Folder of a policy pack, and its config file in the CLI's form (None for the pack's own defaults).

    `patience` is the number of seconds within which it must serve.
    """

    folder: Path
    config: Path | None = None
    patience: float = 60.0


class Pack:
    """Process of a policy pack, for one operation. It starts while the program does; `start` waits for it."""

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
        self._remediates = False  # a call for each resource is saved where no rule is told to
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
        """Remediates and analyzes one registration.

        Returns it with the remediated inputs. In an update, a mandatory violation raises FailedError.
        """
        self._started.wait()
        self._session.raise_failure()
        if self._remediates:
            resource = self._remediated(resource, analyze_request(resource, provider, internal=True))
        response = self._stub.Analyze(analyze_request(resource, provider))
        self._collect_not_applicable(response, resource.urn)
        violations = self._collect_violations(response.diagnostics, resource.urn)
        if any(violation.mandatory for violation in violations) and not self._session.run.preview:
            raise FailedError("a mandatory policy was violated; see above", resource.urn)
        return resource

    def _remediated(self, resource: Resource, request: pb.AnalyzeRequest) -> Resource:
        """The resource with the inputs after all remediations, in their order. They aren't checked again."""
        remediations = self._stub.Remediate(request).remediations
        before = decode(request.properties) if remediations else {}
        for remediation in remediations:
            if remediation.diagnostic:
                self._session.emit(Diagnostic("warning", remediation.diagnostic, resource.urn))
                continue
            after = assets.hashed(decode(remediation.properties), self._session.run.folder)
            changed = tuple(sorted(changed_keys(before, after)))
            self._session.emit(Remediation(remediation.policyName, resource.urn, changed))
            resource, before = replace(resource, inputs=after), after
        return resource

    def analyze_stack(self, resources: list[tuple[Resource, Resource | None]]) -> None:
        """Analyzes the stack as a whole. A mandatory violation fails the operation, after all its steps."""
        response = self._stub.AnalyzeStack(analyze_stack_request(resources))
        root = urns.make(
            self._session.run.stack, self._session.run.project, "", urns.STACK_TYPE, self._root_name
        )
        self._collect_not_applicable(response, root)
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
        """Emits what the pack prints, as the CLI does; a pipe that nobody reads would block it once it is full.

        The lines of Castle's pack about undecided rules are left out: the verdicts have them already.
        """
        for line in self._child.output:
            text = line.decode(errors="replace").rstrip()
            if text and not text.startswith(_UNDECIDED):
                self._session.emit(Diagnostic("info", text))

    @property
    def _root_name(self) -> str:
        return f"{self._session.run.project}-{self._session.run.stack}"

    def _port(self, source: PackSource) -> int:
        """Port on which the pack serves: the first line that it prints."""
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
            output = (first + self._child.output.read()).decode(errors="replace").rstrip()
        finally:
            timer.cancel()
        why = f"told no port within {source.patience:g} s" if late.is_set() else "did not start"
        raise FailedError(
            f"the policy pack {source.folder} {why}" + (f":\n{output}" if output else ", and printed nothing")
        )

    def _configure(self, policies: Iterable[pb.PolicyInfo], file: Path | None) -> None:
        """Sends the level and config of every rule, as the CLI does: the pack itself applies no defaults."""
        listed = list(policies)
        config = configuration.policy_configs(listed, file)
        try:
            self._stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=config))
        except grpc.RpcError as refusal:
            raise FailedError(f"{file or self._source.folder}: {_refusal_text(refusal)}") from None
        if unknown := configuration.unknown_policies(config, listed):
            raise FailedError(f"{file}: no rule of the pack is called {', '.join(unknown)}")
        names = [policy.name for policy in listed]
        self.verdicts.rules = [name for name in names if config[name].enforcementLevel != pb.DISABLED]
        self._remediates = any(config[name].enforcementLevel == pb.REMEDIATE for name in names)

    def _collect_violations(self, diagnostics: Iterable[pb.AnalyzeDiagnostic], urn: str) -> list[Violation]:
        violations = []
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
            violations.append(violation)
        return violations

    def _collect_not_applicable(self, response: pb.AnalyzeResponse, urn: str) -> None:
        """Collects why rules weren't applicable. Most are on other types, which is hundreds of answers a resource:
        they are read one by one only where the whole has something else in it."""
        whole = response.SerializeToString()
        if not any(it.encode() in whole for it in (_UNDECIDED, _ELSEWHERE)):
            return
        with self._session.lock:
            for answer in response.not_applicable:
                if answer.reason.startswith(_UNDECIDED):
                    where = f"{urns.name_of(urn)}: {answer.reason.partition(': ')[2]}"
                    self.verdicts.undecided.setdefault(answer.policy_name, set()).add(where)
                elif answer.reason.startswith(_ELSEWHERE):
                    self.verdicts.elsewhere.add(answer.policy_name)


def _refusal_text(refusal: grpc.RpcError) -> str:
    """Message of a pack that refuses a call: the details of the error, which gRPC raises as a Call, too."""
    return (refusal.details() if isinstance(refusal, grpc.Call) else None) or str(refusal)


def _message(diagnostic: pb.AnalyzeDiagnostic) -> str:
    """Message of the rule itself, without the description that the SDK puts before it."""
    return re.sub(r"^\s*" + re.escape(diagnostic.description) + r"\s*", "", diagnostic.message).strip()
