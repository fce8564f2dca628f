"""Config to start from, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from settings import CellSettings, EdgeSettings, SettingsError, parse
from settings.placement import DATASETS
from tests.unit.harness import committed

SIZES = {
    "zones": ["a", "b", "c"],
    "nat": "perZone",
    "flowLogDays": 90,
    "logDays": 400,
    "ledger": {"minAcu": 8, "maxAcu": 64},
}
COMMITTED = ("us-east-1", "eu-west-1", "us-west-2")
CELLS = [
    {"name": "us-east-1", "region": "us-east-1", "cidr": "10.0.0.0/16"},
    {"name": "eu-west-1", "region": "eu-west-1", "cidr": "10.1.0.0/16"},
    {"name": "us-west-2", "region": "us-west-2", "cidr": "10.2.0.0/16"},
]
EUROPEAN = ["eu-west-1", "eu-north-1"]
ONLY_BIRTH: dict[str, Any] = {"ledgerMembers": ["us-east-1"], "cacheMembers": ["us-east-1"]}


def config(stack: str = "us-east-1", **changes: object) -> dict[str, object]:
    return {**committed(stack), **{f"castle:{key}": value for key, value in changes.items()}}


def cell(stack: str = "us-east-1", **changes: object) -> CellSettings:
    found = parse(stack, config(stack, **changes))
    assert isinstance(found, CellSettings)
    return found


def edge(**changes: object) -> EdgeSettings:
    found = parse("global", config("global", **changes))
    assert isinstance(found, EdgeSettings)
    return found


def refusal(stack: str = "us-east-1", **changes: object) -> str:
    with pytest.raises(SettingsError) as raised:
        parse(stack, config(stack, **changes))
    return str(raised.value)


def with_cell(number: int, **changes: object) -> list[dict[str, Any]]:
    return [each | (changes if at == number else {}) for at, each in enumerate(CELLS)]


def sizes(**changes: object) -> dict[str, object]:
    return SIZES | changes


def datasets(**residencies: str) -> Mapping[str, object]:
    anywhere = dict.fromkeys(DATASETS, "global")
    return {
        name: {"class": "public" if name == "web" else "ledger", "residency": residency}
        for name, residency in (anywhere | residencies).items()
    }
