"""Every value inside of inputs, with what the SDK declares and documents for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from rehearsal.cloud.types.schema import Declaration, Schema, Shape
from rehearsal.values import Value
from tests.mutations import documented
from tests.mutations.changes import Steps, opened, pointer

_FRAME: Final = 3  # a document, its parts, and their items: a policy, its Statement, each statement


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
    def path(self) -> str:
        """The path without the places in lists."""
        return pointer(tuple("*" if isinstance(it, int) else it for it in self.steps))

    @property
    def frame(self) -> bool:
        """Returns whether a JSON text would be no document without it, which any rule on documents tells."""
        return self.depth is not None and self.depth < _FRAME


def inside(place: Place, schema: Schema | None) -> Iterator[Place]:
    """The place and all inside of it."""
    held = opened(place.value)
    shape = _fitting(place.value, place.shape)
    depth = 0 if held is not place.value else place.depth
    yield replace(place, shape=shape, depth=depth)
    deeper = None if depth is None else depth + 1
    if isinstance(held, list):
        item = shape.get("list") if isinstance(shape, dict) else None
        for index, it in enumerate(held):
            yield from inside(Place((*place.steps, index), it, item, deeper, place.choices), schema)
    elif isinstance(held, dict):
        named = isinstance(shape, dict) and shape.get("object")
        listed = documented.of_object(named) if isinstance(named, str) else {}
        for name, it in held.items():
            of = _of_property(shape, name, schema)
            yield from inside(Place((*place.steps, name), it, of, deeper, listed.get(name, ())), schema)


def _of_property(shape: Shape, name: str, schema: Schema | None) -> Shape:
    if not isinstance(shape, dict) or schema is None:
        return None
    if "map" in shape:
        return shape["map"]
    return declaration(shape, schema).properties.get(name) if "object" in shape else None


def declaration(shape: Mapping[str, Any], schema: Schema) -> Declaration:
    """Declaration of an object's shape; that of the inputs themselves if it has no name."""
    return schema.objects[shape["object"]] if shape["object"] else schema.inputs


def _fitting(value: Value, shape: Shape) -> Shape:
    """Of a union, the shape that the value has."""
    if not (isinstance(shape, dict) and "union" in shape):
        return shape
    wanted = "list" if isinstance(value, list) else "object" if isinstance(value, dict) else None
    return next(
        (it for it in shape["union"] if (wanted in it if isinstance(it, dict) else wanted is None)), None
    )
