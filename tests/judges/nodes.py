"""Node of a judge's input: a structure with members, a list, a map or a scalar, with its bound.

`Shape` in `service_models.py` is one of botocore's, `Property` in `resource_schemas.py` one of cfn-lint's.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

Bound = dict[str, Any]  # pattern, minLength, maxLength, minimum, maximum, minItems, maxItems, enum, anyOf

BOTOCORE: Final = "botocore"
CFN_LINT: Final = "cfn-lint"


class Node(Protocol):
    """One place in the input that a judge describes."""

    @property
    def where(self) -> str: ...

    @property
    def members(self) -> Mapping[str, Node]:
        """Members of a structure by name; empty for anything else."""
        ...

    @property
    def item(self) -> Node | None:
        """Item of a list, or value of a map; None for anything else."""
        ...

    @property
    def bound(self) -> Bound:
        """Bound beyond the type; empty if the judge says nothing."""
        ...


def folder_of(package: str) -> Path:
    """Folder of an installed package, which need not be imported for its data."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} isn't installed; `make setup` brings it")
    return Path(next(iter(spec.submodule_search_locations)))


NO_LIMIT: Final = 2**31 - 1  # the same as none


def telling(bound: Bound) -> Bound:
    """The bound without patterns that refuse nothing."""
    if bound.get("pattern") in (".*", "^.*$", "[\\s\\S]*", "^[\\s\\S]*$", "(?s).*", "^(?s).*$"):
        return {name: value for name, value in bound.items() if name != "pattern"}
    return bound
