"""Create, read, update and delete: what a verb would do to the world, and when AWS says no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rehearsal.cloud.diffs import difference
from rehearsal.cloud.formats import ACCOUNT, Scope, facts, fill, leaves, look, steps
from rehearsal.cloud.schema import Schema
from rehearsal.cloud.tables import Line, Refusal
from rehearsal.cloud.verbs import Done, Found, RefusedError, Target, Thing
from rehearsal.cloud.world import GONE, KEPT, World, foreign, key, key_of
from rehearsal.values import UNKNOWN, Secret, Value, Values, reveal

_SEED = "__seed"  # in a thing's outputs: what its made-up digits are derived from


class Life:
    """The verbs that change things, over a world and the facts about its regions."""

    def __init__(self, world: World, regions: Mapping[str, Mapping[str, Any]]) -> None:
        self.world = world
        self._regions = regions

    def seed(self, urn: str) -> str:
        """What made-up digits derive from: the resource, and how many of it there have been."""
        return f"{urn}#{self.world.times_gone(urn) + len(self.world.owned(urn))}"

    # ---- create -------------------------------------------------------------------------------------

    def create(self, target: Target, inputs: Values, region: str, about: Line, schema: Schema | None) -> Done:
        plain = _given(reveal(inputs))
        scope = self._scope(target.type, plain, region, self.seed(target.urn))
        self._refuse(target, "create", about, scope, region)
        self._must_exist(target, plain, region)
        made = fill(about.id, scope, "id")
        if not isinstance(made, str):
            raise RefusedError("InternalFailure", f"no id can be made for {target.type} from its inputs")
        outputs = self._outputs(inputs, made, scope, about, schema) | {_SEED: scope.seed}
        thing = Thing(target.type, made, region, target.urn, inputs, outputs)
        if (other := self.world.get(target.type, region, made)) is not None:
            raise RefusedError(about.taken, f"{made} already exists{_place(region)}{_owner(other)}")
        self._must_be_free(thing, about)
        return Done(made, self.shown(thing, about), {key_of(thing): thing})

    def foreseen(self, inputs: Values, region: str, about: Line, schema: Schema | None) -> Values:
        """The outputs that a preview of a create can know: the inputs, and UNKNOWN for what AWS will fill in."""
        outputs = {name: UNKNOWN for name in (*about.out, *about.live)}
        if schema is not None:
            outputs |= {name: UNKNOWN for name in schema.outputs - schema.inputs.properties.keys()}
            if schema.regional:
                outputs["region"] = region or UNKNOWN
        return _over(outputs, _echo(inputs))

    def foreseen_update(
        self,
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,
        ignore_changes: Sequence[str],
        about: Line,
    ) -> Values:
        """The outputs that a preview of an update can know: the old ones, with the changed inputs over them."""
        changed = difference(old_inputs, old_outputs, new_inputs, ignore_changes, (), about.watch).changed
        outputs = {name: value for name, value in old_outputs.items() if name not in changed}
        return outputs | _echo({name: new_inputs[name] for name in changed if name in new_inputs})

    # ---- read ---------------------------------------------------------------------------------------

    def read(self, target: Target, id_: str, region: str, inputs: Values, about: Line) -> Found | None:
        thing = self.world.get(target.type, region, id_)
        if thing is None:
            return None
        now = {**thing.inputs, **_without(thing.outputs)}
        recorded = inputs or thing.inputs
        live = {
            name: _shaped(now[name], value, about.out.get(name)) if not name.startswith("__") else value
            for name, value in recorded.items()
            if name in now or name.startswith("__")
        }
        return Found(id_, live, self.shown(thing, about))

    # ---- update -------------------------------------------------------------------------------------

    def update(
        self,
        target: Target,
        id_: str,
        region: str,
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,
        ignore_changes: Sequence[str],
        about: Line,
        schema: Schema | None,
    ) -> Done:
        thing = self.world.get(target.type, region, id_)
        if thing is None:
            raise RefusedError(about.lost, f"{id_} doesn't exist{_place(region)}")
        changed = difference(old_inputs, old_outputs, new_inputs, ignore_changes, (), about.watch).changed
        inputs = {
            name: value for name, value in thing.inputs.items() if name in new_inputs or name not in changed
        }
        inputs |= {
            name: value for name, value in new_inputs.items() if name in changed or name.startswith("__")
        }
        seed = str(thing.outputs.get(_SEED, target.urn))
        scope = self._scope(target.type, _given(reveal(inputs)), region, seed)
        self._refuse(target, "update", about, scope, region)
        self._must_exist(target, {n: v for n, v in scope.values.items() if n in changed}, region)
        before = self._scope(target.type, _given(reveal(thing.inputs)), region, seed)
        was = self._outputs(thing.inputs, id_, before, about, schema)
        now = self._outputs(inputs, id_, scope, about, schema)
        outputs = dict(thing.outputs)
        for name in {*was, *now}:
            if name in changed or was.get(name) != now.get(name):
                outputs[name] = now.get(name)
        outputs = {name: value for name, value in outputs.items() if value is not None}
        renewed = replace(thing, inputs=inputs, outputs=outputs)
        self._must_be_free(renewed, about)
        return Done(id_, self.shown(renewed, about), {key_of(thing): renewed})

    # ---- delete -------------------------------------------------------------------------------------

    def delete(self, target: Target, id_: str, region: str, about: Line) -> Done:
        thing = self.world.get(target.type, region, id_)
        if thing is None:
            return Done(id_, {})  # gone already, which is what was asked for
        if about.lock and look(facts(thing), about.lock) is True:
            raise RefusedError(
                about.locked, f"{id_} can't be deleted while {about.lock} is on; turn it off first"
            )
        if users := self.world.users(key_of(thing)):
            user, path = users[0]
            more = f" and {len(users) - 1} more" if len(users) > 1 else ""
            raise RefusedError(about.inuse, f"{id_} is in use by {_named(user)} ({path}){more}")
        scope = self._scope(target.type, facts(thing), region, str(thing.outputs.get(_SEED)))
        self._refuse(target, "delete", about, scope, region, id_)
        times = self.world.times_gone(thing.urn) + 1
        gone = Thing(GONE, thing.urn, "", thing.urn, {"times": times}, {})
        return Done(
            id_,
            {},
            {key_of(thing): None, f"{GONE}||{thing.urn}": gone, **self._kept(thing, about, scope, times)},
        )

    def _kept(self, thing: Thing, about: Line, scope: Scope, times: int) -> dict[str, Thing]:
        keep = about.keep
        if keep is None or (keep.unless and look(scope.values, keep.unless) is True):
            return {}
        id_ = fill(keep.id, scope, "keep")
        if not isinstance(id_, str):
            return {}
        kept = replace(thing, type=keep.type or thing.type, id=id_)
        return {
            f"{KEPT}|{times}|{key_of(kept)}": replace(
                kept, outputs={**thing.outputs, "__why": fill(keep.why, scope)}
            )
        }

    # ---- what AWS says no to ------------------------------------------------------------------------

    def _must_exist(self, target: Target, values: Values, region: str) -> None:
        for path, kind, value in self.world.references(target.type, values):
            if foreign(value) or self.world.resolve(kind, value, region) is not None:
                continue
            types = self.world.types(kind)
            if not types or any(
                value.startswith(b) for type_ in types for b in self.world.line(type_).builtin
            ):
                continue
            place = self.world.elsewhere(kind, value)
            where = f"is in {place}, not in {region}" if place else f"doesn't exist{_place(region)}"
            raise RefusedError(self.world.line(types[0]).lost, f"{path}: {kind.strip('*~')} {value} {where}")

    def _must_be_free(self, thing: Thing, about: Line) -> None:
        for name in self.world.names(thing.type, thing.region, facts(thing)):
            other = self.world.holder(name)
            if other is not None and key_of(other) != key_of(thing):
                paths, values = name.split("|")[2:4]
                raise RefusedError(about.taken, f"{paths} {values} is already taken{_owner(other)}")

    def _refuse(
        self, target: Target, verb: str, about: Line, scope: Scope, region: str, id_: str = ""
    ) -> None:
        for case in about.refuse:
            if case.verb == verb and self._holds(case, scope, self._own(target, region, id_)):
                which = next((path for path in case.any if look(scope.values, path) not in (None, "")), "")
                said = fill(case.say.replace("{which}", which), scope)
                raise RefusedError(case.code, str(said))

    def _own(self, target: Target, region: str, id_: str) -> str:
        return key(target.type, region, id_) if id_ else ""

    def _holds(self, case: Refusal, scope: Scope, own: str) -> bool:
        values = scope.values

        def given(path: str) -> bool:
            return look(values, path) not in (None, "", [])

        def found(query: Mapping[str, Any]) -> bool:
            return any(key_of(thing) != own for thing in self.world.gather(query, scope))

        return (
            all(given(path) for path in case.given)
            and not any(given(path) for path in case.missing)
            and (not case.any or any(given(path) for path in case.any))
            and all(look(values, path) == value for path, value in case.equals.items())
            and (case.some is None or found(case.some))
            and (case.none is None or not found(case.none))
        )

    # ---- outputs ------------------------------------------------------------------------------------

    def _scope(self, type_: str, values: Values, region: str, seed: str) -> Scope:
        refs = self.world.line(type_).refs

        def follow(path: str) -> Thing | None:
            kind = refs.get(".".join(str(s) for s in steps(path) if isinstance(s, str)))
            value = (
                next((v for _, v in leaves(values, path)), None) if "[" not in path else look(values, path)
            )
            if kind is None or not isinstance(value, str):
                return None
            return self.world.resolve(kind, value, region)

        return Scope(values, region, seed, follow, self.world.gather, self._regions.get(region, {}))

    def _outputs(self, inputs: Values, id_: str, scope: Scope, about: Line, schema: Schema | None) -> Values:
        known = {**scope.values, "id": id_}
        if about.arn:
            arn = (
                about.arn
                if about.arn.startswith(("arn:", "{"))
                else f"arn:aws:{_service(about.arn, scope.region)}"
            )
            known["arn"] = fill(arn, replace(scope, values=known), "arn")
        computed: Values = {}
        if schema is not None and schema.regional:
            computed["region"] = scope.region
        if "arn" in known and (schema is None or "arn" in schema.outputs or "arn" in about.out):
            computed["arn"] = known["arn"]
        for name, form in about.out.items():
            value = fill(form, replace(scope, values=known), name)
            if value is not None:
                computed[name] = Secret(value) if name in about.secret else value
                known.setdefault(name, value)
        return _over(computed, _echo(inputs))

    def shown(self, thing: Thing, about: Line) -> Values:
        """The outputs that a program sees: without what only this cloud needs, with what depends on others."""
        outputs = _without(thing.outputs)
        if about.live:
            scope = self._scope(thing.type, facts(thing), thing.region, str(thing.outputs.get(_SEED)))
            for name, form in about.live.items():
                value = fill(form, scope, name)
                if value is not None:
                    outputs[name] = value
        return outputs


def _service(arn: str, region: str) -> str:
    service, _, rest = arn.partition(":")
    return f"{service}:{region}:{ACCOUNT}:{rest}"


def _given(values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None and not name.startswith("__")}


def _without(outputs: Values) -> Values:
    return {name: value for name, value in outputs.items() if not name.startswith("__")}


def _echo(inputs: Values) -> Values:
    """The inputs that come back as outputs: not those that AWS takes and never shows."""
    return {name: value for name, value in _given(inputs).items() if not name.endswith("Wo")}


def _over(below: Value, above: Value) -> Value:
    """Inputs laid over computed values, dictionary by dictionary."""
    if isinstance(below, dict) and isinstance(above, dict):
        result = {**below, **above}
        for name in below.keys() & above.keys():
            result[name] = below[name] if above[name] is None else _over(below[name], above[name])
        return result
    return above


def _shaped(live: Value, recorded: Value, computed: Value) -> Value:
    """A live value without the parts that AWS added to what was recorded."""
    if isinstance(live, dict) and isinstance(recorded, dict):
        added = computed if isinstance(computed, dict) else {}
        return {
            name: _shaped(value, recorded.get(name), added.get(name))
            for name, value in live.items()
            if name in recorded or name not in added
        }
    return live


def _place(region: str) -> str:
    return f" in {region}" if region else ""


def _named(thing: Thing) -> str:
    return (
        thing.urn.rsplit("::", 2)[-2].rsplit("$", 1)[-1] + "::" + thing.urn.rsplit("::", 1)[-1]
        if thing.urn
        else thing.id
    )


def _owner(other: Thing) -> str:
    return f"; it belongs to {other.urn}" if other.urn else "; it was there before the platform"
