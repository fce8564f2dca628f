"""Links between resources are found once for all, however large a stack is."""

from __future__ import annotations

from typing import Any

import pytest
from controls.language.graph import Graph

from tests.policy.asking import Res, nodes, rule_named

VPC, LOG = "aws:ec2/vpc:Vpc", "aws:ec2/flowLog:FlowLog"


def networks(count: int) -> Graph:
    """So many networks, each with a log."""
    stack = [
        it
        for number in range(count)
        for it in (
            Res(VPC, {"id": f"vpc-{number}"}, f"vpc{number}"),
            Res(LOG, {"vpcId": f"vpc-{number}", "trafficType": "ALL"}, f"log{number}"),
        )
    ]
    return Graph(nodes({"main": stack})["main"])


def test_referrers_are_those_that_point_at_a_resource_each_once() -> None:
    graph = Graph(
        nodes(
            {
                "main": [
                    Res(VPC, {"id": "vpc-1"}, "one"),
                    Res(VPC, {"id": "vpc-2"}, "two"),
                    Res(LOG, {"vpcId": "vpc-1"}, "first"),
                    Res(LOG, {}, "second", needs={"vpcId": ["one", "one"]}),
                ]
            }
        )["main"]
    )
    one, two = graph.of((VPC,))
    assert [it.name for it in graph.referrers((LOG,), "vpcId", one)] == ["first", "second"]
    assert graph.referrers((LOG,), "vpcId", two) == []
    assert graph.referrers((LOG,), "subnetId", one) == []


def test_a_stack_rule_follows_as_many_references_as_there_are_resources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    followed: list[str] = []
    targets = Graph.targets

    def counted(self: Graph, *asked: Any) -> Any:
        followed.append("link")
        return targets(self, *asked)

    monkeypatch.setattr(Graph, "targets", counted)
    for count in (10, 100):
        followed.clear()
        assert rule_named("vpc-flow-logs-enabled").run(networks(count), {}) == []
        assert len(followed) <= 2 * count
