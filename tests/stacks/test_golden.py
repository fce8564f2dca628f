"""The names of everything: a URN is the key of the state, so a change here replaces something in the cloud.

Of each stack there are two lists: `empty` before images could be pushed, `released` with them. When a change is
meant, give the resource an alias and record the lists anew: `make golden`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.stacks.platform import Platform

GOLDEN = Path(__file__).parent / "golden"
TIMES = ["empty", "released"]
STACKS = ["us-east-1", "eu-west-1", "us-west-2", "global"]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("time", TIMES)
def test_a_stack_has_exactly_the_recorded_urns(platform: Platform, time: str, stack: str) -> None:
    results = platform.results if time == "released" else platform.empty
    now = sorted(resource.urn for resource in results[stack].resources)
    file = GOLDEN / time / f"{stack}.txt"
    if os.environ.get("RECORD") == "golden":
        file.write_text("".join(f"{urn}\n" for urn in now))
    assert now == file.read_text().splitlines()


def test_there_is_a_list_for_every_stack_and_no_other(platform: Platform) -> None:
    assert list(platform.results) == list(platform.empty) == STACKS
    listed = {f"{time}/{stack}.txt" for time in TIMES for stack in STACKS}
    assert {str(file.relative_to(GOLDEN)) for file in GOLDEN.rglob("*.txt")} == listed


def test_a_release_adds_and_takes_nothing_away(platform: Platform) -> None:
    for stack, result in platform.empty.items():
        released = {one.urn for one in platform.results[stack].resources}
        assert {one.urn for one in result.resources} <= released
