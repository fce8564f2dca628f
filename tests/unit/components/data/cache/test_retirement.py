"""A cell whose member of the global cache is the primary doesn't retire while others follow it."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.data.cache.retirement import refuse_to_retire_the_primary, refuse_to_retire_while_primary
from tests.unit.harness import run

ASKED = "aws:cloudcontrol/getResource:getResource"


def members(**roles: str) -> list[dict[str, Any]]:
    return [{"ReplicationGroupId": group, "Role": role} for group, role in roles.items()]


def test_the_primary_of_others_is_refused() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        refuse_to_retire_the_primary("eu", members(us="SECONDARY", eu="PRIMARY"))
    assert str(raised.value) == (
        "castle:retire: true, but eu is the primary of the global cache, with us behind it; promote one of them first"
    )


@pytest.mark.parametrize(
    "roles", [{"eu": "SECONDARY", "us": "PRIMARY"}, {"eu": "PRIMARY"}, {"us": "PRIMARY"}]
)
def test_a_secondary_and_the_last_one_may_go(roles: dict[str, str]) -> None:
    refuse_to_retire_the_primary("eu", members(**roles))


def test_the_datastore_is_asked() -> None:
    answer = {"properties": json.dumps({"Members": members(us="SECONDARY", eu="PRIMARY")})}

    def program() -> None:
        parent = pulumi.ComponentResource("castle:test:Parent", "parent")
        refuse_to_retire_while_primary("abc-market", "eu", parent=parent)

    with pytest.raises(pulumi.RunError, match="eu is the primary"):
        run(program, answers={ASKED: lambda _: answer})
