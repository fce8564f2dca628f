"""Command `chains`, as a person uses it."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from rehearsal.commands.cli import app
from tests.rehearsal.lab import Lab

NETWORK = """
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24", opts=o)
aws.ec2.RouteTable("routes", vpc_id=vpc.id, opts=O(provider=p, depends_on=[subnet]))
"""


def chains(lab: Lab, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["-C", str(lab.folder), "chains", *arguments])


def test_chains_of_a_stack_name_who_asks_for_each_link(lab: Lab) -> None:
    lab.program(
        NETWORK + 'pulumi.export("id", vpc.id)\n'
        'if pulumi.get_stack() == "next":\n'
        '    pulumi.StackReference("organization/lab/dev").require_output("id")\n'
    )
    for stack in ("dev", "next"):
        (lab.folder / f"Pulumi.{stack}.yaml").write_text("config: {}\n")
    done = chains(lab, "next", "--count", "1")
    assert done.exit_code == 0, done.output
    assert "dev: update ...\nnext: update ...\nnext: preview ..." in done.output
    assert "\ndev  " not in done.output
    assert "\nnext  6 resources, 11 links, 5 resources in the longest chain" in done.output
    rows = [line.split() for line in done.output.splitlines() if line.startswith("aws:")]
    assert [row[1:] for row in rows[:3]] == [
        ["vpc", "provider", "1"],
        ["subnet", "vpcId", "1"],
        ["routes", "depends_on", "1"],
    ]
    assert not (lab.folder / ".rehearsal" / "state").exists()


def test_mistakes_and_failures_are_told_with_exit_status_1(lab: Lab) -> None:
    lab.program("raise ValueError('broken')")
    (lab.folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    done = chains(lab, "prod")
    assert (done.exit_code, done.output) == (1, "error: no stack is called prod; there are dev\n")
    done = chains(lab, "dev")
    assert done.exit_code == 1
    assert "broken" in done.output
