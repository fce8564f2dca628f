"""Stack export: the records in the form of `pulumi stack export`, secrets without their contents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rehearsal.engine import records
from rehearsal.engine.records import Resource
from rehearsal.values import SECRET, SIGNATURE, Asset, Reference, Secret, Value, signed


def deployment(resources: Iterable[Resource]) -> dict[str, Any]:
    """Export of a stack with these resources."""
    return {
        "version": 3,
        "deployment": {
            "resources": [_entry(resource) for resource in records.in_dependency_order(resources)]
        },
    }


def _entry(resource: Resource) -> dict[str, Any]:
    entry = {
        "urn": resource.urn,
        "type": resource.type,
        "custom": resource.custom,
        "id": resource.id,
        "inputs": _plain(resource.inputs),
        "outputs": _plain(resource.outputs),
        "parent": resource.parent,
        "provider": resource.provider,
        "protect": resource.protect,
        "external": resource.external,
        "delete": resource.pending_deletion,
        "pendingReplacement": resource.pending_replacement,
        "retainOnDelete": resource.retain_on_delete,
        "deletedWith": resource.deleted_with,
        "dependencies": resource.dependencies,
        "propertyDependencies": resource.property_dependencies,
        "additionalSecretOutputs": resource.additional_secret_outputs,
        "ignoreChanges": resource.ignore_changes,
        "replaceOnChanges": resource.replace_on_changes,
        "replaceWith": resource.replace_with,
        "hideDiff": resource.hide_diffs,
        "customTimeouts": resource.custom_timeouts,
        "resourceHooks": {_hook_type(when): names for when, names in resource.hooks.items()},
        "importID": resource.import_id,
        "taint": resource.taint,
    }
    if resource.replacement_trigger is not None:
        return _filled(entry) | {"replacementTrigger": _plain(resource.replacement_trigger)}
    return _filled(entry)


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry without its empty fields."""
    return {key: value for key, value in entry.items() if value not in ("", [], {}, False) or key == "custom"}


def _hook_type(when: str) -> str:
    """The CLI's name of when a hook runs, such as BeforeCreate."""
    return "".join(part.capitalize() for part in when.split("_"))


def _plain(value: Value) -> Any:
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "ciphertext": ""}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _plain(signed(value)) if isinstance(value, (Reference, Asset)) else value
