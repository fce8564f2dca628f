"""Sizes of services that are refused, and their defaults."""

from __future__ import annotations

from typing import Any

import pytest

from settings import ServiceSizes
from settings.catalogue import SERVICES
from settings.service_sizes import FARGATE_MEMORY
from tests.unit.settings.given import COMMITTED, cell, refusal


def services(stack: str = "us-east-1", **each: dict[str, Any]) -> dict[str, ServiceSizes]:
    named = {name.replace("_", "-"): values for name, values in each.items()}
    return dict(cell(stack, sizes={"services": named}).sizes.services.by_name())


def refused(name: str, **values: object) -> str:
    return refusal(sizes={"services": {name: values}})


def test_settings_know_exactly_the_services_of_the_table() -> None:
    assert list(services()) == list(SERVICES)


def test_without_a_word_a_service_runs_in_every_zone_on_eks() -> None:
    for sizes in services().values():
        assert (sizes.runtime, sizes.least, sizes.spot) == ("eks", 3, 0)


def test_a_service_may_run_on_fargate_in_part_on_spot() -> None:
    found = services(market_data={"runtime": "fargate", "spot": "50", "cpu": "0.5"})
    sizes = found["market-data"]
    assert (sizes.runtime, sizes.spot, sizes.cpu) == ("fargate", 50, 0.5)


def test_an_unknown_service_is_told_the_nearest() -> None:
    assert refused("trading", least=3) == (
        "castle:sizes.services.trading: unknown key; did you mean castle:sizes.services.trading-api?"
    )


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"runtime": "ecs"}, "runtime: ecs is not one of eks, fargate; write for example eks"),
        ({"least": 2}, "least: 2 is fewer than the cell's 3 zones; write 3 or more"),
        ({"least": 5, "most": 4}, "most: 4 is fewer than least 5; write 5 or more"),
        ({"cpu": 3}, "cpu: 3 is not one of 0.25, 0.5, 1, 2, 4 vCPU; write for example 1"),
        (
            {"cpu": 1, "memory": 1024},
            "memory: 1024 MiB don't go with 1 vCPU; write 2048 to 8192 in steps of 1024",
        ),
        (
            {"cpu": 0.25, "memory": 768},
            "memory: 768 MiB don't go with 0.25 vCPU; write 512 to 2048 in steps of 512",
        ),
        ({"spot": 50}, "spot: 50 is of Fargate alone, and accounts runs on eks; delete it"),
        (
            {"runtime": "fargate", "spot": 101},
            "spot: 101 is not a whole number from 0 to 100; write for example 50",
        ),
        (
            {"requests": 0},
            "requests: 0 is not a whole number of requests a second for each replica, from 1 to 100000; "
            "write for example 100",
        ),
    ],
)
def test_sizes_that_cant_be(values: dict[str, object], line: str) -> None:
    assert refused("accounts", **values) == f"castle:sizes.services.accounts.{line}"


def test_every_pair_that_fargate_has_is_allowed() -> None:
    for cpu, memory in FARGATE_MEMORY.items():
        for each in (memory[0], memory[-1]):
            assert services(payments={"cpu": cpu, "memory": each})["payments"].memory == each


def test_the_committed_stacks_prove_both_runtimes() -> None:
    runtimes = {stack: cell(stack).sizes.services.by_name() for stack in COMMITTED}
    assert {stack: {sizes.runtime for sizes in each.values()} for stack, each in runtimes.items()} == {
        "us-east-1": {"eks"},
        "eu-west-1": {"eks"},
        "us-west-2": {"eks", "fargate"},
    }
