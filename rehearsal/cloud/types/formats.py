"""Formats: the small language in which the type table writes ids, ARNs and computed outputs.

A format is text with placeholders, `arn:aws:kms:{region}:{account}:key/{id}`, or a list or dictionary of
formats. A text that is one placeholder gives the value itself (a number, a list), not text. A format with a
placeholder that has no value has no value. A text that begins like an object in JSON stands for itself.

What a placeholder names:

    {id} {arn} {region} {account} {name of a property} {nested.property} {list[0].property}
    {vpcId->cidrBlock}      a property of the resource that this property refers to
    {hex:17} {digits:10} {upper:14} {lower:12} {uuid} {octet}      pseudo-random, the same for the same resource
    {here:alb}              a fact about the region (baseline.yaml, `regions`)
    {item} {item.property}  inside `each` and `gather`

and then filters, `{primaryKeyArn|last}`: see `_FILTERS`. A dictionary with one of these keys is computed:

    {when: path, then: format, else: format}
    {each: [path, ...], give: format}       one value for each item in those properties, doubles left out
    {gather: query, give: format}           one value for each resource found; `first: true` gives only the first
    {look: path, in: {value: item}, or: format, give: format}      what stands in a table, as `{item}`
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.values import UNKNOWN, Secret, Value, Values, reveal, reveal_top

ACCOUNT = "123456789012"
Format = Any
_JSON = '{"'


@dataclass(frozen=True)
class Scope:
    """Values and look-ups that a format may refer to."""

    values: Values  # inputs and what has been computed so far, without secret marks
    region: str
    seed: str  # of pseudo-random ids
    follow: Callable[[str], CloudResource | None]  # to the resource that the property at a path refers to
    gather: Callable[[Mapping[str, Any], Scope], Iterator[CloudResource]]
    region_facts: Mapping[str, str]  # about the region
    item: Value = None

    def with_item(self, item: Value) -> Scope:
        return replace(self, item=item)


def fill(form: Format, scope: Scope, label: str = "") -> Value:
    """Value of a format in a scope; `label` keeps two pseudo-random values of one resource apart."""
    if isinstance(form, str):
        return _text(form, scope, label) if "{" in form and not form.startswith(_JSON) else form
    if isinstance(form, list):
        return [fill(item, scope, f"{label}[{i}]") for i, item in enumerate(form)]
    return _worked_out(form, scope, label) if isinstance(form, dict) else form


def _worked_out(form: Mapping[str, Any], scope: Scope, label: str) -> Value:
    if "when" in form:
        return fill(form.get("then" if _truth(scope, form["when"]) else "else"), scope, label)
    if "each" in form:
        return _each(form, scope, label)
    if "gather" in form:
        return _gathered(form, scope, label)
    if "look" in form:
        found = form["in"].get(value_at(scope.values, form["look"]))
        return fill(form["give"], scope.with_item(found or fill(form["or"], scope, label)), label)
    filled = {key: fill(item, scope, f"{label}.{key}") for key, item in form.items()}
    return {key: value for key, value in filled.items() if value is not None}


def _truth(scope: Scope, path: str) -> bool:
    value = value_at(scope.values, path)
    return value is UNKNOWN or bool(value)


def _each(form: Mapping[str, Any], scope: Scope, label: str) -> list[Value]:
    items: list[Value] = []
    for path in form["each"]:
        for _, item in values_at(scope.values, path):
            if item not in items:
                items.append(item)
    return [fill(form["give"], scope.with_item(item), f"{label}[{i}]") for i, item in enumerate(items)]


def _gathered(form: Mapping[str, Any], scope: Scope, label: str) -> Value:
    found = (
        fill(form["give"], scope.with_item(attributes(resource)), label)
        for resource in scope.gather(form["gather"], scope)
    )
    return next(found, None) if form.get("first") else list(found)


def attributes(resource: CloudResource) -> Values:
    """Attributes of a resource: its inputs, its outputs over them, its id and region."""
    return {**resource.inputs, **resource.outputs, "id": resource.id, "region": resource.region}


# ---- paths -------------------------------------------------------------------------------------------


@functools.cache
def path_steps(path: str) -> tuple[str | int, ...]:
    """Splits a property path: `rules[0].action` into ("rules", 0, "action"); `[*]` and `*` stay as "*"."""
    found = re.findall(r"\[(\d+|\*|\"[^\"]*\")\]|([^.\[\]]+)", path)
    return tuple(
        int(index) if index.isdigit() else index.strip('"') if index else name for index, name in found
    )


def value_at(values: Value, path: str) -> Value:
    """Value at a path, without secret marks; None where there is none.

    Where a list isn't indexed its first item is meant.
    """
    for step in path_steps(path):
        values = reveal_top(values)
        if isinstance(values, list):
            index = step if isinstance(step, int) else 0
            values = reveal_top(values[index]) if index < len(values) else None
            if isinstance(step, int):
                continue
        if not isinstance(values, dict):
            return UNKNOWN if values is UNKNOWN else None
        values = values.get(str(step))
    return reveal(values) if isinstance(values, (Secret, dict, list)) else values


def values_at(values: Value, path: str) -> Iterator[tuple[str, Value]]:
    """Every value at a path, through all items of every list on the way, with its exact path."""
    yield from _leaves(values, path_steps(path), "")


def _leaves(value: Value, rest: Sequence[str | int], so_far: str) -> Iterator[tuple[str, Value]]:
    value = reveal_top(value)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, rest, f"{so_far}[{index}]")
    elif not rest:
        if value is not None:
            yield so_far, value
    elif isinstance(value, dict) and (name := str(rest[0])) in value:
        yield from _leaves(value[name], rest[1:], f"{so_far}.{name}" if so_far else name)


# ---- placeholders ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Placeholder:
    source: str
    length: int | None
    filters: tuple[tuple[str, tuple[str, ...]], ...]


@functools.cache
def _parsed(text: str) -> tuple[str | _Placeholder, ...]:
    parts: list[str | _Placeholder] = []
    for literal, inside in re.findall(r"([^{]+)|\{([^}]*)\}", text):
        if literal:
            parts.append(literal)
            continue
        source, *filters = inside.split("|")
        made = re.fullmatch(r"(hex|digits|upper|lower):(\d+)", source)
        called = [(name, tuple(rest)) for name, *rest in (one.split(":") for one in filters)]
        if unknown := [name for name, _ in called if name not in _FILTERS]:
            raise ValueError(f"{text}: there is no filter {unknown[0]}")
        parts.append(_Placeholder(made[1] if made else source, int(made[2]) if made else None, tuple(called)))
    return tuple(parts)


def _text(text: str, scope: Scope, label: str) -> Value:
    parts = _parsed(text)
    values = [part if isinstance(part, str) else _value(part, scope, label) for part in parts]
    if len(values) == 1:
        return values[0]
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    if any(value is None for value in values):
        return None
    return "".join(str(value) for value in values)


def _value(part: _Placeholder, scope: Scope, label: str) -> Value:
    value = _source(part, scope, label)
    for name, arguments in part.filters:
        if value is UNKNOWN:
            return value
        value = _FILTERS[name](value, *arguments)
    return value


def _source(part: _Placeholder, scope: Scope, label: str) -> Value:  # noqa: PLR0911 one return per source
    source = part.source
    if part.length is not None:
        return pseudo_random(f"{scope.seed}|{label}", part.length, source)
    if source == "region":
        return scope.region
    if source == "account":
        return ACCOUNT
    if source == "octet":
        return 1 + int(pseudo_random(f"{scope.seed}|{label}|octet", 2), 16) % 254
    if source == "uuid":
        digits = pseudo_random(f"{scope.seed}|{label}", 32)
        return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))
    if source.startswith("here:"):
        return scope.region_facts.get(source[5:])
    if "->" in source:
        path, _, beyond = source.partition("->")
        target = scope.follow(path)
        return None if target is None else value_at(attributes(target), beyond)
    if source == "item" or source.startswith("item."):
        return value_at(scope.item, source[5:]) if source != "item" else scope.item
    return value_at(scope.values, source)


_ALPHABETS = {
    "hex": "0123456789abcdef",
    "digits": "0123456789",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "lower": "abcdefghijklmnopqrstuvwxyz0123456789",
    "letters": "abcdefghijklmnopqrstuvwxyz",
}


def pseudo_random(seed: str, length: int, alphabet: str = "hex") -> str:
    """Pseudo-random characters, which follow from the seed alone."""
    letters = _ALPHABETS[alphabet]
    digest = hashlib.sha256(seed.encode()).digest()
    while len(digest) < length:
        digest += hashlib.sha256(digest).digest()
    return "".join(letters[byte % len(letters)] for byte in digest[:length])


def _digest(value: Value, length: str, salt: str = "") -> Value:
    return None if value is None else pseudo_random(f"{salt}|{value}", int(length))


def _arn_part(value: Value, index: int) -> Value:
    return value.split(":")[index] if isinstance(value, str) and value.count(":") >= 5 else None


_FILTERS: dict[str, Callable[..., Value]] = {
    "last": lambda v: None if v is None else str(v).rsplit("/", 1)[-1],
    "dotted": lambda v: None if v is None else str(v).rsplit(".", 1)[-1],
    "piped": lambda v: None if v is None else str(v).rsplit("|", 1)[-1],
    "tail": lambda v: None if v is None else str(v).rsplit(":", 1)[-1],
    "after": lambda v, mark: None if v is None else str(v).partition(mark)[2],
    "before": lambda v, mark: None if v is None else str(v).partition(mark)[0],
    "lower": lambda v: None if v is None else str(v).lower(),
    "bare": lambda v: None if v is None else str(v).removeprefix("*.").rstrip("."),
    "swap": lambda v, old, new: None if v is None else str(v).replace(old, new),
    "undot": lambda v: None if v is None else str(v).rstrip("."),
    "underscored": lambda v: f"_{v}" if v else "",
    "region": lambda v: _arn_part(v, 3),
    "service": lambda v: _arn_part(v, 2),
    "digest": _digest,
    "or": lambda v, other: other if v is None or v == "" else v,
    "ornumber": lambda v, other: int(other) if v is None else v,
    "is": lambda v, other: v == other,
    "several": lambda v: isinstance(v, int) and v > 1,
    "has": lambda v, *words: (
        isinstance(v, list)
        and any(set(words) <= set(map(str, item.values())) for item in v if isinstance(item, dict))
    ),
    "empty": lambda v: v in (None, "", [], False),
}
