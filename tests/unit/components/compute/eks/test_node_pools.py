from __future__ import annotations

import pulumi_kubernetes as k8s
import pytest

from components.compute.eks.node_pools import NodePools, NodePoolsArgs
from tests.unit.harness import Recorded, Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-disks"


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        kubernetes = k8s.Provider("inside", kubeconfig="{}")
        enforcement = k8s.core.v1.ConfigMap("enforcement")
        NodePools(
            "nodes",
            NodePoolsArgs(
                kubernetes=kubernetes,
                enforcement=enforcement,
                node_role="castle-node",
                app_subnet_ids={"b": "subnet-b", "a": "subnet-a"},
                security_group_id="sg-1",
                disk_key_arn=KEY,
            ),
        )

    return run(program)


def pools(made: Run, label: str) -> list[Recorded]:
    return [
        each
        for each in made.of("NodePool")
        if each.inputs["spec"]["template"]["metadata"]["labels"] == {"castle/pool": label}
    ]


def wanted(pool: Recorded, key: str) -> list[str]:
    (found,) = [it for it in pool.inputs["spec"]["template"]["spec"]["requirements"] if it["key"] == key]
    assert found["operator"] == "In"
    return found["values"]


def weight(pool: Recorded) -> int:
    return pool.inputs["spec"]["weight"]


def test_nodes_are_in_the_app_subnets_with_the_clusters_role_and_group(made: Run) -> None:
    spec = made.one("nodes-class").inputs["spec"]
    assert spec["role"] == "castle-node"
    assert spec["subnetSelectorTerms"] == [{"id": "subnet-a"}, {"id": "subnet-b"}]
    assert spec["securityGroupSelectorTerms"] == [{"id": "sg-1"}]


def test_another_node_class_can_stand_beside_the_first(made: Run) -> None:
    """Its name is the provider's choice, and pools take it from there."""
    node_class = made.one("nodes-class")
    assert "metadata" not in node_class.inputs
    for pool in made.of("NodePool"):
        reference = pool.inputs["spec"]["template"]["spec"]["nodeClassRef"]
        assert reference["name"] == f"{node_class.name}-id"


def test_disks_of_nodes_are_under_a_key_of_ours(made: Run) -> None:
    assert made.one("nodes-class").inputs["spec"]["ephemeralStorage"]["kmsKeyID"] == KEY


def test_pods_are_isolated_until_a_policy_says_otherwise_and_what_is_refused_is_logged(made: Run) -> None:
    spec = made.one("nodes-class").inputs["spec"]
    assert (spec["networkPolicy"], spec["networkPolicyEventLogs"]) == ("DefaultDeny", "Enabled")


def test_no_node_starts_before_policies_are_enforced(made: Run) -> None:
    """A node learns of the enforcement when it starts."""
    for pool in made.of("NodePool"):
        assert {made.one("enforcement").urn, made.one("nodes-class").urn} <= pool.depends_on


def test_every_node_is_graviton(made: Run) -> None:
    assert len(made.of("NodePool")) == 4
    for pool in made.of("NodePool"):
        assert wanted(pool, "kubernetes.io/arch") == ["arm64"]


def test_services_are_on_demand_first_and_on_spot_only_if_there_is_none(made: Run) -> None:
    """Karpenter tries the heavier pool first; in one pool with both it would try Spot first."""
    first, second = sorted(pools(made, "services"), key=weight, reverse=True)
    assert weight(first) > weight(second)
    assert wanted(first, "karpenter.sh/capacity-type") == ["on-demand"]
    assert wanted(second, "karpenter.sh/capacity-type") == ["spot"]


@pytest.mark.parametrize(("label", "capacity"), [("payments", "on-demand"), ("batch", "spot")])
def test_payments_and_batch_have_nodes_that_nothing_else_comes_to(
    made: Run, label: str, capacity: str
) -> None:
    (pool,) = pools(made, label)
    assert wanted(pool, "karpenter.sh/capacity-type") == [capacity]
    taints = pool.inputs["spec"]["template"]["spec"]["taints"]
    assert taints == [{"key": "castle/pool", "value": label, "effect": "NoSchedule"}]


def test_services_come_to_their_nodes_without_tolerating_anything(made: Run) -> None:
    for pool in pools(made, "services"):
        assert pool.inputs["spec"]["template"]["spec"]["taints"] == []


def test_every_pool_ends_and_lets_go_of_its_nodes_a_few_at_a_time(made: Run) -> None:
    for pool in made.of("NodePool"):
        spec = pool.inputs["spec"]
        assert spec["limits"].keys() == {"cpu", "memory"}
        assert len(spec["disruption"]["budgets"]) == 1
        assert spec["template"]["spec"]["expireAfter"] == "336h"
