"""Inputs and outputs of Pulumi resources as plain data, with unknown values marked.

Reading never raises. A value is MISSING (not written), UNKNOWN (written, but only an update will know it) or
plain data: dict, list, str, int, float, bool. The SDK's own proxies raise on an unknown value, even when one
only tests whether it is there, and their lists compare equal to nothing; so no rule touches them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from pulumi_policy import proxy

from controls.language.plain_data import from_json, leaves
from controls.language.tokens import GLOBAL_MODULES


class Absent(Enum):
    """Reason why there is no value. It has no truth value, so that no rule can take "unknown" for "no"."""

    MISSING = "missing"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError(f"a value that is {self.value} has no truth: compare with `is`")

    def __repr__(self) -> str:
        return self.name


MISSING: Final = Absent.MISSING
UNKNOWN: Final = Absent.UNKNOWN

Value = Any
Truth = bool | Absent

_SENTINELS: Final = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))
_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def _step(container: Any, key: str | int) -> Value:
    """Value that the container holds under the key, not yet copied."""
    try:
        value = container[key]
    except proxy.UnknownValueError:
        return UNKNOWN
    except (KeyError, IndexError, TypeError):
        return MISSING
    if value is None:
        return MISSING
    return UNKNOWN if isinstance(value, str) and value in _SENTINELS else value


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def plain(value: Any) -> Value:
    """A deep copy as plain data: whole numbers as int, unknown parts as UNKNOWN, nulls left out of mappings."""
    if isinstance(value, str):
        return UNKNOWN if value in _SENTINELS else value
    if type(value) is dict:  # as it is decoded; the SDK's own containers are read below, more slowly
        items = ((str(key), plain(item)) for key, item in value.items() if item is not None)
        return {key: item for key, item in items if item is not MISSING}
    if type(value) is list:
        return [MISSING if item is None else plain(item) for item in value]
    if isinstance(value, Mapping):
        items = ((str(key), plain(_step(value, key))) for key in iter(value))
        return {key: item for key, item in items if item is not MISSING}
    if _is_list(value):
        return [plain(_step(value, index)) for index in range(len(value))]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def find(root: Any, path: str) -> Iterator[tuple[str, Value]]:
    """Each value that a dotted path names, with its own path; `*` stands for every element of a list.

    A list that is missing has no elements; one that is unknown yields UNKNOWN once.
    """
    yield from _find(root, path.split("."), ())


def _find(value: Any, ahead: list[str], behind: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
    if value is UNKNOWN or (value is MISSING and "*" not in ahead) or not ahead:
        yield ".".join((*behind, *([] if value is UNKNOWN else ahead))), plain(value)
    elif ahead[0] == "*":
        for index in range(len(value) if _is_list(value) else 0):
            yield from _find(_step(value, index), ahead[1:], (*behind, str(index)))
    elif isinstance(value, Mapping):
        yield from _find(_step(value, ahead[0]), ahead[1:], (*behind, ahead[0]))
    elif _is_list(value) and ahead[0].isdigit():
        yield from _find(_step(value, int(ahead[0])), ahead[1:], (*behind, ahead[0]))
    elif "*" not in ahead:
        yield ".".join((*behind, *ahead)), MISSING


def get(root: Any, path: str) -> Value:
    """Single value that a dotted path without `*` names."""
    if "." not in path and isinstance(root, Mapping):
        return plain(_step(root, path))
    return next((value for _, value in find(root, path)), MISSING)


def as_bool(value: Value) -> bool | Absent | None:
    """The boolean that a value means, "true" and "false" included; None when it means none."""
    if isinstance(value, (bool, Absent)):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def as_list(value: Value) -> list[Value]:
    """A list as it is, one value as a list of one, MISSING as an empty list: the way AWS's JSON documents mean it."""
    if value is MISSING:
        return []
    return value if isinstance(value, list) else [value]


def among(value: Value, listed: Collection[str]) -> bool:
    """Returns whether a value is one of these texts. A list or an object, which can't be looked up in a set,
    is none.
    """
    return isinstance(value, str) and value in listed


