"""State edits between operations: what the next one makes of them. What each changes is held against the CLI's."""

from __future__ import annotations

import pytest

from tests.rehearsal.commands.stacks.command_line import (
    SUBNET,
    SUBNET_TEXT,
    VPC,
    VPC_TEXT,
    asked,
    run,
    two_stacks,
)
from tests.rehearsal.lab import Lab, nothing_changes, ops


@pytest.fixture
def up(lab: Lab) -> Lab:
    assert not two_stacks(lab).up().failed
    return lab


def test_what_is_forgotten_stays_in_the_cloud_and_is_no_stacks(up: Lab) -> None:
    assert run(up, "state", "delete", SUBNET) == "Resource deleted\n"
    assert up.living() == {"Vpc vpc"}
    assert [thing.type for thing in up.engine().cloud.retained()] == ["aws:ec2/subnet:Subnet"]


def test_what_was_renamed_before_it_is_forgotten_is_no_stacks_either(up: Lab) -> None:
    run(up, "state", "rename", SUBNET, "zone")
    run(up, "state", "delete", SUBNET.replace("::subnet", "::zone"))
    assert up.living() == {"Vpc vpc"}


def test_a_refused_edit_changes_nothing(up: Lab) -> None:
    before = up.lines()
    code, said = asked(up, "state", "delete", VPC)
    assert code == 1
    assert "Delete those resources first or pass --target-dependents." in said
    assert up.lines() == before


def test_a_rename_before_the_programs_own_saves_a_replacement(up: Lab) -> None:
    run(up, "state", "rename", VPC, "main")
    up.program((VPC_TEXT + SUBNET_TEXT).replace('"vpc", cidr', '"main", cidr'))
    nothing_changes(up)


def test_a_moved_resource_is_the_other_stacks(up: Lab) -> None:
    said = run(up, "state", "move", SUBNET, "--dest", "next")
    assert f"  - {SUBNET} (vpcId) has a property dependency on {VPC}" in said
    vpc, _, subnet = (VPC_TEXT + SUBNET_TEXT).splitlines()
    (id_,) = (one.id for one in up.engine().records("dev") if one.urn == VPC)
    subnet = subnet.replace("vpc.id", f'"{id_}"')
    up.program(f'if pulumi.get_stack() == "dev":\n    {vpc}\nelse:\n    {subnet}\n')
    assert ops(up.up()) == []
    assert ops(up.up("next")) == []


def test_what_the_state_protects_stays_until_the_program_is_run(up: Lab) -> None:
    run(up, "state", "protect", "--all", "--stack", "dev")
    assert up.destroy().failed
    assert not up.up().failed
    assert not up.destroy().failed


def test_a_tainted_resource_is_replaced_by_the_next_update_alone(up: Lab) -> None:
    run(up, "state", "taint", VPC, SUBNET)
    assert run(up, "show", "dev").count("(tainted)") == 2
    run(up, "state", "untaint", SUBNET)
    assert "replace vpc" in ops(up.up())
    nothing_changes(up)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("protect", "--all"), "name the stack with --stack; there are dev, next"),
        (("delete", VPC, "--stack", "prod"), "no stack is called prod; there are dev, next"),
        (("move", VPC, "--dest", "dev"), "dev has them already: --dest is the stack to move them to"),
    ],
)
def test_a_mistake_is_one_line(up: Lab, arguments: tuple[str, ...], says: str) -> None:
    assert asked(up, "state", *arguments) == (1, f"error: {says}\n")
