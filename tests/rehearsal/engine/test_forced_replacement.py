"""Forced replacement, `--replace`: as the CLI does it, of a resource of which nothing has changed."""

from __future__ import annotations

from typer.testing import CliRunner

from rehearsal.commands.cli import app
from rehearsal.engine.operations import Result
from rehearsal.engine.options import OperationOptions
from tests.rehearsal.lab import Lab, errors, nothing_changes, ops

VPC = 'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n'
SUBNET = 'aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=o)\n'
NAMED = 'aws.cloudwatch.LogGroup("log", name="alerts", opts=O(provider=p, MORE))\n'
URN = "urn:pulumi:dev::lab::{}::{}"
THE_VPC = URN.format("aws:ec2/vpc:Vpc", "vpc")
THE_TOPIC = URN.format("aws:sns/topic:Topic", "topic")
THE_LOG = URN.format("aws:cloudwatch/logGroup:LogGroup", "log")


def replaced(lab: Lab, *urns: str) -> Result:
    engine = lab.engine()
    return engine.update("dev", engine.project.config("dev", {}), OperationOptions(replaces=urns))


def test_it_is_replaced_and_says_so_by_its_id_and_what_needs_it_follows(lab: Lab) -> None:
    lab.program(VPC + SUBNET)
    lab.up()
    result = replaced(lab, THE_VPC)
    assert not result.failed, errors(result)
    changes = [
        (step.op, step.urn.rpartition("::")[2], step.replaces) for step in result.steps if step.op != "same"
    ]
    assert changes == [
        ("create-replacement", "vpc", ("id",)),
        ("replace", "vpc", ("id",)),
        ("create-replacement", "subnet", ("vpcId",)),
        ("replace", "subnet", ("vpcId",)),
        ("delete-replaced", "subnet", ()),
        ("delete-replaced", "vpc", ()),
    ]
    nothing_changes(lab)


def test_it_gets_another_generated_name(lab: Lab) -> None:
    lab.program('t = aws.sns.Topic("topic", opts=o)\npulumi.export("name", t.name)')
    before = lab.up().outputs["name"]
    assert replaced(lab, THE_TOPIC).outputs["name"] != before
    nothing_changes(lab)


def test_with_a_name_of_its_own_it_collides_unless_it_goes_first(lab: Lab) -> None:
    lab.program(NAMED.replace(", MORE", ""))
    lab.up()
    collided = replaced(lab, THE_LOG)
    assert collided.failed
    assert "alerts exists already" in errors(collided)[0]
    nothing_changes(lab)
    lab.program(NAMED.replace("MORE", "delete_before_replace=True"))
    assert not replaced(lab, THE_LOG).failed
    nothing_changes(lab)


def test_one_that_goes_first_and_comes_back_the_same_is_there_again(lab: Lab) -> None:
    lab.program(
        'c = aws.acm.Certificate("cert", domain_name="a.castle.example", validation_method="DNS", opts=o)\n'
        'aws.acm.CertificateValidation("on", certificate_arn=c.arn,'
        " opts=O(provider=p, delete_before_replace=True))"
    )
    lab.up()
    result = replaced(lab, URN.format("aws:acm/certificateValidation:CertificateValidation", "on"))
    assert ops(result) == ["delete-replaced on", "replace on", "create-replacement on"]
    nothing_changes(lab)


def test_what_is_protected_isnt_replaced(lab: Lab) -> None:
    lab.program(NAMED.replace("MORE", "protect=True"))
    lab.up()
    assert "protect" in errors(replaced(lab, THE_LOG))[0]
    assert lab.living() == {"LogGroup log"}


def asked(lab: Lab, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["-C", str(lab.folder), "--no-policies", *arguments])
    return done.exit_code, done.output


def test_the_command_line_works_on_the_stack_that_has_it(lab: Lab) -> None:
    lab.program(VPC)
    (lab.folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    state = ("--state", str(lab.state))
    assert asked(lab, *state, "up", "--skip-preview")[0] == 0
    before = lab.lines()
    code, said = asked(lab, *state, "preview", "--replace", THE_VPC)
    assert code == 0 and "replaced" in said
    assert lab.lines() == before
    code, said = asked(lab, *state, "up", "--replace", THE_VPC)
    assert code == 0
    code, said = asked(lab, *state, "up", "--replace", f"{THE_VPC}s")
    assert code == 1
    assert f"--replace {THE_VPC}s: no such resource" in " ".join(said.split())
