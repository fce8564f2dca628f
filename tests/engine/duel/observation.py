"""Observation of an operation: its steps, errors, and what is recorded and left in the cloud after it.

It is data that JSON can hold, and the same for both engines: what they make up at random is replaced by a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Step
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.records import Resource
from rehearsal.values import SECRET, SIGNATURE, UNKNOWN, Asset, Reference, Secret, Value, signed

Observation = dict[str, Any]

_UUID = re.compile(r"(urn:pulumi:[^\s'\"]*?)::([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
# What the CLI says around the reason of a refused check.
_CHECK = re.compile(r"\S+ resource '[^']*': property (\S+) value \{.*\} has a problem: (.*)", re.DOTALL)
_COLORS = re.compile(r"<\{%.*?%\}>")
_SUMMARIES = (
    "update failed",
    "preview failed",
    "refresh failed",
    "destroy failed",
)  # beside the errors themselves
_LISTS = ("dependencies", "additional_secret_outputs", "ignore_changes", "replace_on_changes")


class Observer:
    """Observer of one engine over a row of operations. `decrypt` gives the text of a secret in a checkpoint."""

    def __init__(self, engine: Engine, stack: str, decrypt: Callable[[str], str]) -> None:
        self._engine = engine
        self._stack = stack
        self._decrypt = decrypt
        self._ids: dict[str, list[str]] = {}  # random ids by the URN of what has them, in the order of time

    def observe(self, result: Result) -> Observation:
        """Observation of an operation that has just ended."""
        cloud = self._engine.cloud
        observed = {
            "failed": result.failed,
            "steps": sorted(
                _step(event)
                for event in result.events
                if isinstance(event, Step) and not urns.is_default_provider(event.urn)
            ),
            "errors": sorted({_error(event) for event in result.events if _is_error(event)}),
            "state": self._state(self._engine.records(self._stack)),
            "cloud": sorted(f"{thing.type} {thing.id}" for thing in cloud.living()),
            "kept": sorted(f"{thing.type} {thing.id}" for thing in cloud.retained()),
        }
        return json.loads(self._numbered(json.dumps(observed)))

    def _state(self, resources: Iterable[Resource]) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for resource in resources:
            key = _short(resource.urn)
            if resource.is_provider and isinstance(resource.id, str):
                self._numbered(f"{resource.urn}::{resource.id}")
            if resource.pending_deletion:
                key += " (pending deletion)"
            while key in state:
                key += "'"
            state[key] = self._fields(resource)
        return state

    def _fields(self, resource: Resource) -> dict[str, Any]:
        plain = {
            field.name: getattr(resource, field.name) for field in fields(Resource) if field.name != "urn"
        }
        shown = {
            name: self._plain(value)
            for name, value in plain.items()
            if value not in ("", [], {}, False, None)
        }
        for name in _LISTS:
            if name in shown:
                shown[name] = sorted(shown[name])
        if resource.is_provider:
            shown.get("inputs", {}).pop("__internal", None)  # empty; the CLI keeps the version there, too
            shown["id"] = f"{resource.urn}::{resource.id}"
        if of := shown.get("property_dependencies"):
            shown["property_dependencies"] = {key: sorted(many) for key, many in sorted(of.items()) if many}
        return {name: value for name, value in shown.items() if value not in ("", [], {})}

    def _plain(self, value: Value) -> Any:
        if value is UNKNOWN:
            return "unknown"
        if isinstance(value, Secret):
            return {"secret": self._plain(value.value)}
        if isinstance(value, (Reference, Asset)):
            return self._plain(signed(value))
        if isinstance(value, dict):
            if value.get(SIGNATURE) == SECRET and "ciphertext" in value:
                return {"secret": self._plain(json.loads(self._decrypt(value["ciphertext"])))}
            return {key: self._plain(item) for key, item in sorted(value.items())}
        return [self._plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    def _numbered(self, text: str) -> str:
        """Text in which a random id is the number that it has among the ids of its resource."""

        def number(found: re.Match[str]) -> str:
            known = self._ids.setdefault(found[1], [])
            if found[2] not in known:
                known.append(found[2])
            return f"{found[1]}::{known.index(found[2])}"

        return _UUID.sub(number, text)


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Lines that say where two observations differ, the first one's value before the other's."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted(one.keys() | other.keys())
            for line in differences(one.get(key), other.get(key), f"{at}.{key}" if at else key)
        ]
    if isinstance(one, list) and isinstance(other, list) and at in ("steps", "errors", "cloud", "kept"):
        only, others = _without(one, other), _without(other, one)
        return [f"{at}: {only} | {others}"] if only or others else []
    return [] if one == other else [f"{at}: {_short(json.dumps(one))} | {_short(json.dumps(other))}"]


def _without(one: list[Any], other: list[Any]) -> list[Any]:
    rest = list(other)
    return [item for item in one if item not in rest or rest.remove(item)]


def _step(step: Step) -> str:
    changed = f" changed {' '.join(sorted(step.changed))}" if step.changed else ""
    replaces = f" replaces {' '.join(sorted(step.replaces))}" if step.replaces else ""
    return f"{'refused ' if step.refused else ''}{step.op} {_short(step.urn)}{changed}{replaces}"


def _is_error(event: object) -> bool:
    return (
        isinstance(event, Diagnostic)
        and event.severity == "error"
        and event.message.strip() not in _SUMMARIES
    )


def _error(event: Any) -> str:
    text = _COLORS.sub("", event.message).removeprefix("Preview failed: ")
    text = _CHECK.sub(r"\1: \2", text)
    if (
        "Traceback (most recent call last)" in text
    ):  # where in the program: each engine starts it in its own way
        text = text.splitlines()[-1]
    return f"{_short(event.urn)}: {_short(text)}"


def _short(text: str) -> str:
    return text.replace("urn:pulumi:dev::lab::", "")
