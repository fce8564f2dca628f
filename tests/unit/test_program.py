"""Invariants of every stack of the committed program, whatever the component."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pulumi
import pytest
import yaml

from tests.unit.conftest import CELLS
from tests.unit.harness import (
    ROOT,
    SECRET,
    Recorded,
    Run,
    committed,
    leaving,
    ledger_written_by,
    main,
    run,
    run_stack,
)


def every(stacks: dict[str, Run]) -> Iterator[tuple[str, Recorded]]:
    for stack, each in stacks.items():
        for resource in each.resources:
            yield stack, resource


def kind(resource: Recorded) -> str:
    return resource.type.rsplit(":", 1)[-1]


def test_main_is_at_most_forty_lines() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 40


def test_every_stack_has_one_aws_provider_for_one_account(stacks: dict[str, Run]) -> None:
    for stack, each in stacks.items():
        (provider,) = [resource for resource in each.resources if resource.type == "pulumi:providers:aws"]
        assert json.loads(provider.inputs["allowedAccountIds"]) == ["123456789012"]
        tags = json.loads(provider.inputs["defaultTags"])["tags"]
        assert tags == {"platform": "castle", "cell": stack, "managed-by": "pulumi"}


def test_the_provider_is_in_the_cells_region(stacks: dict[str, Run]) -> None:
    regions = {stack: each.one("aws").inputs["region"] for stack, each in stacks.items()}
    assert regions == {
        "us-east-1": "us-east-1",
        "eu-west-1": "eu-west-1",
        "us-west-2": "us-west-2",
        "global": "us-east-1",
    }


def test_every_resource_and_invoke_goes_through_that_provider(stacks: dict[str, Run]) -> None:
    for each in stacks.values():
        provider = each.one("aws")
        asked = [
            resource.provider
            for resource in each.resources
            if resource.custom and resource.type.startswith("aws:")
        ]
        asked += [resource.providers["aws"] for resource in each.resources if resource.remote]
        asked += [invoke.provider for invoke in each.invokes]
        assert {reference.rsplit("::", 1)[0] for reference in asked} == {provider.urn}


def test_objects_go_into_their_own_cells_cluster(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        objects = [each for each in stacks[cell].resources if each.type.startswith("kubernetes:")]
        inside = stacks[cell].one("cell-cluster-kubernetes")
        assert objects
        assert inside.inputs["clusterIdentifier"] == stacks[cell].one("cell-cluster-eks").inputs["name"]
        assert all(each.provider.startswith(inside.urn) for each in objects)


def test_default_providers_are_disabled_for_aws_and_kubernetes() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert config["pulumi:disable-default-providers"] == {"value": ["aws", "kubernetes"]}


def test_every_child_is_named_after_its_component(stacks: dict[str, Run]) -> None:
    """Target groups aside: AWS takes 32 characters of their names, which leaves 24 for the logical one."""
    for _, resource in every(stacks):
        parent = resource.parent.rsplit("::", 1)[-1]
        if resource.type == "aws:lb/targetGroup:TargetGroup":
            assert resource.name.endswith("-targets"), resource.urn
        elif resource.parent.split("::")[2].startswith("castle:"):
            assert resource.name.startswith(f"{parent}-"), resource.urn


def test_every_component_registers_its_outputs(stacks: dict[str, Run]) -> None:
    for each in stacks.values():
        components = {
            resource.urn for resource in each.resources if not resource.custom and not resource.remote
        }
        assert components <= each.finished


def test_ignored_inputs_are_spelled_as_the_engine_spells_them(stacks: dict[str, Run]) -> None:
    for _, resource in every(stacks):
        assert not [path for path in resource.ignore_changes if "_" in path], resource.urn


def test_no_output_was_written_into_a_string(stacks: dict[str, Run]) -> None:
    for _, resource in every(stacks):
        # Archives hold their files as attributes.
        assert "Calling __str__ on an Output" not in json.dumps(resource.inputs, default=vars), resource.urn


def test_a_retiring_stack_protects_nothing(retiring: Run) -> None:
    assert [resource.urn for resource in retiring.resources if resource.protect] == []


def test_a_retiring_stack_has_no_deletion_protection_left_in_aws(retiring: Run) -> None:
    assert retiring.one("cell-ledger-cluster").inputs["deletionProtection"] is False
    assert retiring.one("cell-cluster-eks").inputs["deletionProtection"] is False
    assert retiring.one("cell-endpoint-alb").inputs["enableDeletionProtection"] is False
    kept = {bucket.name for bucket in retiring.of("Bucket") if not bucket.inputs["forceDestroy"]}
    assert kept == {"cell-audit-bucket"}  # locked: it is left to AWS
    assert all(vault.inputs["forceDestroy"] for vault in retiring.of("Vault"))


def test_every_key_arn_is_of_the_resources_own_region(stacks: dict[str, Run]) -> None:
    seen = 0
    for stack, resource in every(stacks):
        region = resource.inputs.get("region") or stacks[stack].one("aws").inputs["region"]
        for key in ("kmsKeyId", "kmsMasterKeyId", "performanceInsightsKmsKeyId"):
            if arn := resource.inputs.get(key):
                assert f":{region}:" in arn, resource.urn
                seen += 1
    # In three cells the ledger's cluster, its log group and two instances, two caches, two logs and the alarms'
    # topic; at the edge a topic and the firewall's log. What is added only adds.
    assert seen >= 3 * (4 + 2 + 2 + 1) + 2


def test_no_stack_exports_a_secret(stacks: dict[str, Run]) -> None:
    for each in stacks.values():
        assert SECRET not in json.dumps(each.outputs)


def test_stacks_read_only_what_was_deployed_before_them(exported: dict[str, dict[str, object]]) -> None:
    # The birth cell reads nothing, and a joining one the cells before it: more would be a KeyError here.
    run_stack("us-east-1", {})
    run_stack("eu-west-1", {"us-east-1": exported["us-east-1"]})
    run_stack("us-west-2", {cell: exported[cell] for cell in ("us-east-1", "eu-west-1")})


def test_the_same_program_runs_with_everything_unknown(exported: dict[str, dict[str, object]]) -> None:
    for stack in ("us-east-1", "eu-west-1", "global"):
        previewed = run(main, stack=stack, config=committed(stack), stacks=exported, preview=True)
        assert previewed.resources


def test_a_leaving_cell_is_absent_for_the_others(exported: dict[str, dict[str, object]]) -> None:
    cells = leaving("us-west-2")
    birth = run_stack("us-east-1", {}, cells=cells)
    edge = run_stack("global", {cell: exported[cell] for cell in ("us-east-1", "eu-west-1")}, cells=cells)
    for each in (birth, edge):
        assert not [resource.urn for resource in each.resources if "us-west-2" in resource.name]


def test_a_leaving_cell_is_whole_for_itself(
    stacks: dict[str, Run], exported: dict[str, dict[str, object]]
) -> None:
    left = run_stack("us-west-2", exported, cells=leaving("us-west-2"))
    assert {each.urn for each in left.resources} == {each.urn for each in stacks["us-west-2"].resources}


def test_a_cell_outside_the_ledger_has_none_and_is_otherwise_whole(
    exported: dict[str, dict[str, object]],
) -> None:
    sizes = {"zones": ["a", "b", "c"], "nat": "one", "flowLogDays": 30, "logDays": 30}
    without = run_stack("us-west-2", exported, ledgerMembers=["us-east-1", "eu-west-1"], sizes=sizes)
    assert not [each for each in without.resources if each.type.startswith("aws:rds")]
    assert without.of("Vpc")
    assert without.of("LoadBalancer")


def test_a_users_mistake_ends_the_program_with_its_line_alone() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        run_stack("us-east-1", {}, birthCell="eu-west-1")
    assert str(raised.value) == (
        "castle:birthCell: eu-west-1 is not the first of castle:cells, and a stack reads only from earlier ones; "
        "write us-east-1, or list eu-west-1 first"
    )
    assert raised.value.__cause__ is None


def test_retiring_the_writer_while_others_read_is_refused(exported: dict[str, dict[str, object]]) -> None:
    with pytest.raises(pulumi.RunError) as raised:
        run_stack(
            "eu-west-1",
            exported,
            ledger_written_by("eu-west-1", "us-east-1"),
            cells=leaving("eu-west-1"),
            retire=True,
        )
    assert str(raised.value) == (
        "castle:retire: true, but arn:aws:rds:eu-west-1:123456789012:cluster:castle-eu-west-1-ledger writes the "
        "ledger for arn:aws:rds:us-east-1:123456789012:cluster:castle-us-east-1-ledger; "
        "switch over to one of them first"
    )
