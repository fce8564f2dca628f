"""Uses of roles by services, as `roles.yaml` has them: who takes a role that a resource names, and for what."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rehearsal.cloud.types.formats import Format, Scope, value_at
from rehearsal.cloud.types.type_table import load_yaml
from rehearsal.iam.patterns import matches

_FILE: Final = Path(__file__).with_name("roles.yaml")


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Requests that a service makes with a role."""

    actions: tuple[str, ...]
    now: bool = (
        False  # whether AWS tries it when the role is given, so that its policies must be there before
    )
    where: Format = "*"  # ARN; `*` stands for no resource, and only the pattern `*` allows it
    keys: Mapping[str, Format] = field(default_factory=dict)  # beside the region and who asks
    given: str = ""  # an input without which they aren't made
    each: str = ""  # an input with an `{item}` for each of which they are made
    matching: Mapping[str, str] = field(
        default_factory=dict
    )  # input: pattern, without which they aren't made
    by: tuple[str, ...] = ()  # names of AWS's own policies, of which each allows them


@dataclass(frozen=True, kw_only=True)
class RoleUse:
    """Use of a role by a service."""

    role: str  # path of the input that has its ARN or name; `function->role` leads on to another resource's
    service: str
    code: str  # AWS's code
    takes: tuple[str, ...] = ("sts:AssumeRole",)
    keys: Mapping[str, Format] = field(
        default_factory=dict
    )  # that the service's request for the role carries
    untrusted: str = "the role can't be assumed"  # AWS's words
    tried: tuple[Trial, ...] = ()


def is_asked(given: str, matching: Mapping[str, str], scope: Scope) -> bool:
    """Returns whether a resource has an input, if one is given, and others that match their patterns."""
    if given and value_at(scope.values, given) in (None, "", [], False):
        return False
    found = {path: value_at(scope.values, path) for path in matching}
    return all(isinstance(value, str) and matches(matching[path], value) for path, value in found.items())


@functools.cache
def role_uses() -> dict[str, tuple[RoleUse, ...]]:
    """Uses of roles, by type."""
    return {token: tuple(map(_use, uses)) for token, uses in load_yaml(_FILE).items()}


def _use(written: Mapping[str, Any]) -> RoleUse:
    trials = tuple(Trial(**_tuples(one)) for one in written.get("tried", ()))
    return RoleUse(**{**_tuples(written), "tried": trials})


def _tuples(written: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in written.items()}
