"""Replacement by force, of all that isn't protected: nothing is refused, and nothing is lost afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.effort import by_night
from tests.stacks.platform import Platform
from tests.stacks.replacements.walk import REFUSED, errors, is_replaceable, walk

STACKS = ["us-east-1", "eu-west-1", "us-west-2", "global"]
# eu-west-1 joins as us-west-2 does, and has the runtime of us-east-1.
WALKED = by_night(["us-east-1", "us-west-2", "global"], STACKS)
QUICK = "aws:iam/policy:Policy"  # the one whose refusal comes first


def firsts(platform: Platform) -> dict[str, list[str]]:
    """The first resource of each type that may be replaced, by its stack: of the first stack that has one."""
    found: dict[str, list[str]] = {}
    seen = set(REFUSED)
    for stack, resource in platform.resources():
        if is_replaceable(resource) and resource.type not in seen:
            seen.add(resource.type)
            found.setdefault(stack, []).append(resource.urn)
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_one_of_each_type_is_replaced_at_once(
    platform: Platform, platform_state: Path, tmp_path: Path, stack: str
) -> None:
    chosen = firsts(platform).get(stack, [])
    if not chosen:
        pytest.skip("every type of it is in a stack before it")
    with walk(platform_state, tmp_path / "state", stack) as walked:
        result = walked.replace(*chosen)
        assert errors(result) == []
        assert set(chosen) <= {step.urn for step in result.steps if step.op == "replace"}
        assert walked.lost() == []
        assert walked.planned() == 0


@pytest.mark.slow
@pytest.mark.parametrize("stack", WALKED)
def test_every_resource_is_replaced_one_kind_after_another(
    platform_state: Path, tmp_path: Path, stack: str
) -> None:
    with walk(platform_state, tmp_path / "state", stack) as walked:
        kinds = walked.kinds()
        for kind in [it for it in kinds if it not in REFUSED]:
            assert (kind, errors(walked.replace(*kinds[kind])), walked.lost()) == (kind, [], [])
        walked.opened.refresh(stack)
        assert walked.planned() == 0


@pytest.mark.parametrize(
    "kind", [it if it == QUICK else pytest.param(it, marks=pytest.mark.slow) for it in REFUSED]
)
def test_what_aws_wont_replace_is_refused_and_comes_to_no_harm(
    platform_state: Path, tmp_path: Path, kind: str
) -> None:
    with walk(platform_state, tmp_path / "state", "us-east-1") as walked:
        (error,) = errors(walked.replace(*walked.kinds()[kind]))
        assert re.search(rf"\b({REFUSED[kind]['code']}): ", error)
        assert errors(walked.replace()) == []
        assert walked.lost() == []
        assert walked.planned() == 0
