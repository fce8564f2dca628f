"""Create, read, update and delete: what they would do to the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rehearsal.cloud.inventory import DELETIONS, RETAINED, World, key_of
from rehearsal.cloud.lifecycle import refusals
from rehearsal.cloud.lifecycle.diff import difference
from rehearsal.cloud.lifecycle.outputs import SEED, Outputs, as_recorded, without_empty
from rehearsal.cloud.provider_verbs import Done, Found, RefusedError, Target, Thing
from rehearsal.cloud.types.formats import Scope, attributes, fill, value_at
from rehearsal.cloud.types.schema import Schema
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.values import Values


class Lifecycle:
    """The life of resources, from create to delete. `about` is the type's line, `region` where the resource is.

    Without `strict` nothing is refused, which is of use only to measure what the refusals cost.
    """

    def __init__(self, world: World, outputs: Outputs, strict: bool) -> None:
        self._world = world
        self._outputs = outputs
        self._strict = strict

    def seed(self, urn: str) -> str:
        """What made-up digits derive from: the resource, and how many of it there have been."""
        return f"{urn}#{self._world.deletions(urn) + len(self._world.owned_by(urn))}"

    def create(
        self, target: Target, inputs: Values, region: str, about: TypeRow, schema: Schema | None
    ) -> Done:
        values = without_empty(inputs)
        scope = self._outputs.scope(target.type, values, region, self.seed(target.urn))
        self._must_be_accepted(target, "create", scope, values)
        id_ = fill(about.id, scope, "id")
        if not isinstance(id_, str):
            raise RefusedError(
                "InvalidParameterValue", f"the inputs of {target.type} don't make an id: {about.id}"
            )
        resource = Thing(
            target.type,
            id_,
            region,
            target.urn,
            inputs,
            self._outputs.compute(inputs, id_, scope, about, schema),
        )
        if self._strict:
            refusals.id_must_be_free(self._world, resource)
            refusals.names_must_be_free(self._world, resource)
        return Done(id_, self._outputs.visible(resource), {key_of(resource): resource})

    def read(self, target: Target, id_: str, region: str, inputs: Values, about: TypeRow) -> Found | None:
        resource = self._world.get(target.type, region, id_)
        if resource is None:
            return None
        now = {**resource.inputs, **resource.outputs}
        live = {
            name: value if _never_read_back(name) else as_recorded(now[name], value, about.out.get(name))
            for name, value in (inputs or resource.inputs).items()
            if _never_read_back(name) or now.get(name) is not None
        }
        return Found(id_, live, self._outputs.visible(resource))

    def update(  # noqa: PLR0917 the verb's own arguments
        self,
        target: Target,
        id_: str,
        region: str,
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,
        ignore_changes: Sequence[str],
        *,
        about: TypeRow,
        schema: Schema | None,
    ) -> Done:
        """Changes what differs and nothing else, so that what AWS changed by itself stays as it is."""
        resource = self._world.get(target.type, region, id_)
        if resource is None:
            raise RefusedError(about.lost, f"{id_} doesn't exist{refusals.in_region(region)}")
        changed = difference(old_inputs, old_outputs, new_inputs, ignore_changes, watch=about.watch).changed
        inputs = {name: value for name, value in resource.inputs.items() if name not in changed}
        inputs |= {name: new_inputs[name] for name in new_inputs if name in changed or name.startswith("__")}
        scope = self._scope_of(resource, inputs)
        values = {name: value for name, value in scope.values.items() if name in changed}
        self._must_be_accepted(target, "update", scope, values, own=key_of(resource), changed=changed)
        was = self._outputs.compute(
            resource.inputs, id_, self._scope_of(resource, resource.inputs), about, schema
        )
        now = self._outputs.compute(inputs, id_, scope, about, schema)
        outputs = dict(resource.outputs)
        for name in {*was, *now, *changed}:
            if name in changed or was.get(name) != now.get(name):
                outputs[name] = now.get(name)
        renewed = replace(
            resource, inputs=inputs, outputs={k: v for k, v in outputs.items() if v is not None}
        )
        if self._strict:
            refusals.names_must_be_free(self._world, renewed)
        return Done(id_, self._outputs.visible(renewed), {key_of(resource): renewed})

    def _must_be_accepted(  # noqa: PLR0917 what it takes to judge
        self,
        target: Target,
        verb: str,
        scope: Scope,
        values: Values,
        own: str = "",
        changed: Sequence[str] = (),
    ) -> None:
        """Raises RefusedError for what AWS refuses to make out of `values`, of those in the scope."""
        if not self._strict:
            return
        refusals.references_must_exist(self._world, target.type, values, scope.region)
        refusals.principals_must_exist(self._world, target.type, values)
        refusals.references_must_share_a_vpc(self._world, target.type, scope.values, scope.region)
        refusals.no_refusal_of_the_type_may_hold(self._world, target, verb, scope, own=own, changed=changed)

    def _scope_of(self, resource: Thing, inputs: Values) -> Scope:
        seed = str(resource.outputs.get(SEED, resource.urn))
        return self._outputs.scope(resource.type, without_empty(inputs), resource.region, seed)

    def delete(self, target: Target, id_: str, region: str, about: TypeRow) -> Done:
        resource = self._world.get(target.type, region, id_)
        if resource is None:
            return Done(id_, {})  # gone already, which is what was asked for
        inside = refusals.must_be_empty(self._world, resource)
        scope = self._outputs.scope(
            target.type, attributes(resource), region, str(resource.outputs.get(SEED))
        )
        if self._strict:
            refusals.must_have_no_deletion_protection(self._world, resource)
            refusals.must_have_no_dependents(self._world, resource)
            refusals.no_refusal_of_the_type_may_hold(
                self._world, target, "delete", scope, own=key_of(resource)
            )
        times = self._world.deletions(resource.urn) + 1
        names = {"id": id_, "arn": attributes(resource).get("arn", id_)}
        record = Thing(DELETIONS, resource.urn, "", resource.urn, {"times": times, **names}, {})
        kept = self._retained_copy(resource, about, scope, times)
        gone = dict.fromkeys([key_of(resource), *map(key_of, inside)])
        return Done(id_, {}, {**gone, key_of(record): record, **kept})

    def _retained_copy(self, resource: Thing, about: TypeRow, scope: Scope, times: int) -> dict[str, Thing]:
        keep = about.keep
        if keep is None or (keep.unless and value_at(scope.values, keep.unless) is True):
            return {}
        id_, region = fill(keep.id, scope, "keep"), fill(keep.region, scope)
        if not isinstance(id_, str) or not isinstance(region, str):
            return {}
        outputs = {**resource.outputs, "why": fill(keep.why, scope)}
        kept = replace(resource, type=keep.type or resource.type, id=id_, region=region, outputs=outputs)
        number = times if keep.id == "{id}" else 0  # a name of its own can be kept only once
        if (at := f"{RETAINED}|{number}|{key_of(kept)}") in self._world.resources:
            raise RefusedError(
                keep.taken, f"{id_} is kept from an earlier deletion{refusals.in_region(region)}"
            )
        return {at: kept}


def _never_read_back(name: str) -> bool:
    """Whether AWS doesn't tell what an input is: it is the provider's own, or can be written and never read."""
    return name.startswith("__") or name.endswith("Wo")
