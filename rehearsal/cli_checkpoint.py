"""Checkpoint of the Pulumi CLI: the state of a stack's resources, in the fields that the embedded engine records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rehearsal.cloud.types.property_names import camel
from rehearsal.engine.records import Resource

_NAMES = {
    "pending_deletion": "delete",
    "hide_diffs": "hideDiff",
    "import_id": "importID",
    "hooks": "resourceHooks",
}


def resource(record: Mapping[str, Any]) -> Resource:
    """Resource of one entry of a checkpoint; encrypted values stay encrypted."""
    found = {field.name: record.get(_NAMES.get(field.name, camel(field.name))) for field in fields(Resource)}
    return Resource(**{name: value for name, value in found.items() if value is not None})
