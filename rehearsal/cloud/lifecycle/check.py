"""Check of inputs: against the SDK's own types, and texts and numbers against their syntax."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rehearsal.cloud.provider_verbs import Failure
from rehearsal.cloud.types import syntax
from rehearsal.cloud.types.property_names import nearest, snake
from rehearsal.cloud.types.schema import Declaration, Schema, Shape
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.values import UNKNOWN, Asset, Reference, Value, Values, reveal_top

_OUTPUT_AS_TEXT: Final = ("Calling __str__ on an Output", "<pulumi.output.Output object at")
_INSTEAD: Final = (
    "holds the text of an Output; write pulumi.Output.format(...) or .apply(...), not an f-string"
)

_PLAIN: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "string": ((str,), "a string"),
    "boolean": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
    "asset": ((Asset,), "an asset or archive"),
}


def input_failures(inputs: Values, schema: Schema | None, row: TypeRow) -> tuple[Failure, ...]:
    """Failures of the inputs. Without a schema only the texts of Outputs are found."""
    if schema is None:
        return output_text_failures(inputs)
    return (*_Check(schema, row).object(inputs, schema.inputs, ""), *_two_names(inputs, row))


def _two_names(inputs: Values, row: TypeRow) -> Iterator[Failure]:
    """Failure of a name and a name's prefix at once: the provider takes only one of them."""
    name = row.name.of if row.name else ""
    if name in inputs and f"{name}Prefix" in inputs and name not in inputs.get("__defaults", ()):
        yield Failure(f"{name}Prefix", f"can't be given beside {name}; leave one of them out")


def output_text_failures(values: Values) -> tuple[Failure, ...]:
    """Failures of texts in which a program has formatted an Output."""
    return tuple(_texts(values, ""))


class _Check:
    """Check of one resource's inputs."""

    def __init__(self, schema: Schema, row: TypeRow) -> None:
        self._schema = schema
        self._row = row
        self._special = {
            path.rsplit(".", 1)[-1] for path in row.syntax
        }  # names with a syntax of their own in the type's row

    def object(self, values: Mapping[str, Value], declared: Declaration, path: str) -> Iterator[Failure]:
        for name, value in values.items():
            at = f"{path}.{name}" if path else name
            if name.startswith("__"):
                continue
            if (shape := declared.properties.get(name)) is not None:
                yield from self._value(value, shape, at, name)
            else:
                yield Failure(at, self._unknown(name, declared, top=not path))
        for name in declared.required:
            if reveal_top(values.get(name)) is None:
                yield Failure(f"{path}.{name}" if path else name, f"is missing ({snake(name)} in Python)")

    def _unknown(self, name: str, declared: Declaration, top: bool) -> str:
        if top and name in self._schema.outputs:
            return "is an output, and no input"
        near = nearest(name, declared.properties)
        return "is no input" + (f"; did you mean {near} ({snake(near)} in Python)?" if near else "")

    def _value(self, value: Value, shape: Shape, path: str, name: str) -> Iterator[Failure]:
        """Failures of a value, which is that of the property `name` or an item of its list."""
        value = reveal_top(value)
        if value is None or value is UNKNOWN or isinstance(value, Reference):
            return
        if _is_output(value):
            yield Failure(path, _INSTEAD)
        elif isinstance(shape, str):
            yield from (
                _plain(value, shape, path) if shape == "any" else self._scalar(value, shape, path, name)
            )
        elif "enum" in shape:
            yield from self._listed(value, shape, path)
        elif "union" in shape:
            found = [list(self._value(value, one, path, name)) for one in shape["union"]]
            if all(found):
                yield from min(found, key=_misfit)
        else:
            yield from self._collection(value, shape, path, name)

    def _scalar(self, value: Value, shape: str, path: str, name: str) -> Iterator[Failure]:
        wrong = next(_plain(value, shape, path), None)
        if wrong is not None:
            yield wrong
        elif (
            value != ""
            and not isinstance(value, (bool, Asset))
            and (judge := self._judge(path, name)) is not None
            and (wanted := judge(value)) is not None
        ):
            yield Failure(path, f"must be {wanted}, not {_a(value)}")

    def _judge(self, path: str, name: str) -> syntax.SyntaxCheck | None:
        if name in self._special:
            plain = re.sub(r"\[\d+\]", "", path)
            if name == "*":  # of a map, whose key may have any characters
                ends = (one for one in self._row.syntax if one.endswith(".*") and plain.startswith(one[:-1]))
                plain = next(ends, plain)
            notation = self._row.syntax.get(plain)
            if notation is not None:
                return syntax.syntax_check(notation)
        return syntax.syntax_of_name(name)

    def _listed(self, value: Value, shape: Shape, path: str) -> Iterator[Failure]:
        allowed: list[Any] = shape["enum"]
        if value in allowed:
            return
        if shape.get("open") and (not self._row.known or re.sub(r"\[\d+\]", "", path) in self._row.open):
            yield from _plain(value, "string" if isinstance(allowed[0], str) else "number", path)
            return
        near = nearest(value, map(str, allowed)) if isinstance(value, str) else None
        some = ", ".join(map(str, allowed[:8])) + (", ..." if len(allowed) > 8 else "")
        yield Failure(
            path, f"must be one of {some}, not {_a(value)}" + (f"; did you mean {near}?" if near else "")
        )

    def _collection(self, value: Value, shape: Shape, path: str, name: str) -> Iterator[Failure]:
        wanted, called = (list, "a list") if "list" in shape else (dict, "a dictionary")
        if not isinstance(value, wanted):
            yield Failure(path, f"must be {called}, not {_a(value)}")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._value(item, shape["list"], f"{path}[{index}]", name)
        elif "map" in shape:
            for key, item in value.items():
                if _is_output(key):
                    yield Failure(path, f"has a key that {_INSTEAD}")
                yield from self._value(item, shape["map"], f"{path}.{key}", "*")
        else:
            yield from self.object(value, self._schema.objects[shape["object"]], path)


def _misfit(found: list[Failure]) -> tuple[bool, int]:
    """Rank of the failures by one of several shapes: a wrong kind is worse than a wrong part."""
    return any(failure.reason.startswith("must be") for failure in found), len(found)


def _plain(value: Value, shape: str, path: str) -> Iterator[Failure]:
    if shape == "any":
        yield from _texts(value, path)
        return
    types, wanted = _PLAIN[shape]
    if not isinstance(value, types) or (isinstance(value, bool) and shape != "boolean"):
        yield Failure(path, f"must be {wanted}, not {_a(value)}")


def _texts(value: Value, path: str) -> Iterator[Failure]:
    """Failures of texts of Outputs in a value of which no type is declared."""
    value = reveal_top(value)
    if isinstance(value, dict):
        for name, item in value.items():
            if _is_output(name):
                yield Failure(path, f"has a key that {_INSTEAD}")
            yield from _texts(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    elif _is_output(value):
        yield Failure(path, _INSTEAD)


def _is_output(value: Value) -> bool:
    """Returns whether a text, or one inside an asset, is what formatting an Output gives."""
    if isinstance(value, Asset):
        return any(_is_output(text) for _, text in value.fields)
    return isinstance(value, str) and any(mark in value for mark in _OUTPUT_AS_TEXT)


def _a(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {json.dumps(value if len(value) <= 40 else value[:37] + '...')}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return {list: "a list", dict: "a dictionary"}.get(type(value), "an asset")
