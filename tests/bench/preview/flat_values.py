"""Values of a recording as the expressions that a person would write in a program without components.

A string that another resource's id or output gave is that output, `vpc.id`; one that only holds it is
`pulumi.Output.concat(...)`. Nested values are instances of the SDK's classes of arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine.records import Resource
from rehearsal.values import ARCHIVE, Asset, Secret, Value, Values
from tests.bench.preview import sdk_classes

_FIRST = ("id", "arn", "name")  # the outputs that a person takes, of several with one value
_SHORTEST = 6  # characters of an output that is no coincidence: not "ip", not "80"


@dataclass(frozen=True)
class Known:
    """Resource that the program has made before, with the variable that holds it."""

    variable: str
    resource: Resource

    def outputs(self) -> Iterator[tuple[str, str]]:
        """Each output that is text, also inside of others, with the expression that gives it."""
        if isinstance(self.resource.id, str):
            yield self.resource.id, f"{self.variable}.id"
        if class_ := sdk_classes.resource_class(self.resource.type):
            yield from _inside(self.resource.outputs, class_, self.variable)


def _texts(value: Value, type_: Any, code: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Secret):
        yield from _texts(value.value, type_, code)
    elif isinstance(value, str) and len(value) >= _SHORTEST:
        yield value, code
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, sdk_classes.item_type(type_), f"{code}[{index}]")
    elif isinstance(value, dict) and (class_ := sdk_classes.nested_class(type_)):
        yield from _inside(value, class_, code)


def _inside(values: Values, class_: type, code: str) -> Iterator[tuple[str, str]]:
    for wire, (name, type_) in sdk_classes.outputs(class_).items():
        yield from _texts(values.get(wire), type_, f"{code}.{name}")


def _preference(output: tuple[str, str]) -> tuple[int, int, str]:
    """Order in which a person looks for a value in outputs: ids, ARNs and names first, what is deep inside last."""
    _, code = output
    name = code.rpartition(".")[2]
    return code.count(".") + code.count("["), _FIRST.index(name) if name in _FIRST else len(_FIRST), code


@dataclass
class Expressions:
    """Expressions of one property's values. `used` grows: the variables of the resources that they refer to."""

    sources: Iterable[Known] = ()
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        outputs = (output for source in self.sources for output in source.outputs())
        self._outputs = dict(sorted(outputs, key=_preference, reverse=True))  # the last of one text counts
        inside = sorted(filter(lambda text: len(text) >= _SHORTEST, self._outputs), key=len, reverse=True)
        self._inside = re.compile(f"({'|'.join(map(re.escape, inside))})") if inside else None

    def of(self, value: Value, type_: Any = None) -> str:
        """Expression of a value for a property of a type of the SDK's."""
        if isinstance(value, Secret):
            return f"pulumi.Output.secret({self.of(value.value, type_)})"
        if isinstance(value, Asset):
            return self._asset(value)
        if isinstance(value, dict):
            args = sdk_classes.nested_class(type_)
            return self._map(value, sdk_classes.item_type(type_)) if args is None else self._args(value, args)
        if isinstance(value, list):
            item = sdk_classes.item_type(type_)
            return f"[{', '.join(self.of(one, item) for one in value)}]"
        return self._text(value) if isinstance(value, str) else repr(value)

    def keywords(self, values: Values, names: Mapping[str, tuple[str, Any]]) -> dict[str, str]:
        """Expressions by the Python names of a class's arguments. What isn't an argument is the class's own doing."""
        return {
            names[wire][0]: self.of(value, names[wire][1]) for wire, value in values.items() if wire in names
        }

    def _args(self, values: Values, args: type) -> str:
        named = self.keywords(values, sdk_classes.inputs(args))
        return f"{sdk_classes.spelled(args)}({', '.join(f'{name}={code}' for name, code in named.items())})"

    def _map(self, values: Values, item: Any) -> str:
        return f"{{{', '.join(f'{key!r}: {self.of(value, item)}' for key, value in values.items())}}}"

    def _asset(self, asset: Asset) -> str:
        fields = dict(asset.fields)
        if "assets" in fields:
            return f"pulumi.AssetArchive({self._map(fields['assets'], None)})"
        kind = "Archive" if asset.kind == ARCHIVE else "Asset"
        if "path" in fields:
            return f"pulumi.File{kind}({fields['path']!r})"
        return f"pulumi.StringAsset({fields['text']!r})"

    def _text(self, text: str) -> str:
        if text in self._outputs:
            return self._reference(text)
        pieces = self._inside.split(text) if self._inside else [text]
        if len(pieces) == 1:
            return repr(text)
        codes = [self._reference(piece) if odd else repr(piece) for odd, piece in _numbered(pieces) if piece]
        return f"pulumi.Output.concat({', '.join(codes)})"

    def _reference(self, text: str) -> str:
        code = self._outputs[text]
        self.used.add(code.partition(".")[0])
        return code


def _numbered(pieces: list[str]) -> Iterable[tuple[bool, str]]:
    return ((number % 2 == 1, piece) for number, piece in enumerate(pieces))
