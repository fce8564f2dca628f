"""Verdict on a drill: fails on a replacement, deletion or detachment, lost protection, and any unexpected step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rehearsal.drills.drill import Expected
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Step
from rehearsal.engine.operations import Result

# The inputs by which a member belongs to its database, datastore or table. An update of one of them takes the
# member out, or makes it writer against AWS's own decision.
MEMBERSHIP: Final = {
    "aws:dynamodb/table:Table": {"replicas"},
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": {"primaryReplicationGroupId"},
    "aws:elasticache/replicationGroup:ReplicationGroup": {"globalReplicationGroupId"},
    "aws:rds/cluster:Cluster": {"globalClusterIdentifier", "replicationSourceIdentifier"},
}
_REPLACING: Final = ("replace", "create-replacement", "delete-replaced")
_IDLE: Final = ("same", "read")


@dataclass(frozen=True)
class Finding:
    """Reason why a drill fails: `kind` is replaces, deletes, detaches, changes, misses, unprotected or fails, or that
    of a `HealthFault`.
    """

    kind: str
    stack: str
    urn: str
    detail: str = ""


def preview_findings(
    result: Result, expected: Iterable[Expected], guards: Collection[str]
) -> Iterator[Finding]:
    """Findings of a preview: unexpected steps, missing ones, lost protection, errors."""
    wanted = {(it.op, it.urn): it for it in expected}
    for step in result.steps:
        want = wanted.pop((step.op, step.urn), None)
        if want is not None and set(want.changed) == set(step.changed):
            continue
        if step.op not in _IDLE:
            yield _step_finding(result.stack, step)
    for it in wanted.values():
        yield Finding("misses", result.stack, it.urn, f"{it.op} {', '.join(it.changed)}".rstrip())
    yield from error_findings(result)
    if not result.failed:
        for resource in result.resources:
            if resource.type in guards and not resource.protect:
                yield Finding(
                    "unprotected", result.stack, resource.urn, "a mistake could delete what it holds"
                )


def operation_findings(result: Result, allowed: Collection[str]) -> Iterator[Finding]:
    """Findings of an operation that was run: steps on other than the allowed URNs, replacements, errors."""
    for step in result.steps:
        if step.op not in _IDLE and (step.urn not in allowed or step.op in _REPLACING):
            yield _step_finding(result.stack, step)
    yield from error_findings(result)


def error_findings(result: Result) -> Iterator[Finding]:
    """Findings of an operation that failed: its errors."""
    errors = [e for e in result.events if isinstance(e, Diagnostic) and e.severity == "error"]
    if result.failed:
        for error in errors:
            yield Finding("fails", result.stack, error.urn, error.message)
        if not errors:
            yield Finding("fails", result.stack, "", f"the {result.operation} failed without an error")


def _step_finding(stack: str, step: Step) -> Finding:
    what = ", ".join(step.replaces or step.changed)
    if step.op in _REPLACING:
        return Finding("replaces", stack, step.urn, what)
    if step.op == "delete":
        return Finding("deletes", stack, step.urn)
    if MEMBERSHIP.get(urns.type_of(step.urn), set()) & set(step.changed):
        return Finding("detaches", stack, step.urn, what)
    return Finding("changes", stack, step.urn, f"{step.op} {what}".rstrip())
