"""Other values for one that is there, and values for what isn't: by their form, the SDK, and a dictionary."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from controls.language.facts import UNKNOWN

from rehearsal.cloud.types.schema import Declaration, Schema, Shape, package_of
from rehearsal.values import Value, Values
from tests.mutations.places import Place, declaration

_WORDS: Final[Mapping[str, list[Any]]] = yaml.safe_load(
    Path(__file__).with_name("dictionary.yaml").read_text()
)
_TEXTS: Final[Sequence[str]] = _WORDS["texts"]
_NUMBERS: Final[Sequence[int]] = _WORDS["numbers"]
_DOCUMENTS: Final[Sequence[str]] = _WORDS["documents"]
KEYS: Final[Sequence[str]] = _WORDS["keys"]

_REGION: Final = re.compile(r"\b(?:us|eu|ap)-[a-z]+-\d\b")
_ACCOUNT: Final = re.compile(r"\b\d{12}\b")
_OTHERS: Final = ("us-east-1", "eu-west-1", "us-west-2")
_STRANGER: Final = "210987654321"
_FILLER: Final = "it"  # where any text will do
_LONG: Final = 10  # elements of a list of texts that may get one more
_DEEP: Final = 3  # so deep are objects filled that aren't there yet


def dictionary(token: str) -> Sequence[str]:
    """The texts that are tried on a type."""
    return [*_TEXTS, *_WORDS.get(package_of(token), ())]


# ---- other values for one that is there -------------------------------------------------------------


def variants(value: Value) -> Iterator[Value]:
    """Replacements for a value of this form."""
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
        yield from ({**value, key: it} for key in KEYS for it in ("x", _TEXTS[-1]) if _flat(value))


def _flat(value: dict[str, Value]) -> bool:
    return all(isinstance(it, str) for it in value.values())


def _encoded(value: str) -> bool:
    """Returns whether it is base64 of a text."""
    try:
        return len(value) > 7 and b64decode(value, validate=True).decode().isprintable()
    except ValueError:
        return False


def _texts(value: str) -> Iterator[Value]:
    if _encoded(value):
        yield from (b64encode(it.encode()).decode() for it in _TEXTS if it)
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


def listed(shape: Shape) -> Iterator[Value]:
    """Values that the SDK lists."""
    if isinstance(shape, dict):
        yield from shape.get("enum", ())


def words(place: Place, texts: Sequence[str]) -> Iterator[Value]:
    """Values that the dictionary has for a value of this form."""
    if place.choices:
        yield from place.choices if isinstance(place.value, str) else ()
    elif isinstance(place.value, str) or place.value is UNKNOWN:
        yield from _DOCUMENTS if place.depth is not None else texts
        yield from map(str, _NUMBERS) if str(place.value).isdecimal() else ()
    elif isinstance(place.value, (int, float)) and not isinstance(place.value, bool):
        yield from _NUMBERS


def longer(place: Place, texts: Sequence[str]) -> Iterator[Value]:
    """A list of texts with one more."""
    if isinstance(place.value, list) and 0 < len(place.value) < _LONG and isinstance(place.value[0], str):
        yield from ([*place.value, it] for it in place.choices or texts if it not in place.value)


# ---- what isn't there yet ---------------------------------------------------------------------------


def made(shape: Shape, schema: Schema, depth: int) -> Iterator[Value]:
    """Values of a shape."""
    if shape == "boolean":
        yield from (True, False)
    elif shape in ("number", "integer"):
        yield from _NUMBERS
    elif shape in ("string", "any"):
        yield from dictionary(schema.token)
    elif isinstance(shape, dict) and "enum" in shape:
        yield from shape["enum"]
    elif isinstance(shape, dict) and "list" in shape:
        yield from ([it] for it in made(shape["list"], schema, depth))
    elif isinstance(shape, dict) and "map" in shape:
        yield from ({key: it} for key in KEYS for it in made(shape["map"], schema, _DEEP))
    elif isinstance(shape, dict) and "union" in shape:
        for one in shape["union"]:
            yield from made(one, schema, depth)
    elif isinstance(shape, dict) and depth < _DEEP:
        yield from _objects(declaration(shape, schema), schema, depth + 1)


def _objects(declared: Declaration, schema: Schema, depth: int) -> Iterator[Values]:
    """The least object, and each with one more property or another value."""
    fewest = least(declared, schema, depth)
    yield fewest
    for name, shape in declared.properties.items():
        for value in made(shape, schema, depth):
            if fewest.get(name) != value:
                yield {**fewest, name: value}


def least(declared: Declaration, schema: Schema, depth: int) -> Values:
    """Required properties alone, each with the first value that will do."""
    first = ((name, _first(declared.properties[name], schema, depth)) for name in declared.required)
    return {name: value for name, value in first if value is not None}


def _first(shape: Shape, schema: Schema, depth: int) -> Value:
    """The first value of a shape, or 1: AWS takes no group of no nodes."""
    return 1 if shape in ("number", "integer") else next(made(shape, schema, depth), None)


def known(value: Value) -> bool:
    """Returns whether nothing of it is unknown, so that it can be written down."""
    if isinstance(value, (dict, list)):
        return all(map(known, value.values() if isinstance(value, dict) else value))
    return value is not UNKNOWN
