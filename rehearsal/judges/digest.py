"""Digest of what the judges say: bounds of the inputs of types. `make judges` makes it from their packages."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("digest.json")

BOTOCORE: Final = "botocore"
CFN_LINT: Final = "cfn-lint"


@dataclass(frozen=True)
class Bound:
    """Bound of a value: a judge's name, and what it says beyond the type. One without an entry takes any value."""

    by: str
    pattern: re.Pattern[str] | None = None
    enum: frozenset[str] | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    any_of: tuple[Bound, ...] = ()


@dataclass(frozen=True)
class Case:
    """Bound of an input that holds while others have these values, in these regions; None stands for all."""

    path: str
    bound: Bound
    when: Mapping[str, Any]
    regions: frozenset[str] | None = None


@dataclass(frozen=True)
class TypeDigest:
    """Bounds that the judges give a type's inputs, by the path of each that they know, and where they say it.

    A path has no indices of lists and `*` for a map's key; one that ends in `[]` is a list as a whole.
    """

    paths: Mapping[str, tuple[Bound, ...]]
    booleans: frozenset[str]  # paths that a judge knows, and whose type is all that there is to say
    places: Mapping[str, str]  # by judge: the operations or the type of CloudFormation
    absent: frozenset[str] = frozenset()  # regions that don't have it
    cases: tuple[Case, ...] = ()

    @functools.cached_property
    def blocks(self) -> frozenset[str]:
        """Paths that are known, and those of all blocks around them; what isn't there is a map's key."""
        known: set[str] = set()
        for path in (*self.paths, *self.booleans):
            steps = path.removesuffix("[]").split(".")
            known.update(".".join(steps[: index + 1]) for index in range(len(steps)))
        return frozenset(known)


@dataclass(frozen=True)
class Source:
    """A judge's package."""

    name: str
    version: str
    date: str = ""


class Digest:
    """The digest. A type is compiled when it is first asked for."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._types: dict[str, TypeDigest | None] = {}
        self._bounds: dict[int, Bound] = {}
        self.made: str = data["made"]
        self.sources = {name: Source(name, **one) for name, one in data["sources"].items()}

    @property
    def tokens(self) -> frozenset[str]:
        """Types of which the judges were asked."""
        return frozenset(self._data["types"])

    @functools.cached_property
    def regions(self) -> frozenset[str]:
        """Regions that AWS has, by botocore."""
        return frozenset(self._data["regions"])

    def of(self, token: str) -> TypeDigest | None:
        """Bounds of a type; None for one of which the judges weren't asked."""
        if token not in self._types:
            written = self._data["types"].get(token)
            self._types[token] = None if written is None else self._type(written)
        return self._types[token]

    def _type(self, written: Mapping[str, Any]) -> TypeDigest:
        paths = {path: tuple(map(self._bound, numbers)) for path, numbers in written["paths"].items()}
        return TypeDigest(
            paths,
            frozenset(written["booleans"]),
            written["places"],
            frozenset(written.get("absent", ())),
            tuple(map(self._case, written.get("cases", ()))),
        )

    def _case(self, written: Mapping[str, Any]) -> Case:
        regions = written.get("regions")
        return Case(
            written["path"],
            self._bound(written["bound"]),
            written.get("when", {}),
            None if regions is None else frozenset(regions),
        )

    def _bound(self, number: int) -> Bound:
        if number not in self._bounds:
            self._bounds[number] = _parsed(*self._data["bounds"][number])
        return self._bounds[number]


def _parsed(by: str, bound: Mapping[str, Any]) -> Bound:
    return Bound(
        by,
        pattern=re.compile(bound["pattern"]) if "pattern" in bound else None,
        enum=frozenset(map(as_text, bound["enum"])) if "enum" in bound else None,
        min_length=bound.get("minLength"),
        max_length=bound.get("maxLength"),
        minimum=bound.get("minimum"),
        maximum=bound.get("maximum"),
        min_items=bound.get("minItems"),
        max_items=bound.get("maxItems"),
        any_of=tuple(_parsed(by, one) for one in bound.get("anyOf", ())),
    )


def as_text(value: Any) -> str:
    """A value as enums are compared: AWS's services spell numbers and booleans as texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@functools.cache
def digest() -> Digest:
    """The digest that lies here."""
    return Digest(json.loads(FILE.read_text()))
