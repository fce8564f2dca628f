"""Outputs of a resource, computed from its inputs and the row of its type."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.lifecycle.read_back import given_back
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import (
    ACCOUNT,
    Format,
    Scope,
    attributes,
    fill,
    path_steps,
    value_at,
    values_at,
)
from rehearsal.cloud.types.schema import Schema
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.values import UNKNOWN, Value, Values

SEED = "__seed"  # in a resource's outputs: the seed of its pseudo-random ids


class Outputs:
    """Computes outputs, over an inventory and the facts about its regions."""

    def __init__(self, inventory: Inventory, regions: Mapping[str, Mapping[str, Any]]) -> None:
        self._inventory = inventory
        self._regions = regions

    def scope(self, type_: str, values: Values, region: str, seed: str) -> Scope:
        """Scope of the formats in a type's row."""
        refs = self._inventory.row(type_).refs

        def follow(path: str) -> CloudResource | None:
            names = ".".join(str(step) for step in path_steps(path) if isinstance(step, str))
            value = (
                value_at(values, path) if "[" in path else next((v for _, v in values_at(values, path)), None)
            )
            kind = refs.get(names)
            if kind is None or not isinstance(value, str):
                return None
            return self._inventory.resolve(kind, value, region)

        return Scope(values, region, seed, follow, self._inventory.gather, self._regions.get(region, {}))

    def compute(self, inputs: Values, id_: str, scope: Scope, row: TypeRow, schema: Schema | None) -> Values:
        """Computes all outputs of a resource, those included that only this cloud needs (`__...`)."""
        known = {**scope.values, "id": id_}
        scope = replace(scope, values=known)
        computed: Values = {SEED: scope.seed}
        if schema is not None and schema.regional:
            computed["region"] = scope.region
        if row.arn:
            known["arn"] = fill(_whole_arn(row.arn, scope.region), scope, "arn")
            if schema is None or "arn" in schema.outputs:
                computed["arn"] = known["arn"]
        for name, form in row.out.items():
            value = fill(form, scope, name)
            if value is not None:
                computed[name] = value
                known.setdefault(name, value)
        return overlaid(computed, given_back(echoed(inputs), row.back))

    def visible(self, resource: CloudResource) -> Values:
        """Outputs that a program sees: those that depend on other resources computed, those of this cloud left out.

        The id is among them, as with every bridged provider: policies that see a whole stack know it by that.
        """
        outputs = {} if resource.type.startswith("kubernetes:") else {"id": resource.id}
        outputs |= {name: value for name, value in resource.outputs.items() if not name.startswith("__")}
        live = self._inventory.row(resource.type).live
        if live:
            scope = self.scope(
                resource.type, attributes(resource), resource.region, str(resource.outputs.get(SEED))
            )
            filled = {name: fill(form, scope, name) for name, form in live.items()}
            outputs |= {name: value for name, value in filled.items() if value is not None}
        return outputs


def previewed_create(inputs: Values, region: str, row: TypeRow, schema: Schema | None) -> Values:
    """Outputs in a preview of a create: the inputs, and UNKNOWN for what AWS will fill in."""
    outputs: Values = (
        {} if schema is None else dict.fromkeys(schema.outputs - schema.inputs.properties.keys(), UNKNOWN)
    )
    outputs |= {name: _unknown(form) for name, form in row.out.items() if not name.startswith("__")}
    outputs |= dict.fromkeys(row.live, UNKNOWN)
    if schema is not None and schema.regional:
        outputs["region"] = region or UNKNOWN
    return overlaid(outputs, given_back(echoed(inputs), row.back))


def _unknown(form: Format) -> Value:
    """Shape of a format's value, with UNKNOWN in all places."""
    if isinstance(form, dict) and not form.keys() & {"when", "each", "gather", "look"}:
        return {name: _unknown(part) for name, part in form.items()}
    return UNKNOWN


def previewed_update(
    old_outputs: Values, new_inputs: Values, changed: Collection[str], row: TypeRow
) -> Values:
    """Outputs in a preview of an update: the old ones, with the changed inputs over them."""
    outputs = {name: value for name, value in old_outputs.items() if name not in changed}
    for name, value in echoed({name: new_inputs.get(name) for name in changed}).items():
        outputs[name] = overlaid(
            _added(old_outputs.get(name), row.out.get(name)), given_back({name: value}, row.back)[name]
        )
    return outputs


def _added(live: Value, form: Format) -> Value:
    """Parts of a live value that AWS added by a format."""
    if not isinstance(live, dict) or not isinstance(form, dict):
        return live
    return {name: _added(live[name], part) for name, part in form.items() if name in live}


def echoed(inputs: Values) -> Values:
    """Inputs that are outputs too: all but those that are write-only."""
    return {name: value for name, value in without_empty(inputs).items() if not name.endswith("Wo")}


def without_empty(values: Values) -> Values:
    """The properties that have a value, without a provider's own."""
    return {name: value for name, value in values.items() if value is not None and not name.startswith("__")}


def overlaid(below: Value, above: Value) -> Value:
    """Inputs laid over computed values, dictionary by dictionary."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    result = {**below, **above}
    for name in below.keys() & above.keys():
        result[name] = below[name] if above[name] is None else overlaid(below[name], above[name])
    return result


def as_recorded(live: Value, recorded: Value, computed: Format) -> Value:
    """A live value without the parts that AWS added (`computed`, a format) to what was recorded."""
    if not isinstance(live, dict) or not isinstance(recorded, dict):
        return live
    added = computed if isinstance(computed, dict) else {}
    return {
        name: as_recorded(value, recorded.get(name), added.get(name))
        for name, value in live.items()
        if name in recorded or name not in added
    }


def _whole_arn(arn: str, region: str) -> str:
    if arn.startswith(("arn:", "{")):
        return arn
    service, _, rest = arn.partition(":")
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"
