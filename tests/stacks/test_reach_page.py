"""The page about who reaches whom is what the graph says; `make reach-page` writes it anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rehearsal.engine.records import Resource
from tests.stacks.platform import ROOT, Platform
from tests.stacks.reach_page import EGRESS, INGRESS, POLICY, ROUTE, page

PAGE = ROOT / "docs" / "reach.md"


def changed(platform: Platform, change: Callable[[Resource], Resource | None]) -> Platform:
    """The platform with every resource replaced by what `change` makes of it, or taken out."""
    return replace(
        platform,
        results={
            stack: replace(
                result, resources=[new for it in result.resources if (new := change(it)) is not None]
            )
            for stack, result in platform.results.items()
        },
    )


def with_inputs(resource: Resource, **inputs: Any) -> Resource:
    return replace(resource, inputs={**resource.inputs, **inputs})


def rows(platform: Platform) -> set[str]:
    return {line for line in page(platform).splitlines() if line.startswith("|")}


def test_the_page_is_current(platform: Platform) -> None:
    now = page(platform)
    if os.environ.get("RECORD") == "reach-page":
        PAGE.write_text(now)
    assert PAGE.read_text() == now, (
        "docs/reach.md isn't what the stacks say; look at it, then `make reach-page`"
    )


CONSENTS: dict[str, tuple[Callable[[Resource], bool], str]] = {
    "the way in": (lambda it: it.type == INGRESS and "cell-ledger-from-" in it.urn, "| ledger |"),
    "the way out": (lambda it: it.type == EGRESS and "cell-rotation-to-" in it.urn, "rotation |"),
    "the route": (
        lambda it: it.type == ROUTE and "vpcPeeringConnectionId" in it.inputs,
        "other cells' matcher |",
    ),
}


@pytest.mark.parametrize(
    "consent", [pytest.param(it, marks=() if it == "the way in" else pytest.mark.slow) for it in CONSENTS]
)
def test_without_a_consent_there_is_no_way(platform: Platform, consent: str) -> None:
    taken, whose = CONSENTS[consent]
    found = rows(changed(platform, lambda it: None if taken(it) else it))
    assert any(whose in row for row in rows(platform) - found)
    assert not found - rows(platform)


def test_a_wider_rule_is_another_row(platform: Platform) -> None:
    def widened(it: Resource) -> Resource:
        if it.type == INGRESS and it.urn.endswith("cell-market-from-cluster"):
            return with_inputs(it, fromPort=0, toPort=65535)
        return it

    assert "| cluster | market | all | every cell |" in rows(changed(platform, widened)) - rows(platform)


def test_pods_reach_what_their_policies_let_them(platform: Platform) -> None:
    free = changed(platform, lambda it: None if it.type == POLICY else it)
    pods = [row for row in rows(platform) if "pods of payments" in row]
    assert pods
    assert len([row for row in rows(free) if "pods of payments" in row]) > len(pods)
