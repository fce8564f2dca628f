"""Policy documents, statement by statement."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Condition:
    """One test of a statement's condition: `StringEquals`, a key, the values of which one must match."""

    operator: str  # without `IfExists` and the quantifier
    key: str
    values: tuple[str, ...]
    if_exists: bool = False
    quantifier: str = ""  # `ForAnyValue` or `ForAllValues`


@dataclass(frozen=True)
class Principal:
    """Principal of a statement: `AWS`, `Service` or `Federated`, and its name; both `*` for everybody."""

    kind: str
    name: str


@dataclass(frozen=True)
class Statement:
    """Statement of a document. What it leaves out is None; what stands there as one text is a tuple of one."""

    name: str  # its Sid, or its number
    allows: bool
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[Principal, ...] | None
    not_principals: tuple[Principal, ...] | None
    conditions: tuple[Condition, ...]


@functools.lru_cache(maxsize=4096)
def statements(text: str) -> tuple[Statement, ...]:
    """Statements of a document in JSON; none for a text that is no document."""
    if '"Statement"' not in text:
        return ()
    try:
        found = json.loads(text)
    except ValueError:
        return ()
    listed = found.get("Statement", []) if isinstance(found, dict) else []
    return tuple(
        _statement(number, one)
        for number, one in enumerate(listed if isinstance(listed, list) else [listed])
        if isinstance(one, dict)
    )


def _statement(number: int, one: Mapping[str, Any]) -> Statement:
    return Statement(
        one.get("Sid") or f"Statement[{number}]",
        one.get("Effect") == "Allow",
        _texts(one, "Action"),
        _texts(one, "NotAction"),
        _texts(one, "Resource"),
        _texts(one, "NotResource"),
        _principals(one, "Principal"),
        _principals(one, "NotPrincipal"),
        tuple(_conditions(one.get("Condition") or {})),
    )


def _texts(one: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    return _listed(one[name]) if name in one else None


def _principals(one: Mapping[str, Any], name: str) -> tuple[Principal, ...] | None:
    if name not in one:
        return None
    if not isinstance(one[name], dict):
        return (Principal("*", "*"),)
    return tuple(Principal(kind, text) for kind, names in one[name].items() for text in _listed(names))


def _conditions(written: Mapping[str, Mapping[str, Any]]) -> Iterator[Condition]:
    for operator, keys in written.items():
        quantifier, _, rest = operator.rpartition(":")
        bare = rest.removesuffix("IfExists")
        for key, values in keys.items():
            yield Condition(bare, key, _listed(values), bare != rest, quantifier)


def _listed(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
