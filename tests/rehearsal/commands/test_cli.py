"""The rehearsal's command line, as a person uses it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from rehearsal.commands.cli import app
from rehearsal.state.locks import emptied_folder
from tests.rehearsal.lab import Lab

VPC = 'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\npulumi.export("id", vpc.id)\n'


@pytest.fixture
def project(lab: Lab) -> Lab:
    """A project with the stacks `dev` and `next`, the second of which reads the first."""
    lab.program(
        VPC + 'if pulumi.get_stack() == "next":\n'
        '    pulumi.StackReference("organization/lab/dev").require_output("id")\n'
    )
    for stack in ("dev", "next"):
        (lab.folder / f"Pulumi.{stack}.yaml").write_text("config: {}\n")
    return lab


def run(lab: Lab, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["-C", str(lab.folder), "--state", str(lab.state), *arguments])


def test_help_of_every_command_says_what_it_does() -> None:
    for command in (
        "up",
        "preview",
        "refresh",
        "destroy",
        "show",
        "export",
        "rehearse",
        "coverage",
        "chains",
        "push",
        "attach",
        "import",
        *("stack export", "stack import", "stack output", "stack history"),
        *("state delete", "state rename", "state protect", "state unprotect", "state move"),
        *("state taint", "state untaint"),
    ):
        shown = CliRunner().invoke(app, [*command.split(), "--help"])
        assert shown.exit_code == 0
        assert len(shown.output.splitlines()) > 5


def test_up_shows_components_outputs_and_a_table_over_all_stacks(project: Lab) -> None:
    done = run(project, "up")
    assert done.exit_code == 0, done.output
    for text in ("dev: preview ...", "dev: update ...", "component", "id: vpc-", "outcome"):
        assert text in done.output
    rows = [line.split() for line in done.output.splitlines() if line.startswith(("dev ", "next "))]
    assert [row[0] for row in rows if row[1] == "update"][-2:] == ["dev", "next"]
    assert "\x1b" not in done.output


def test_a_stack_before_its_neighbour_fails_with_the_reason_and_exit_status_1(project: Lab) -> None:
    done = run(project, "up", "next")
    assert done.exit_code == 1
    assert 'unknown stack "organization/lab/dev"' in done.output
    assert done.output.count("unknown stack") == 1
    assert "Traceback" not in done.output


def test_an_output_is_shown_as_it_is(project: Lab) -> None:
    project.program('pulumi.export("arn", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key[red]")')
    assert (
        "  arn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:key[red]\n"
        in run(project, "up", "dev").output
    )


def test_show_and_export_tell_what_is_there(project: Lab) -> None:
    run(project, "up", "dev")
    shown = run(project, "show", "dev")
    assert "aws:ec2/vpc:Vpc  vpc  vpc-" in shown.output
    exported = json.loads(run(project, "export", "dev").output)
    assert {r["type"] for r in exported["deployment"]["resources"]} >= {
        "pulumi:pulumi:Stack",
        "aws:ec2/vpc:Vpc",
    }


def test_destroy_goes_from_the_last_stack_to_the_first(project: Lab) -> None:
    run(project, "up")
    done = run(project, "destroy")
    assert done.exit_code == 0
    assert done.output.index("next: destroy") < done.output.index("dev: destroy")
    assert project.living() == set()


def test_two_rehearsals_in_one_folder_are_refused(project: Lab) -> None:
    with emptied_folder(project.state):
        done = run(project, "rehearse")
    assert done.exit_code == 1
    assert done.output.startswith("error: another process is rehearsing in ")


def test_rehearse_fails_if_the_second_time_changes_something(project: Lab) -> None:
    assert run(project, "rehearse").exit_code == 0
    project.program(
        'import time\naws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"at": str(time.time())}, opts=o)'
    )
    done = run(project, "rehearse")
    assert done.exit_code == 1
    assert "error: dev: 1 steps changed something, and nothing had changed" in done.output


def test_the_second_time_stacks_are_worked_on_side_by_side(project: Lab) -> None:
    project.program("""
        import pathlib, time
        def runs(stack):
            return len(pathlib.Path(f"runs-{stack}").read_bytes()) if pathlib.Path(f"runs-{stack}").exists() else 0
        mine, other = pulumi.get_stack(), {"dev": "next", "next": "dev"}[pulumi.get_stack()]
        with open(f"runs-{mine}", "ab") as file:
            file.write(b".")
        until = time.monotonic() + 30
        while runs(mine) == 3 and runs(other) < 3:  # the first run of the second time
            if time.monotonic() > until:
                raise pulumi.RunError(f"{other} isn't worked on beside {mine}")
            time.sleep(0.01)
        aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)
    """)
    done = run(project, "rehearse")
    assert done.exit_code == 0, done.output
    table = [line.split()[:2] for line in done.output.splitlines() if " update  " in line]
    assert [row[0] for row in table][-4:] == ["dev", "next", "dev", "next"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["up", "prod"], "no stack is called prod; there are dev, next"),
        (["up", "dev", "-c", "retire"], "--config retire: write KEY=VALUE, for example castle:retire=true"),
        (
            ["-C", "no-such-folder", "up"],
            "Pulumi.yaml: no such file; run this where Pulumi.yaml is, or give --cwd",
        ),
    ],
)
def test_a_mistake_is_one_line(project: Lab, arguments: list[str], says: str) -> None:
    done = run(project, *arguments)
    assert done.exit_code == 1
    (line,) = done.output.splitlines()
    assert line.startswith("error: ")
    assert line.endswith(says)


def test_a_violation_is_shown_with_rule_resource_and_remedy(project: Lab) -> None:
    project.policies("""
