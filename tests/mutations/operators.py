"""Mutations made out of what is there: the values that a resource has, and what the SDK declares of its type.

No operator knows a rule. Those that are tried first change what is written; then comes what isn't written yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from controls.facts import UNKNOWN

from rehearsal.cloud.schema import Declaration, Schema, Schemas, Shape, UnknownTypeError, package_of
from rehearsal.values import Value, Values
from tests.mutations import documented
from tests.mutations.changes import Change, Steps, opened, pointer
from tests.mutations.worlds import Thing

_WORDS: Final[Mapping[str, list[Any]]] = yaml.safe_load(
    Path(__file__).with_name("dictionary.yaml").read_text()
)
TEXTS: Final[Sequence[str]] = _WORDS["texts"]
NUMBERS: Final[Sequence[int]] = _WORDS["numbers"]
DOCUMENTS: Final[Sequence[str]] = _WORDS["documents"]
KEYS: Final[Sequence[str]] = _WORDS["keys"]

T = TypeVar("T")

_REGION: Final = re.compile(r"\b(?:us|eu|ap)-[a-z]+-\d\b")
_REFERENCE: Final = re.compile(r"^(.+?)(Id|Arn|Name|)s?$")
_ACCOUNT: Final = re.compile(r"\b\d{12}\b")
_OTHERS: Final = ("us-east-1", "eu-west-1", "us-west-2")
_STRANGER: Final = "210987654321"
_NAMES: Final = ("id", "arn", "name")  # outputs by which one resource names another
_SEEN: Final = 20  # values of one path that are tried on others
_FILLER: Final = "it"  # where any text will do
_FRAME: Final = 3  # a document, its parts, and their items: a policy, its Statement, each statement
_DEEP: Final = 3  # so deep are objects filled that aren't there yet


@dataclass(frozen=True)
class Place:
    """A value inside of inputs, and what the SDK declares for it, if it does."""

    steps: Steps
    value: Value
    shape: Shape = None
    depth: int | None = None  # inside of a document that a JSON text holds
    choices: Sequence[str] = ()  # what the documentation lists for it

    @property
    def at(self) -> str:
        return pointer(self.steps)

    @property
    def frame(self) -> bool:
        """Whether a JSON text would be no document without it, which any rule on documents tells."""
        return self.depth is not None and self.depth < _FRAME


class Operators:
    """What can be changed on resources, of which `things` are all that there are."""

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
                yield from _inside(Place((name,), value, shape, choices=listed.get(name, ())), declared)

    def features(self, thing: Thing) -> frozenset[object]:
        """What there is to change on a resource: its paths, and where these are switches or open to all."""
        telling = (True, False, "*", "0.0.0.0/0")
        return frozenset(
            (_path(it), it.value if isinstance(it.value, (bool, str)) and it.value in telling else None)
            for it in self.places(thing)
        )

    def _changed(self, thing: Thing, place: Place, twice: bool) -> Iterator[Change]:
        yield Change("drop", place.at)
        words = _dictionary(thing.type)
        tried = [place.value]
        for value in (
            *_variants(place.value),
            *_declared(place.shape),
            *self._others(thing.stack, place.value),
            *self._seen(thing.type).get(_path(place), ()),
            *_words(place, words),
            *_longer(place, words),
        ):
            if _known(value) and not any(
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
                    values = found.setdefault(_path(place), [])
                    if len(values) < _SEEN and place.value not in values:
                        values.append(place.value)
        return self._known[token]

    def _schema(self, token: str) -> Schema | None:
        try:
            return self._schemas.of(token)
        except UnknownTypeError:
            return None

    def beside(self, thing: Thing, token: str) -> Iterator[Values]:
        """What another resource of a type may be given: the least, its references to what is in the stack."""
        declared = self._schema(token)
        if declared is None:
            return
        pools = {name: self._named(name, thing.stack) for name in declared.inputs.properties}
        least = _least(declared.inputs, declared, 0)
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


def _as(values: list[Value], declared: Schema, name: str) -> Value:
    shape = declared.inputs.properties[name]
    return values if isinstance(shape, dict) and "list" in shape else values[0]


def _known(value: Value) -> bool:
    """Whether nothing of it is unknown, so that it can be written down."""
    if isinstance(value, (dict, list)):
        return all(map(_known, value.values() if isinstance(value, dict) else value))
    return value is not UNKNOWN


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


def _dictionary(token: str) -> Sequence[str]:
    """The texts that are tried on a type."""
    return [*TEXTS, *_WORDS.get(package_of(token), ())]


def _path(place: Place) -> str:
    """A path without the places in lists."""
    return pointer(tuple("*" if isinstance(it, int) else it for it in place.steps))


def _inside(place: Place, schema: Schema | None) -> Iterator[Place]:
    """The place and all inside of it."""
    inside = opened(place.value)
    shape = _fitting(place.value, place.shape)
    depth = 0 if inside is not place.value else place.depth
    yield replace(place, shape=shape, depth=depth)
    deeper = None if depth is None else depth + 1
    if isinstance(inside, list):
        item = shape.get("list") if isinstance(shape, dict) else None
        for index, it in enumerate(inside):
            yield from _inside(Place((*place.steps, index), it, item, deeper, place.choices), schema)
    elif isinstance(inside, dict):
        named = isinstance(shape, dict) and shape.get("object")
        listed = documented.of_object(named) if isinstance(named, str) else {}
        for name, it in inside.items():
            of = _of_property(shape, name, schema)
            yield from _inside(Place((*place.steps, name), it, of, deeper, listed.get(name, ())), schema)


def _of_property(shape: Shape, name: str, schema: Schema | None) -> Shape:
    if not isinstance(shape, dict) or schema is None:
        return None
    if "map" in shape:
        return shape["map"]
    return _declaration(shape, schema).properties.get(name) if "object" in shape else None


def _declaration(shape: Mapping[str, Any], schema: Schema) -> Declaration:
    return schema.objects[shape["object"]] if shape["object"] else schema.inputs


def _fitting(value: Value, shape: Shape) -> Shape:
    """Of a union, the shape that the value has."""
    if not (isinstance(shape, dict) and "union" in shape):
        return shape
    wanted = "list" if isinstance(value, list) else "object" if isinstance(value, dict) else None
    return next(
        (it for it in shape["union"] if (wanted in it if isinstance(it, dict) else wanted is None)), None
    )


# ---- other values for one that is there -------------------------------------------------------------


def _variants(value: Value) -> Iterator[Value]:
    """What a value of this form may turn into."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield from (value // 10, value * 10, value - 1, value + 1)
    elif isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, list):
        yield []
        if value and isinstance(value[0], dict):
            yield [*value, value[0]]
    elif isinstance(value, dict):
        yield {}
        yield from ({**value, key: it} for key in KEYS for it in ("x", TEXTS[-1]) if _flat(value))


