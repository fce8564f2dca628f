"""Create, read, update and delete: what they would do to the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rehearsal.cloud.inventory import GONE, KEPT, World, key_of
from rehearsal.cloud.lifecycle import refusals
from rehearsal.cloud.lifecycle.diff import difference
from rehearsal.cloud.lifecycle.outputs import SEED, Outputs, as_recorded, given
from rehearsal.cloud.provider_verbs import Done, Found, RefusedError, Target, Thing
from rehearsal.cloud.types.formats import Scope, facts, fill, look
from rehearsal.cloud.types.schema import Schema
from rehearsal.cloud.types.type_table import Line
from rehearsal.values import Values


class Life:
    """The life of resources, from create to delete. `about` is the type's line, `region` where the resource is.

    Without `strict` nothing is refused, which is of use only to measure what the refusals cost.
    """

    def __init__(self, world: World, outputs: Outputs, strict: bool) -> None:
        self._world = world
        self._outputs = outputs
        self._strict = strict

    def seed(self, urn: str) -> str:
        """What made-up digits derive from: the resource, and how many of it there have been."""
        return f"{urn}#{self._world.times_gone(urn) + len(self._world.owned(urn))}"

    def create(self, target: Target, inputs: Values, region: str, about: Line, schema: Schema | None) -> Done:
        values = given(inputs)
        scope = self._outputs.scope(target.type, values, region, self.seed(target.urn))
        self._must_be_right(target, "create", scope, values)
        id_ = fill(about.id, scope, "id")
        if not isinstance(id_, str):
            raise RefusedError(
                "InvalidParameterValue", f"the inputs of {target.type} don't make an id: {about.id}"
            )
        resource = Thing(
            target.type, id_, region, target.urn, inputs, self._outputs.of(inputs, id_, scope, about, schema)
        )
        if self._strict:
            refusals.must_be_new(self._world, resource)
            refusals.must_be_free(self._world, resource)
        return Done(id_, self._outputs.shown(resource), {key_of(resource): resource})

    def read(self, target: Target, id_: str, region: str, inputs: Values, about: Line) -> Found | None:
        resource = self._world.get(target.type, region, id_)
        if resource is None:
            return None
        now = {**resource.inputs, **resource.outputs}
        live = {
            name: value if _unseen(name) else as_recorded(now[name], value, about.out.get(name))
            for name, value in (inputs or resource.inputs).items()
            if _unseen(name) or now.get(name) is not None
        }
        return Found(id_, live, self._outputs.shown(resource))

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
        about: Line,
        schema: Schema | None,
    ) -> Done:
        """Changes what differs and nothing else, so that what AWS changed by itself stays as it is."""
        resource = self._world.get(target.type, region, id_)
        if resource is None:
            raise RefusedError(about.lost, f"{id_} doesn't exist{refusals.in_(region)}")
        changed = difference(old_inputs, old_outputs, new_inputs, ignore_changes, watch=about.watch).changed
        inputs = {name: value for name, value in resource.inputs.items() if name not in changed}
        inputs |= {name: new_inputs[name] for name in new_inputs if name in changed or name.startswith("__")}
        scope = self._again(resource, inputs)
        values = {name: value for name, value in scope.values.items() if name in changed}
        self._must_be_right(target, "update", scope, values, own=key_of(resource), changed=changed)
        was = self._outputs.of(resource.inputs, id_, self._again(resource, resource.inputs), about, schema)
        now = self._outputs.of(inputs, id_, scope, about, schema)
        outputs = dict(resource.outputs)
        for name in {*was, *now, *changed}:
            if name in changed or was.get(name) != now.get(name):
                outputs[name] = now.get(name)
        renewed = replace(
            resource, inputs=inputs, outputs={k: v for k, v in outputs.items() if v is not None}
        )
        if self._strict:
            refusals.must_be_free(self._world, renewed)
        return Done(id_, self._outputs.shown(renewed), {key_of(resource): renewed})

    def _must_be_right(  # noqa: PLR0917 what it takes to judge
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
        refusals.must_exist(self._world, target.type, values, scope.region)
        refusals.must_know_principals(self._world, target.type, values)
        refusals.must_lie_together(self._world, target.type, scope.values, scope.region)
        refusals.must_be_allowed(self._world, target, verb, scope, own=own, changed=changed)

    def _again(self, resource: Thing, inputs: Values) -> Scope:
        seed = str(resource.outputs.get(SEED, resource.urn))
        return self._outputs.scope(resource.type, given(inputs), resource.region, seed)

    def delete(self, target: Target, id_: str, region: str, about: Line) -> Done:
        resource = self._world.get(target.type, region, id_)
        if resource is None:
            return Done(id_, {})  # gone already, which is what was asked for
        inside = refusals.must_be_empty(self._world, resource)
        scope = self._outputs.scope(target.type, facts(resource), region, str(resource.outputs.get(SEED)))
        if self._strict:
            refusals.must_be_unlocked(self._world, resource)
            refusals.must_be_unused(self._world, resource)
            refusals.must_be_allowed(self._world, target, "delete", scope, own=key_of(resource))
        times = self._world.times_gone(resource.urn) + 1
        names = {"id": id_, "arn": facts(resource).get("arn", id_)}
        record = Thing(GONE, resource.urn, "", resource.urn, {"times": times, **names}, {})
        kept = self._kept(resource, about, scope, times)
        gone = dict.fromkeys([key_of(resource), *map(key_of, inside)])
        return Done(id_, {}, {**gone, key_of(record): record, **kept})

    def _kept(self, resource: Thing, about: Line, scope: Scope, times: int) -> dict[str, Thing]:
        keep = about.keep
        if keep is None or (keep.unless and look(scope.values, keep.unless) is True):
            return {}
        id_, region = fill(keep.id, scope, "keep"), fill(keep.region, scope)
        if not isinstance(id_, str) or not isinstance(region, str):
            return {}
        outputs = {**resource.outputs, "why": fill(keep.why, scope)}
        kept = replace(resource, type=keep.type or resource.type, id=id_, region=region, outputs=outputs)
        number = times if keep.id == "{id}" else 0  # a name of its own can be kept only once
        if (at := f"{KEPT}|{number}|{key_of(kept)}") in self._world.resources:
            raise RefusedError(keep.taken, f"{id_} is kept from an earlier deletion{refusals.in_(region)}")
        return {at: kept}


def _unseen(name: str) -> bool:
    """Whether AWS doesn't tell what an input is: it is the provider's own, or can be written and never read."""
    return name.startswith("__") or name.endswith("Wo")
