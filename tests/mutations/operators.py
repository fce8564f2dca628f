"""Mutations made out of what is there: the values that a resource has, and what the SDK declares of its type.

No operator knows a rule. Those that are tried first change what is written; then comes what isn't written yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from rehearsal.cloud.types.schema import Schema, Schemas, UnknownTypeError, package_of
from rehearsal.values import Value, Values
from tests.mutations import documented, values
from tests.mutations.changes import Change, Steps, pointer
from tests.mutations.places import Place, declaration, inside
from tests.mutations.worlds import Thing

T = TypeVar("T")

_REFERENCE: Final = re.compile(r"^(.+?)(Id|Arn|Name|)s?$")
_NAMES: Final = ("id", "arn", "name")  # outputs by which one resource names another
_SEEN: Final = 20  # values of one path that are tried on others
_SMALL: Final = 300  # characters of them, so that the table can be read


class Operators:
    """Changes of resources, of which `things` are all that there are."""

    def __init__(self, schemas: Schemas, things: Iterable[Thing]) -> None:
        self._schemas = schemas
        self._by_type: dict[str, list[Thing]] = {}
        for thing in things:
            self._by_type.setdefault(thing.type, []).append(thing)
        self._known: dict[str, dict[str, list[Value]]] = {}
        self._holders = {
            (name, thing.stack, value): thing
            for several in self._by_type.values()
            for thing in several
            for name in _NAMES
            if isinstance(value := thing.outputs.get(name), str)
        }

    def changes(self, thing: Thing, names: Iterable[str] | None = None) -> Iterator[Change]:
        """All changes of a resource's inputs; only of these, if some are named."""
        chosen = None if names is None else set(names)
        places = [
            it for it in self.places(thing) if not it.frame and (chosen is None or it.steps[0] in chosen)
        ]
        known = [it.value for it in places]
        twice = {it.at for it in places if isinstance(it.value, (int, str)) and known.count(it.value) > 1}
        yield from in_turn(self._changed(thing, it, it.at in twice) for it in places)
        declared = self._schema(thing.type)
        if declared is not None:
            holders = (Place((), thing.inputs, {"object": ""}), *places)
            yield from in_turn(it for place in holders for it in _added(place, declared, chosen))

    def places(self, thing: Thing) -> Iterator[Place]:
        """Every value in a resource's inputs, those inside of JSON texts included."""
        declared = self._schema(thing.type)
        listed = documented.of_type(package_of(thing.type), thing.type) if declared else {}
        for name, value in thing.inputs.items():
            shape = declared.inputs.properties.get(name) if declared else None
            if name != "tagsAll":
                yield from inside(Place((name,), value, shape, choices=listed.get(name, ())), declared)

    def features(self, thing: Thing) -> frozenset[object]:
        """Places to change on a resource: its paths, and where these are switches or open to all."""
        telling = (True, False, "*", "0.0.0.0/0")
        return frozenset(
            (it.path, it.value if isinstance(it.value, (bool, str)) and it.value in telling else None)
            for it in self.places(thing)
        )

    def _changed(self, thing: Thing, place: Place, twice: bool) -> Iterator[Change]:
        yield Change("drop", place.at)
        words = values.dictionary(thing.type)
        tried = [place.value]
        for value in (
            *values.variants(place.value),
            *values.listed(place.shape),
            *self._others(thing.stack, place.value),
            *self._seen(thing.type).get(place.path, ()),
            *values.words(place, words),
            *values.longer(place, words),
        ):
            if values.known(value) and not any(
                value is it or (value == it and type(value) is type(it)) for it in tried
            ):
                tried.append(value)
                yield Change("set", place.at, value)
                if twice:
                    yield Change("everywhere", place.at, value)

    def _others(self, stack: str, value: Value) -> Iterator[Value]:
        """If a value names a resource of the stack, the names of other ones of its type."""
        for name in _NAMES if isinstance(value, str) else ():
            if (known := self._holders.get((name, stack, value))) is not None:
                alike = [it for it in self._by_type[known.type] if it.stack == stack]
                yield from (it.outputs[name] for it in alike[:_SEEN] if name in it.outputs)
                return

    def _seen(self, token: str) -> Mapping[str, Sequence[Value]]:
        """The values that resources of a type have, by path, a few of each."""
        if token not in self._known:
            found = self._known[token] = {}
            for thing in self._by_type.get(token, ()):
                for place in self.places(thing):
                    known = found.setdefault(place.path, [])
                    if len(known) < _SEEN and len(str(place.value)) < _SMALL and place.value not in known:
                        known.append(place.value)
        return self._known[token]

    def _schema(self, token: str) -> Schema | None:
        try:
            return self._schemas.of(token)
        except UnknownTypeError:
            return None

    def beside(self, thing: Thing, token: str) -> Iterator[Values]:
        """Inputs for another resource of a type: the least, its references to what is in the stack."""
        declared = self._schema(token)
        if declared is None:
            return
        pools = {name: self._named(name, thing.stack) for name in declared.inputs.properties}
        least = values.least(declared.inputs, declared, 0)
        least |= {name: _as(pools[name][:2], declared, name) for name in least if pools[name]}
        yield least
        for name, pool in pools.items():
            for index in range(len(pool)):
                yield {**least, name: _as(pool[index : index + 2], declared, name)}

    def _named(self, name: str, stack: str) -> list[Value]:
        """The ids, ARNs or names of what a property may mean by its own name, as `nodeRoleArn` a role."""
        stem, output = _REFERENCE.sub(r"\1", name), _REFERENCE.sub(r"\2", name)
        found: list[Value] = []
        for token, things in self._by_type.items():
            kind = token.rpartition(":")[2].lower()
            if token.startswith("aws:") and stem.lower().endswith(kind):
                at = output.lower() or "id"
                found += [it.outputs[at] for it in things if it.stack == stack and at in it.outputs]
        return found[:_SEEN]


def _as(several: list[Value], declared: Schema, name: str) -> Value:
    shape = declared.inputs.properties[name]
    return several if isinstance(shape, dict) and "list" in shape else several[0]


def in_turn(several: Iterable[Iterator[T]]) -> Iterator[T]:
    """One of each, then the next of each, so that no place is waited for."""
    waiting = list(several)
    while waiting:
        going: list[Iterator[T]] = []
        for it in waiting:
            for first in it:
                yield first
                going.append(it)
                break
        waiting = going


def _added(place: Place, schema: Schema, chosen: set[str] | None) -> Iterator[Iterator[Change]]:
    """For each property that an object may have and hasn't, the values that it may get."""
    shape = place.shape
    if not isinstance(shape, dict) or not isinstance(place.value, dict):
        return
    if "object" in shape:
        for name, inner in declaration(shape, schema).properties.items():
            if name not in place.value and (place.steps or chosen is None or name in chosen):
                yield _filled((*place.steps, name), values.made(inner, schema, 0))
    elif shape.get("map") == "string":
        texts = values.dictionary(schema.token)
        yield from (
            _filled((*place.steps, key), iter(texts)) for key in values.KEYS if key not in place.value
        )


def _filled(steps: Steps, several: Iterator[Value]) -> Iterator[Change]:
    yield from (Change("set", pointer(steps), it) for it in several)
