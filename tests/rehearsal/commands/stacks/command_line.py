"""Our command line over a lab with the stacks `dev` and `next`, as a person uses it."""

from __future__ import annotations

from typer.testing import CliRunner

from rehearsal.commands.cli import app
from tests.rehearsal.lab import Lab

PROVIDER = "urn:pulumi:dev::lab::pulumi:providers:aws::p"
VPC = "urn:pulumi:dev::lab::aws:ec2/vpc:Vpc::vpc"
SUBNET = "urn:pulumi:dev::lab::aws:ec2/subnet:Subnet::subnet"
VPC_TEXT = 'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\npulumi.export("id", vpc.id)\n'
SUBNET_TEXT = (
    'aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24", tags={"subnetOf": "vpc"}, opts=o)\n'
)


def two_stacks(lab: Lab) -> Lab:
    """The lab with a network in each of two stacks, none of which is up."""
    lab.program(VPC_TEXT + SUBNET_TEXT)
    for stack in ("dev", "next"):
        (lab.folder / f"Pulumi.{stack}.yaml").write_text("config: {}\n")
    return lab


def run(lab: Lab, *arguments: str, text: str = "") -> str:
    """Output of a command, which must succeed."""
    code, said = asked(lab, *arguments, text=text)
    assert code == 0, said
    return said


def asked(lab: Lab, *arguments: str, text: str = "") -> tuple[int, str]:
    """Exit status of a command, and what it says."""
    own = ["-C", str(lab.folder), "--state", str(lab.state), "--no-policies"]
    done = CliRunner().invoke(app, [*own, *arguments], input=text)
    return done.exit_code, done.output
