"""Check: inputs against the SDK's own types, and what a provider adds to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from rehearsal.cloud.formats import made_up
from rehearsal.cloud.names import nearest, snake
from rehearsal.cloud.schema import Declaration, Schema, Shape
from rehearsal.cloud.tables import Line, Naming
from rehearsal.cloud.verbs import Failure
from rehearsal.values import UNKNOWN, Asset, Reference, Secret, Value, Values, reveal_top

_OUTPUT_AS_TEXT = "Calling __str__ on an Output"


def failures(inputs: Values, schema: Schema) -> tuple[Failure, ...]:
    """What is wrong with the inputs."""
    return tuple(_in_object(inputs, schema.inputs, schema, ""))


def _in_object(
    values: Mapping[str, Value], declaration: Declaration, schema: Schema, path: str
) -> Iterator[Failure]:
    for name, value in values.items():
        at = f"{path}.{name}" if path else name
        if name.startswith("__"):
            continue
        if (shape := declaration.properties.get(name)) is not None:
            yield from _in_value(value, shape, schema, at)
        else:
            yield Failure(at, _unknown_name(name, declaration, schema if not path else None))
    for name in declaration.required:
        if reveal_top(values.get(name)) is None:
            yield Failure(
                f"{path}.{name}" if path else name, f"is required, and missing ({snake(name)} in Python)"
            )


def _unknown_name(name: str, declaration: Declaration, schema: Schema | None) -> str:
    if schema is not None and name in schema.outputs:
        return "is an output, and no input"
    near = nearest(name, declaration.properties)
    return "is no input" + (f"; did you mean {near} ({snake(near)} in Python)?" if near else "")


def _in_value(value: Value, shape: Shape, schema: Schema, path: str) -> Iterator[Failure]:
    value = reveal_top(value)
    if value is None or value is UNKNOWN or isinstance(value, Reference):
        return
    if isinstance(value, str) and _OUTPUT_AS_TEXT in value:
        yield Failure(
            path,
            "holds the text of an Output; write pulumi.Output.format(...) or .apply(...) instead of an f-string",
        )
    elif isinstance(shape, str):
        yield from _in_plain(value, shape, path)
    elif "list" in shape:
        if not isinstance(value, list):
            yield Failure(path, f"must be a list, not {_a(value)}")
            return
        for index, item in enumerate(value):
            yield from _in_value(item, shape["list"], schema, f"{path}[{index}]")
    elif "enum" in shape:
        if value not in shape["enum"]:
            yield Failure(path, _not_in(value, shape["enum"]))
    elif "union" in shape:
        found = [list(_in_value(value, one, schema, path)) for one in shape["union"]]
        if all(found):
            yield from min(found, key=_misfit)
    elif not isinstance(value, dict):
        yield Failure(path, f"must be a dictionary, not {_a(value)}")
    elif "map" in shape:
        for name, item in value.items():
            yield from _in_value(item, shape["map"], schema, f"{path}.{name}")
    else:
        yield from _in_object(value, schema.objects[shape["object"]], schema, path)


def _misfit(found: list[Failure]) -> tuple[bool, int]:
    return any(" not " in failure.reason for failure in found), len(found)


_EXPECTED: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "a string"),
    "boolean": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
    "asset": ((Asset,), "an asset or archive"),
}


def _in_plain(value: Value, shape: str, path: str) -> Iterator[Failure]:
    if shape == "any":
        yield from _texts(value, path)
        return
    types, wanted = _EXPECTED[shape]
    if not isinstance(value, types) or (isinstance(value, bool) and shape != "boolean"):
        yield Failure(path, f"must be {wanted}, not {_a(value)}")


def _texts(value: Value, path: str) -> Iterator[Failure]:
    """Texts of Outputs in a value of which no type is declared."""
    value = reveal_top(value)
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _in_value(item, "any", _NOTHING, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in_value(item, "any", _NOTHING, f"{path}[{index}]")


_NOTHING = Schema("", Declaration({}, ()), {}, frozenset(), frozenset())


def untyped_failures(inputs: Values) -> tuple[Failure, ...]:
    """What is wrong with the inputs of a type that has no schema."""
    return tuple(found for name, value in inputs.items() for found in _in_value(value, "any", _NOTHING, name))


def _a(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {json.dumps(value if len(value) <= 40 else value[:37] + '...')}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return {list: "a list", dict: "a dictionary"}.get(type(value), "an asset")


def _not_in(value: Value, allowed: list[Any]) -> str:
    near = nearest(value, map(str, allowed)) if isinstance(value, str) else None
    some = ", ".join(map(str, allowed[:8])) + (", ..." if len(allowed) > 8 else "")
    return f"must be one of {some}, not {_a(value)}" + (f"; did you mean {near}?" if near else "")


# ---- what a provider adds ---------------------------------------------------------------------------


def completed(
    inputs: Values, old: Values | None, seed: str, urn: str, about: Line, schema: Schema, tags: Values
) -> Values:
    """The inputs with the name, the defaults and the tags that the provider fills in."""
    result = dict(inputs)
    made: list[str] = []
    naming = about.name
    if naming is not None and result.get(naming.of) is None:
        result[naming.of] = _name(result, old, seed, urn, naming)
        made.append(naming.of)
    for name, value in about.defaults.items():
        if result.get(name) is None:
            result[name] = value
            made.append(name)
    if schema.taggable:
        merged = merged_tags(tags, result.get("tags"))
        if merged:
            result["tagsAll"] = merged
    if made:
        result["__defaults"] = made
    return result


def _name(inputs: Values, old: Values | None, seed: str, urn: str, naming: Naming) -> Value:
    if old is not None and naming.of in old.get("__defaults", ()):
        return old[naming.of]
    prefix = inputs.get(f"{naming.of}Prefix")
    if prefix is UNKNOWN:
        return UNKNOWN
    if isinstance(prefix, str):
        return prefix + made_up(seed, 26, "digits")
    logical = naming.prefix + urn.rsplit("::", 1)[-1]
    name = f"{logical[: naming.max - 8]}-{made_up(seed, 7)}"
    return name.lower() if naming.alphabet == "lower" else name


def merged_tags(defaults: Values, own: Value) -> Value:
    """The provider's default tags with the resource's own over them."""
    if isinstance(own, Secret):
        return Secret(merged_tags(defaults, own.value))
    return own if own is UNKNOWN else {**defaults, **(own or {})}


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    return json.loads(text)


def setting(provider: Values, name: str) -> Any:
    """A provider's setting, which arrives as a JSON string. UNKNOWN and plain strings as they are."""
    value = reveal_top(provider.get(name))
    if not isinstance(value, str):
        return value
    try:
        return _parsed(value)
    except ValueError:
        return value
