"""Stack export: the records in the form of `pulumi stack export`, secrets without their contents if not asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rehearsal.engine import records
from rehearsal.engine.records import Resource
from rehearsal.values import SECRET, SIGNATURE, Asset, Reference, Secret, Value, signed


def deployment(resources: Iterable[Resource], *, show_secrets: bool = False) -> dict[str, Any]:
    """Export of a stack with these resources."""
    ordered = records.in_dependency_order(resources)
    return {
        "version": 3,
        "deployment": {"resources": [_entry(resource, show_secrets) for resource in ordered]},
    }


def _entry(resource: Resource, show_secrets: bool) -> dict[str, Any]:
    entry = {
        "urn": resource.urn,
        "type": resource.type,
        "custom": resource.custom,
        "id": resource.id,
        "inputs": plain(resource.inputs, show_secrets),
        "outputs": plain(resource.outputs, show_secrets),
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
        return _filled(entry) | {"replacementTrigger": plain(resource.replacement_trigger, show_secrets)}
    return _filled(entry)


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry without its empty fields."""
    return {key: value for key, value in entry.items() if value not in ("", [], {}, False) or key == "custom"}


def _hook_type(when: str) -> str:
    """The CLI's name of when a hook runs, such as BeforeCreate."""
    return "".join(part.capitalize() for part in when.split("_"))


def plain(value: Value, show_secrets: bool) -> Any:
    """Value as JSON, in the form of `pulumi stack export`."""
    if isinstance(value, Secret):
        if not show_secrets:
            return {SIGNATURE: SECRET, "ciphertext": ""}
        return {SIGNATURE: SECRET, "plaintext": json.dumps(plain(value.value, show_secrets))}
    if isinstance(value, dict):
        return {key: plain(item, show_secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, show_secrets) for item in value]
    return plain(signed(value), show_secrets) if isinstance(value, (Reference, Asset)) else value