def comparable(values: Iterable[Value]) -> set[Value]:
    """Texts among values, and MISSING or UNKNOWN for absent ones."""
    return {it for it in values if isinstance(it, (str, Absent))}


def any_of(*truths: Truth) -> Truth:
    """Three-valued OR: True when one is, UNKNOWN when one may be."""
    if any(truth is True for truth in truths):
        return True
    return UNKNOWN if any(truth is UNKNOWN for truth in truths) else False


def all_of(*truths: Truth) -> Truth:
    """Three-valued AND: False when one is, UNKNOWN when one may be."""
    if any(truth is False for truth in truths):
        return False
    return UNKNOWN if any(truth is UNKNOWN for truth in truths) else True


def negate(truth: Truth) -> Truth:
    """Three-valued NOT: UNKNOWN stays UNKNOWN."""
    return truth if truth is UNKNOWN else truth is not True


def arn_region(value: Value) -> str:
    """Region that an ARN names, or an empty string."""
    parts = value.split(":", 5) if isinstance(value, str) else []
    return parts[3] if len(parts) == 6 and parts[0] == "arn" else ""


def shown_region(region: Value) -> str:
    """A region as a message may name it. Any other text may hold a secret, and isn't repeated."""
    return region if isinstance(region, str) and _REGION.fullmatch(region) else "its region"


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """One resource of a stack. `inputs` are its inputs, under its outputs where those are known already.

    Any mapping will do: the SDK's, or plain data in which unknown values are UNKNOWN or Pulumi's own sentinel
    strings. `pending` marks that absent values are unknown: so does an object come to a stack rule in a preview
    when its provider couldn't be asked.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str = ""
    provider_type: str = ""
    provider_urn: str = ""
    provider_props: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=lambda: _NOTHING)
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    pending: bool = False

    def get(self, path: str) -> Value:
        """The value at a dotted path."""
        value = get(self.inputs, path)
        return UNKNOWN if value is MISSING and self.pending else value

    def find(self, path: str) -> Iterator[tuple[str, Value]]:
        """Each value at a dotted path with `*`, and its own path."""
        if self.pending:
            yield path, self.get(path.split(".", maxsplit=1)[0])
        else:
            yield from find(self.inputs, path)

    def has(self, path: str) -> bool:
        """Returns whether something is written at the path, known or not."""
        return self.get(path) is not MISSING

    def flag(self, path: str) -> bool | Absent | None:
        """The boolean at a path."""
        return as_bool(self.get(path))

    def tag(self, name: str) -> Value:
        """The value of a tag, the provider's default tags included."""
        found = [get(self.inputs, tags) for tags in ("tags", "tagsAll")]
        own = next((tags[name] for tags in found if isinstance(tags, dict) and name in tags), MISSING)
        return UNKNOWN if own is MISSING and (UNKNOWN in found or self.pending) else own

    def provider(self, name: str) -> Value:
        """An input of the resource's provider; Pulumi hands anything but a string over as JSON text."""
        return decode_provider_input(get(self.provider_props, name))

    @cached_property
    def leaves(self) -> tuple[tuple[str, Value], ...]:
        """Each value of the inputs that is no container, with its path. Pulumi's internal keys aren't inputs."""
        names = [str(name) for name in iter(self.inputs)]
        return tuple(it for name in names if not name.startswith("__") for it in leaves(self.get(name), name))

    @cached_property
    def region(self) -> str | Absent:
        """Region of the resource: its own `region`, else its provider's, else its ARN's.

        MISSING for a resource that has no region (IAM, CloudFront, Route 53 and the like) or shows none.
        """
        if self.type.startswith(GLOBAL_MODULES):
            return MISSING
        for value in (self.get("region"), get(self.provider_props, "region")):
            if value is UNKNOWN or (isinstance(value, str) and value):
                return value
        return arn_region(self.get("arn")) or MISSING


def decode_provider_input(value: Value) -> Value:
    """Decodes a provider's input from the JSON text in which Pulumi carries it."""
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    found = from_json(value)
    return value if found is None else plain(found)
