"""Import of things that exist, from the command line into the program. What it records is held against the CLI's."""

from __future__ import annotations

import pytest

from rehearsal.cloud.types.schema import Schemas
from rehearsal.commands.stacks.snippets import snippet
from rehearsal.engine.records import Resource
from rehearsal.values import Secret
from tests.rehearsal.commands.stacks.command_line import PROVIDER, SUBNET, VPC_TEXT, asked, run, two_stacks
from tests.rehearsal.lab import HEAD, Lab, ops
from tests.root import SCHEMAS

TYPE = "aws:ec2/subnet:Subnet"


@pytest.fixture
def unmanaged(lab: Lab) -> tuple[Lab, str]:
    """A lab with a subnet that belongs to no stack any more, and its id."""
    assert not two_stacks(lab).up().failed
    (subnet,) = (one for one in lab.engine().records("dev") if one.urn == SUBNET)
    run(lab, "state", "delete", SUBNET)
    return lab, str(subnet.id)


def test_the_text_that_is_printed_takes_over_what_was_imported(unmanaged: tuple[Lab, str]) -> None:
    lab, id_ = unmanaged
    said = run(lab, "import", TYPE, "subnet", id_, "--stack", "dev", "--provider", f"p={PROVIDER}")
    assert lab.living() == {"Vpc vpc", "Subnet subnet"}
    text = said.partition("import pulumi_aws as aws\n")[2]
    lab.program(VPC_TEXT + text, HEAD)
    done = lab.up()
    assert not done.failed, done.events
    assert ops(done) == []


def test_what_the_program_lacks_is_kept_by_its_protection(unmanaged: tuple[Lab, str]) -> None:
    lab, id_ = unmanaged
    run(lab, "import", TYPE, "subnet", id_, "--stack", "dev", "--provider", PROVIDER, "--no-generate-code")
    lab.program(VPC_TEXT)
    assert lab.up().failed
    assert "Subnet subnet" in lab.living()


def test_a_preview_of_an_import_records_nothing(unmanaged: tuple[Lab, str]) -> None:
    lab, id_ = unmanaged
    before = lab.lines()
    line = ("import", TYPE, "subnet", id_, "--stack", "dev", "--provider", PROVIDER)
    assert f"  import  {TYPE} subnet" in run(lab, *line, "--preview-only")
    assert lab.lines() == before


def test_a_file_that_isnt_there_is_one_line(lab: Lab) -> None:
    code, said = asked(two_stacks(lab), "import", "--file", "none.json", "--stack", "dev")
    assert (code, len(said.splitlines())) == (1, 1)
    assert said.startswith("error: could not read import file: ")


def test_keys_of_objects_are_spelled_as_in_python_and_those_of_maps_as_they_are() -> None:
    group = Resource(
        urn="urn:pulumi:dev::lab::aws:ec2/securityGroup:SecurityGroup::my-sg",
        type="aws:ec2/securityGroup:SecurityGroup",
        custom=True,
        inputs={
            "description": Secret("hush"),
            "ingress": [{"fromPort": 1, "cidrBlocks": ["10.0.0.0/8"]}],
            "name": "made-up",
            "revokeRulesOnDelete": True,
            "tags": {"fromPort": "1"},
            "tagsAll": {"fromPort": "1"},
            "__defaults": ["name"],
        },
    )
    assert snippet([group], {}, Schemas(SCHEMAS)).splitlines() == [
        "import pulumi",
        "import pulumi_aws as aws",
        "",
        'my_sg = aws.ec2.SecurityGroup("my-sg",',
        '    description=pulumi.Output.secret("..."),',
        "    ingress=[",
        "        {",
        '            "from_port": 1,',
        '            "cidr_blocks": [',
        '                "10.0.0.0/8",',
        "            ],",
        "        },",
        "    ],",
        "    revoke_rules_on_delete=True,",
        "    tags={",
        '        "fromPort": "1",',
        "    },",
        ")",
    ]
