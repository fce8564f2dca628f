"""Reading IAM documents in tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def statements(document: Mapping[str, object]) -> dict[str, Mapping[str, Any]]:
    """The statements of a policy by their Sid."""
    return {each["Sid"]: each for each in each_of(document)}


def each_of(document: Mapping[str, object]) -> list[Mapping[str, Any]]:
    """The statements of a policy, with or without a Sid."""
    found = document["Statement"]
    assert isinstance(found, list)
    return found


def actions(statement: Mapping[str, Any]) -> list[str]:
    found = statement["Action"]
    return [found] if isinstance(found, str) else list(found)
