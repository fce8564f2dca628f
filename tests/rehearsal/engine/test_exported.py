"""Import of a stack: what an export says of a resource comes back whole."""

from __future__ import annotations

import json
from dataclasses import fields

from rehearsal.engine import export
from rehearsal.engine.records import Resource
from rehearsal.engine.state_edits import exported
from rehearsal.values import ASSET, Asset, Reference, Secret

URN = "urn:pulumi:dev::lab::aws:sns/topic:Topic::topic"
EVERY_FIELD = Resource(
    urn=URN,
    type="aws:sns/topic:Topic",
    custom=True,
    id="topic",
    inputs={"name": Secret({"a": [Secret(1), None]}), "many": [1, 0.5, "", False, None], "empty": {}},
    outputs={"of": Reference(f"{URN}-of", "id", "1.0"), "file": Asset(ASSET, (("text", "x"),))},
    parent=f"{URN}-parent",
    provider=f"{URN}-provider::id",
    protect=True,
    external=True,
    retain_on_delete=True,
    deleted_with=f"{URN}-with",
    dependencies=[f"{URN}-needed"],
    property_dependencies={"name": [f"{URN}-needed"]},
    additional_secret_outputs=["arn"],
    ignore_changes=["tags"],
    replace_on_changes=["name"],
    replace_with=[f"{URN}-other"],
    replacement_trigger=Secret("one"),
    hide_diffs=["tags"],
    custom_timeouts={"create": 60.0},
    hooks={"before_create": ["hook"], "on_error": ["other"]},
    import_id="imported",
    taint=True,
    pending_deletion=True,
    pending_replacement=True,
)


def test_every_field_of_a_record_is_exported_and_read_again() -> None:
    unset = [field.name for field in fields(Resource) if not getattr(EVERY_FIELD, field.name)]
    assert unset == [], "set it above"
    text = json.dumps(export.deployment([EVERY_FIELD], show_secrets=True))
    assert exported.read(text) == [EVERY_FIELD]
