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
    }
    return {key: value for key, value in entry.items() if value not in ("", [], {}, False) or key == "custom"}


def _plain(value: Value) -> Any:
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "ciphertext": ""}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _plain(signed(value)) if isinstance(value, (Reference, Asset)) else value
