"""A mutation: one change or a few, on one resource. A change is data, so that it can be kept and made again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from rehearsal.values import Value, Values, rewrite
from tests.mutations.worlds import Thing

Steps = tuple[str | int, ...]
COPY: Final = "-copy"


@dataclass(frozen=True)
class Change:
    """Change of a resource: a key of DEEDS, a JSON pointer into the inputs and JSON texts in them, and a value."""

    deed: str
    at: str = ""
    value: Any = None


@dataclass(frozen=True)
class Mutation:
    """Changes of one resource."""

    urn: str
    changes: tuple[Change, ...]

    def of(self, things: Mapping[str, Thing]) -> dict[str, Thing | None]:
        """The resources that are other than before, by URN; None for one that is gone."""
        thing = things[self.urn]
        changed: dict[str, Thing | None] = {self.urn: thing}
        for change in self.changes:
            changed |= DEEDS[change.deed](changed[self.urn] or thing, change)
        return {urn: it for urn, it in changed.items() if it is not things.get(urn)}


def pointer(steps: Steps) -> str:
    """Steps as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(it).replace("~", "~0").replace("/", "~1") for it in steps)


def steps(at: str) -> tuple[str, ...]:
    """The steps of a JSON pointer."""
    return tuple(it.replace("~1", "/").replace("~0", "~") for it in at.split("/")[1:])


# ---- inside of values -------------------------------------------------------------------------------


def opened(value: Value) -> Value:
    """The object or list that a JSON text holds; any other value as it is."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def put(value: Value, path: tuple[str, ...], new: Value) -> Value:
    """A copy of the value in which what is at the path is another."""
    return _rebuilt(value, path, lambda _: new)


def drop(value: Value, path: tuple[str, ...]) -> Value:
    """A copy of the value without what is at the path."""

    def without(parent: Value) -> Value:
        if isinstance(parent, list):
            return [it for index, it in enumerate(parent) if str(index) != path[-1]]
        return {key: it for key, it in parent.items() if key != path[-1]}

    return _rebuilt(value, path[:-1], without)


def _rebuilt(value: Value, path: tuple[str, ...], change: Callable[[Value], Value]) -> Value:
    """A copy in which what is at the path has been changed; a JSON text on the way is written anew."""
    inside = opened(value)
    if inside is not value:
        return json.dumps(_rebuilt(inside, path, change)) if path else change(inside)
    if not path:
        return change(value)
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_rebuilt(it, rest, change) if str(index) == first else it for index, it in enumerate(value)]
    return {**value, first: _rebuilt(value.get(first), rest, change)}


# ---- what is done to a resource ---------------------------------------------------------------------

Changed = dict[str, Thing | None]


def _given(thing: Thing, inputs: Values) -> Thing:
    """The resource with other inputs, which show in its outputs, and with the links that these still make."""
    other = {name for name in {*inputs, *thing.inputs} if inputs.get(name) != thing.inputs.get(name)}
    outputs = {name: it for name, it in thing.outputs.items() if name not in other}
    return replace(
        thing,
        inputs=inputs,
        outputs={**outputs, **{name: inputs[name] for name in other if name in inputs}},
        needs={name: urns for name, urns in thing.needs.items() if name not in other},
    )


def _also_all_tags(thing: Thing, inputs: Values) -> Values:
    """AWS's provider repeats the tags, under those that it adds itself."""
    if inputs.get("tags") == thing.inputs.get("tags") or "tagsAll" not in inputs:
        return inputs
    own = thing.inputs.get("tags") or {}
    added = {name: it for name, it in inputs["tagsAll"].items() if name not in own}
    return {**inputs, "tagsAll": added | (inputs.get("tags") or {})}


def _set(thing: Thing, change: Change) -> Changed:
    inputs = put(thing.inputs, steps(change.at), change.value)
    return {thing.urn: _given(thing, _also_all_tags(thing, inputs))}


def _drop(thing: Thing, change: Change) -> Changed:
    inputs = drop(thing.inputs, steps(change.at))
    return {thing.urn: _given(thing, _also_all_tags(thing, inputs))}


def _everywhere(thing: Thing, change: Change) -> Changed:
    """Replaces the value there, and all that is equal to it, by the other."""
    old = thing.inputs
    for step in steps(change.at):
        old = opened(old)
        old = old[int(step)] if isinstance(old, list) else old[step]
    return {thing.urn: _given(thing, rewrite(thing.inputs, lambda it: change.value if it == old else it))}


def _remove(thing: Thing, _: Change) -> Changed:
    return {thing.urn: None}


def _copy(thing: Thing, change: Change) -> Changed:
    """A second one beside it, under other names, with some inputs of its own."""
    renamed = {
        name: it + COPY
        for name, it in thing.outputs.items()
        if name in ("id", "arn", "name", "bucket") and isinstance(it, str)
    }
    inputs = {**thing.inputs, **{name: it for name, it in renamed.items() if name in thing.inputs}}
    second = replace(
        thing,
        urn=thing.urn + COPY,
        name=thing.name + COPY,
        inputs=inputs,
        outputs={**thing.outputs, **renamed},
    )
    return {second.urn: _given(second, {**inputs, **(change.value or {})})}


def _add(thing: Thing, change: Change) -> Changed:
    """Another resource beside this one: its type and its inputs."""
    urn = f"{thing.urn.rpartition('::')[0]}::{change.at}::added"
    new = Thing(
        stack=thing.stack,
        urn=urn,
        type=change.at,
        name="added",
        inputs=change.value,
        outputs=change.value,
        provider_type=thing.provider_type,
        provider=thing.provider,
    )
    return {urn: new}


def _unprotect(thing: Thing, _: Change) -> Changed:
    return {thing.urn: replace(thing, protect=False)}


def _ignore(thing: Thing, change: Change) -> Changed:
    return {thing.urn: replace(thing, ignore=(*thing.ignore, change.value))}


def _retype(thing: Thing, change: Change) -> Changed:
    """Gives the resource the type of another provider."""
    return {thing.urn: replace(thing, type=change.value)}


DEEDS: Final[Mapping[str, Callable[[Thing, Change], Changed]]] = {
    "set": _set,
    "drop": _drop,
    "everywhere": _everywhere,
    "remove": _remove,
    "copy": _copy,
    "add": _add,
    "unprotect": _unprotect,
    "ignore": _ignore,
    "retype": _retype,
}