def _flat(value: dict[str, Value]) -> bool:
    return all(isinstance(it, str) for it in value.values())


def _texts(value: str) -> Iterator[Value]:
    if value.lower() in ("true", "false"):
        yield "false" if value.lower() == "true" else "true"
    if value.isdecimal():
        yield from (str(it) for it in (0, 1, int(value) // 10, int(value) * 10))
    for region in _OTHERS:
        if _REGION.search(value):
            yield _REGION.sub(region, value)
    if _ACCOUNT.search(value):
        yield _ACCOUNT.sub(_STRANGER, value)
    for separator in ":/" if value.startswith("arn:") else ":":
        if separator in value:
            yield value.rpartition(separator)[0] + separator + "*"
    if "/" in value and value.rpartition("/")[2].isdecimal():
        yield value.rpartition("/")[0] + "/8"


def _declared(shape: Shape) -> Iterator[Value]:
    """What the SDK lists."""
    if isinstance(shape, dict):
        yield from shape.get("enum", ())


def _words(place: Place, words: Sequence[str]) -> Iterator[Value]:
    """What the dictionary has for a value of this form."""
    if place.choices:
        yield from place.choices if isinstance(place.value, str) else ()
    elif isinstance(place.value, str) or place.value is UNKNOWN:
        yield from DOCUMENTS if place.depth is not None else words
        yield from map(str, NUMBERS) if str(place.value).isdecimal() else ()
    elif isinstance(place.value, (int, float)) and not isinstance(place.value, bool):
        yield from NUMBERS


def _longer(place: Place, words: Sequence[str]) -> Iterator[Value]:
    """A list of texts with one more."""
    if isinstance(place.value, list) and place.value and isinstance(place.value[0], str):
        yield from ([*place.value, it] for it in place.choices or words if it not in place.value)


# ---- what isn't there yet ---------------------------------------------------------------------------


def _added(place: Place, schema: Schema, chosen: set[str] | None) -> Iterator[Iterator[Change]]:
    """For each property that an object may have and hasn't, the values that it may get."""
    shape = place.shape
    if not isinstance(shape, dict) or not isinstance(place.value, dict):
        return
    if "object" in shape:
        for name, inner in _declaration(shape, schema).properties.items():
            if name not in place.value and (place.steps or chosen is None or name in chosen):
                yield _filled((*place.steps, name), _made(inner, schema, 0))
    elif shape.get("map") == "string":
        texts = _dictionary(schema.token)
        yield from (_filled((*place.steps, key), iter(texts)) for key in KEYS if key not in place.value)


def _filled(steps: Steps, values: Iterator[Value]) -> Iterator[Change]:
    yield from (Change("set", pointer(steps), it) for it in values)


def _made(shape: Shape, schema: Schema, depth: int) -> Iterator[Value]:
    """Values of a shape."""
    if shape == "boolean":
        yield from (True, False)
    elif shape in ("number", "integer"):
        yield from NUMBERS
    elif shape in ("string", "any"):
        yield from _dictionary(schema.token)
    elif isinstance(shape, dict) and "enum" in shape:
        yield from shape["enum"]
    elif isinstance(shape, dict) and "list" in shape:
        yield from ([it] for it in _made(shape["list"], schema, depth))
    elif isinstance(shape, dict) and "map" in shape:
        yield from ({key: it} for key in KEYS for it in _made(shape["map"], schema, _DEEP))
    elif isinstance(shape, dict) and "union" in shape:
        for one in shape["union"]:
            yield from _made(one, schema, depth)
    elif isinstance(shape, dict) and depth < _DEEP:
        yield from _objects(_declaration(shape, schema), schema, depth + 1)


def _objects(declared: Declaration, schema: Schema, depth: int) -> Iterator[Values]:
    """The least object, and each with one more property or another value."""
    least = _least(declared, schema, depth)
    yield least
    for name, shape in declared.properties.items():
        for value in _made(shape, schema, depth):
            if least.get(name) != value:
                yield {**least, name: value}


def _least(declared: Declaration, schema: Schema, depth: int) -> Values:
    """What has to be there, each the first that will do."""
    first = (
        (name, next(_made(declared.properties[name], schema, depth), None)) for name in declared.required
    )
    return {name: value for name, value in first if value is not None}
