"""Property paths in a program's options (`ignoreChanges`), checked against the type's properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rehearsal.cloud.provider_verbs import Failure
from rehearsal.cloud.types.formats import path_steps
from rehearsal.cloud.types.property_names import nearest
from rehearsal.cloud.types.schema import Declaration, Schema, Shape


def unknown_paths(paths: Sequence[str], schema: Schema) -> Iterator[Failure]:
    """Failures of paths to no property, which have no effect: mostly those in Python's spelling.

    Keys of a dictionary (a tag) are the program's own, and may be anything.
    """
    for path in paths:
        first, *rest = path_steps(path)
        if first in schema.outputs - schema.inputs.properties.keys():
            continue
        if (wrong := _strange((first, *rest), schema.inputs, schema)) is not None:
            segment, declared = wrong
            near = nearest(segment, declared.properties)
            better = path.replace(segment, near) if near else "a property of this type"
            yield Failure(path, f"{path} has no effect, for {segment} is no property; write {better}")


def _strange(
    path: tuple[str | int, ...], declared: Declaration, schema: Schema
) -> tuple[str, Declaration] | None:
    """First segment that names no property where one must stand, and the properties that there are."""
    segment = str(path[0])
    if segment == "*":
        return None
    if segment not in declared.properties:
        return segment, declared
    return _inside(path[1:], declared.properties[segment], schema)


def _inside(path: tuple[str | int, ...], shape: Shape, schema: Schema) -> tuple[str, Declaration] | None:
    if not path or isinstance(shape, str):
        return None
    if "union" in shape:
        found = [_inside(path, one, schema) for one in shape["union"]]
        return None if None in found else found[0]
    if "list" in shape:
        return _inside(
            path[1:] if isinstance(path[0], int) or path[0] == "*" else path, shape["list"], schema
        )
    if "map" in shape:
        return _inside(path[1:], shape["map"], schema)
    return _strange(path, schema.objects[shape["object"]], schema) if "object" in shape else None
