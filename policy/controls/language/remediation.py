"""Remediation: values that a rule may write into a resource that breaks it, preserving secret and unknown values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_policy import deserialize

from controls.language.facts import MISSING, UNKNOWN, find, get

_SECRET: Final = (deserialize.SPECIAL_SIG_KEY, deserialize.SPECIAL_SECRET_SIG)
_DEFAULTS: Final = "__defaults"  # the names of the inputs that the provider filled in


@dataclass(frozen=True)
class Remedy:
    """Values that remediate a violation, by path, `*` standing for every element of a list.

    It holds only what is right wherever the rule is broken, and costs nothing that anybody has to choose.
    `anew` marks values that AWS takes when the resource is created: an existing one would be replaced, or would
    not change. Pulumi doesn't pass to a rule whether there is one. `unless` is an input beside which AWS
    refuses it.
    """

    values: Mapping[str, Any]
    create_only: bool = False
    unless: str = ""

    def applied(
        self, properties: Mapping[str, Any], violations: Callable[[Any], int]
    ) -> Mapping[str, Any] | None:
        """Properties with the remedy applied, in the form in which the SDK handed them over.

        `violations` counts those of a rule in some properties. A value is written only where it lowers their number,
        and never over one that isn't known; where a violation remains the result is None.
        """
        if self.unless and get(properties, self.unless) is not MISSING:
            return None
        count = violations(properties)
        for path, value in self.values.items():
            for where in [it for it, now in find(properties, path) if now is not UNKNOWN]:
                changed = _written(properties, where.split("."), value)
                if (left := violations(changed)) < count:
                    properties, count = changed, left
        return None if count else properties


def _written(properties: Mapping[str, Any], path: Sequence[str], value: Any) -> Mapping[str, Any]:
    """Copies the properties with the value at the path. The SDK's marks show what is secret in it."""
    return deserialize.deserialize_properties(
        _put(deserialize.serialize_properties(properties), path, value), True
    )


def _put(container: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return {**container, "value": value} if _is_secret(container) else value
    if _is_secret(container):
        return {**container, "value": _put(container["value"], path, value)}
    first, *rest = path
    if isinstance(container, list):
        return [_put(it, rest, value) if str(i) == first else it for i, it in enumerate(container)]
    fields = {} if container is None else container
    if not isinstance(fields, dict) or deserialize.SPECIAL_SIG_KEY in fields:
        return container
    written = {**fields, first: _put(fields.get(first), rest, value)}
    if _DEFAULTS in fields:  # what was written is no default any more, and isn't carried over as one
        written[_DEFAULTS] = [it for it in fields[_DEFAULTS] if it != first]
    return written


def _is_secret(value: Any) -> bool:
    key, signature = _SECRET
    return isinstance(value, dict) and value.get(key) == signature
