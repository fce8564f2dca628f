"""Event log and checkpoint of the CLI, as it writes them, read without one."""

from __future__ import annotations

from typing import Any

from rehearsal import cli_checkpoint, cli_events
from rehearsal.engine.events import Diagnostic, Event, Step

URN = "urn:pulumi:dev::lab::aws:sqs/queue:Queue::q"
COMPONENT = "urn:pulumi:dev::lab::lab:index:C::c"


def record(kind: str, op: str, urn: str = URN, **more: Any) -> dict[str, Any]:
    type_ = urn.split("::")[2]
    state = {"custom": urn == URN}
    metadata = {"op": op, "urn": urn, "type": type_, "old": state, "new": state}
    return {kind: {"metadata": {**metadata, **more}}}


def read(*log: dict[str, Any]) -> list[Event]:
    """Events of a log, as the result of an operation holds them."""
    events: list[Event] = []
    for event in cli_events.events(log):
        events = cli_events.with_event(events, event)
    return events


def test_a_step_is_told_once_with_its_keys() -> None:
    log = [
        record(kind, "replace", diffs=["b", "a"], keys=["a"])
        for kind in ("resourcePreEvent", "resOutputsEvent")
    ]
    assert read(*log) == [Step("replace", URN, ("a", "b"), ("a",))]


def test_a_step_that_fails_is_refused_and_no_longer_begun() -> None:
    log = (record("resourcePreEvent", "create"), record("resOpFailedEvent", "create"))
    assert read(*log) == [Step("create", URN, refused=True)]


def test_a_step_that_a_preview_finds_fault_with_is_refused() -> None:
    error = Diagnostic("error", "Preview failed: protected", URN)
    previewed = [Step("delete", URN), error, Step("delete", COMPONENT)]
    assert cli_events.with_refusals(previewed) == [
        Step("delete", URN, refused=True),
        error,
        Step("delete", COMPONENT),
    ]


def test_a_refresh_says_what_changed_whatever_the_cli_calls_it() -> None:
    for op in ("same", "update", "refresh"):
        log = (record("resourcePreEvent", "refresh"), record("resOutputsEvent", op, diffs=["tags"]))
        assert read(*log) == [Step("refresh", URN, ("tags",))]


def test_a_refresh_says_what_is_gone() -> None:
    log = (record("resourcePreEvent", "refresh"), record("resOutputsEvent", "delete", new=None))
    assert read(*log) == [Step("delete", URN)]


def test_a_refresh_says_nothing_of_what_is_never_read() -> None:
    log = [record(kind, "refresh", COMPONENT) for kind in ("resourcePreEvent", "resOutputsEvent")]
    assert read(*log) == []


def test_outputs_that_a_component_registers_are_no_step() -> None:
    log = [
        record(kind, "create", COMPONENT)
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOutputsEvent")
    ]
    assert read(*log) == [Step("create", COMPONENT)]


def test_a_checkpoint_has_the_fields_that_are_recorded() -> None:
    entry = {
        "urn": URN,
        "type": "aws:sqs/queue:Queue",
        "custom": True,
        "id": "q",
        "delete": True,
        "deletedWith": COMPONENT,
        "replaceOnChanges": ["name"],
        "created": "2026-12-01T00:00:00Z",
    }
    resource = cli_checkpoint.resource(entry)
    assert (resource.id, resource.pending_deletion, resource.protect) == ("q", True, False)
    assert (resource.deleted_with, resource.replace_on_changes) == (COMPONENT, ["name"])