def check(args, report):
    if args.resource_type == "aws:ec2/vpc:Vpc":
        report("enableDnsHostnames is off; write enable_dns_hostnames=True")
policies = [ResourceValidationPolicy("vpc-dns", "d", check, EnforcementLevel.MANDATORY, severity=Severity.HIGH)]
""")
    assert project.pack
    done = run(project, "--policy-pack", str(project.pack.folder), "up", "dev")
    assert done.exit_code == 1
    assert "policies: 0 passed, 1 failed, 0 undecided" in done.output
    assert "failed  vpc-dns (mandatory, high)  aws:ec2/vpc:Vpc vpc" in done.output
    assert "write enable_dns_hostnames=True" in done.output
    assert "dev: update" not in done.output
    assert project.living() == set()


def test_of_many_undecided_resources_the_first_are_shown_and_how_many_more(project: Lab) -> None:
    project.policies("""
def check(args, report):
    if args.resource_type == "aws:ec2/subnet:Subnet":
        args.not_applicable("undecided: vpcId")
policies = [ResourceValidationPolicy("subnets", "d", check)]
""")
    subnets = "\n".join(
        f'aws.ec2.Subnet("s{i}", vpc_id=vpc.id, cidr_block="10.0.{i}.0/24", opts=o)' for i in range(5)
    )
    project.program(VPC + subnets)
    assert project.pack
    shown = run(project, "--policy-pack", str(project.pack.folder), "preview", "dev").output
    assert "undecided  subnets  s0: vpcId, s1: vpcId, s2: vpcId, and 2 more" in shown


def test_coverage_tells_how_each_type_is_known_and_keeps_no_state_of_the_users(project: Lab) -> None:
    prefixes = 'aws.ec2.ManagedPrefixList("list", address_family="IPv4", max_entries=3, opts=o)\n'
    project.program(VPC + prefixes)
    done = CliRunner().invoke(app, ["-C", str(project.folder), "coverage"])
    assert done.exit_code == 0, done.output
    rows = {line.split()[0]: line.split()[1:] for line in done.output.splitlines() if line.startswith("aws:")}
    assert rows["aws:ec2:Vpc"][:2] == ["2", "line"]
    assert rows["aws:ec2:ManagedPrefixList"][:3] == ["2", "SDK", "only"]
    assert "2 types of 4 resources: 1 known by line, 1 known by SDK only" in done.output
    assert not (project.folder / ".rehearsal" / "state").exists()


def test_coverage_of_a_program_that_fails_shows_why(project: Lab) -> None:
    project.program("raise ValueError('broken')")
    done = CliRunner().invoke(app, ["-C", str(project.folder), "coverage"])
    assert done.exit_code == 1
    assert "broken" in done.output
