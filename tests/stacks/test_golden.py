"""The names of everything: a URN is the key of the state, so a change here replaces something in the cloud.

When a change is meant, give the resource an alias and record the list anew: `make golden`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.stacks.platform import Platform

GOLDEN = Path(__file__).parent / "golden"
STACKS = ["us-east-1", "eu-west-1", "us-west-2", "global"]


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_has_exactly_the_recorded_urns(platform: Platform, stack: str) -> None:
    now = sorted(resource.urn for resource in platform.results[stack].resources)
    file = GOLDEN / f"{stack}.txt"
    if os.environ.get("RECORD") == "golden":
        file.write_text("".join(f"{urn}\n" for urn in now))
    assert now == file.read_text().splitlines()


def test_there_is_a_list_for_every_stack_and_no_other(platform: Platform) -> None:
    assert list(platform.results) == STACKS
    assert {file.stem for file in GOLDEN.iterdir()} == set(STACKS)
