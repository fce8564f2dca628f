"""Event log of the Pulumi CLI, read while the CLI writes it, as the events that the embedded engine has."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Event, Remediation, Step, Violation
from rehearsal.engine.policies.requests import changed_keys

_WAIT = 0.1  # seconds between two looks at the log


def records(log: Path, process: subprocess.Popen[Any]) -> Iterator[Mapping[str, Any]]:
    """Records that the CLI writes to its log, as they come, until it has ended."""
    offset, ended = 0, False
    while not ended:
        ended = process.poll() is not None
        if log.exists():
            with log.open("rb") as file:
                file.seek(offset)
                whole = file.read().rpartition(b"\n")[0]
            offset += len(whole) + 1 if whole else 0
            yield from map(json.loads, whole.split(b"\n") if whole else ())
        if not ended:
            time.sleep(_WAIT)


def events(log: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """Events of the records of one operation; most records are none of ours.

    A step comes when it is begun, and once more, as refused, if it fails. What is read in a refresh comes when it has
    been read: only then is known whether it changed, or is gone.
    """
    refreshing = set[str]()
    for record in log:
        if "resourcePreEvent" in record:
            metadata = record["resourcePreEvent"]["metadata"]
            if metadata["op"] == "refresh":
                refreshing.add(metadata["urn"])
            else:
                yield _step(metadata)
        elif "resOutputsEvent" in record:
            metadata = record["resOutputsEvent"]["metadata"]
            if metadata["urn"] in refreshing:
                refreshing.remove(metadata["urn"])
                yield from _refreshed(metadata)
        elif "resOpFailedEvent" in record:
            yield _step(record["resOpFailedEvent"]["metadata"], refused=True)
        else:
            yield from _other(record)


def is_error(event: Event) -> bool:
    """Returns whether an event says that its operation has failed."""
    return isinstance(event, Violation) or (isinstance(event, Diagnostic) and event.severity == "error")


def with_event(earlier: list[Event], event: Event) -> list[Event]:
    """Events with one more; a step that has failed takes the place of what said that it was begun."""
    if isinstance(event, Step) and event.refused:
        begun = Step(event.op, event.urn, event.changed, event.replaces)
        if begun in earlier:
            at = len(earlier) - 1 - earlier[::-1].index(begun)
            earlier = [*earlier[:at], *earlier[at + 1 :]]
    return [*earlier, event]


def with_refusals(previewed: list[Event]) -> list[Event]:
    """Events of a preview, in which the CLI tells a step that would be refused like any other, beside an error."""
    refused = {
        event.urn for event in previewed if isinstance(event, Diagnostic) and is_error(event) and event.urn
    }
    return [
        replace(event, refused=True) if isinstance(event, Step) and event.urn in refused else event
        for event in previewed
    ]


def _refreshed(metadata: Mapping[str, Any]) -> Iterator[Step]:
    """Step of what a refresh has read: the CLI goes through components and providers, too, and reads none of them."""
    old = metadata["old"] or {}
    if not old.get("custom") or metadata["type"].startswith(urns.PROVIDER_PREFIX):
        return
    if metadata["new"] is None:
        yield Step("delete", metadata["urn"])
    else:
        yield Step("refresh", metadata["urn"], _keys(metadata, "diffs"))


def _other(record: Mapping[str, Any]) -> Iterator[Event]:
    if "policyEvent" in record:
        event = record["policyEvent"]
        mandatory = event["enforcementLevel"] == "mandatory"
        yield Violation(event["policyName"], event.get("resourceUrn", ""), event["message"], mandatory)
    elif "policyRemediationEvent" in record:
        event = record["policyRemediationEvent"]
        changed = tuple(sorted(changed_keys(event["before"], event["after"])))
        yield Remediation(event["policyName"], event["resourceUrn"], changed)
    elif record.get("diagnosticEvent", {}).get("severity") in ("warning", "error"):
        event = record["diagnosticEvent"]
        yield Diagnostic(event["severity"], event["message"].strip(), event.get("urn", ""))


def _step(metadata: Mapping[str, Any], *, refused: bool = False) -> Step:
    return Step(
        metadata["op"], metadata["urn"], _keys(metadata, "diffs"), _keys(metadata, "keys"), refused=refused
    )


def _keys(metadata: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(sorted(map(str, metadata.get(name) or ())))
