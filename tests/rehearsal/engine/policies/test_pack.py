"""Requests of the embedded engine to a policy pack: their order and content."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Remediation
from rehearsal.engine.operations import Result
from rehearsal.values import Secret
from tests.rehearsal.lab import Lab, errors, ops

SPY = """
import json, pathlib
log = pathlib.Path("asked.jsonl")
def say(*what):
    with log.open("a") as file:
        file.write(json.dumps(what) + "\\n")
def one(args, report):
    say("one", args.resource_type, args.name, sorted(args.props))
def whole(args, report):
    say("all", sorted(r.name for r in args.resources))
policies = [ResourceValidationPolicy("one", "d", one), StackValidationPolicy("whole", "d", whole)]
"""

NO_DNS = """
def check(args, report):
    if args.resource_type == "aws:ec2/vpc:Vpc" and not args.props.get("enableDnsHostnames"):
        report("enableDnsHostnames is off; write enable_dns_hostnames=True")
level = EnforcementLevel.MANDATORY
policies = [ResourceValidationPolicy("vpc-dns", "VPCs have DNS.", check, level, severity=Severity.HIGH)]
"""

VPC = 'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n'


def asked(lab: Lab) -> list[list[Any]]:
    assert lab.pack
    log = lab.pack.folder / "asked.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    log.unlink()
    return lines


def test_every_registration_is_judged_also_unchanged_ones_and_the_stack_once_and_last(lab: Lab) -> None:
    lab.policies(SPY)
    lab.program(VPC)
    for _ in range(2):
        assert not lab.up().failed
        lines = asked(lab)
        assert sorted(line[2] for line in lines if line[0] == "one") == ["lab-dev", "p", "vpc"]
        assert lines[-1] == ["all", ["lab-dev", "p", "vpc"]]
        assert [line[0] for line in lines].count("all") == 1


def test_a_default_provider_is_judged_and_a_stack_reference_is_not(lab: Lab) -> None:
    lab.program("")
    lab.up("other")
    lab.policies(SPY)
    lab.program(
        'pulumi.StackReference("organization/lab/other")\naws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")',
        "import pulumi, pulumi_aws as aws\n",
    )
    assert not lab.up(**{"aws:region": "us-east-1"}).failed
    names = sorted(line[2] for line in asked(lab) if line[0] == "one")
    assert "default_7_51_1" in names
    assert not any("organization" in name for name in names)


def test_neither_refresh_nor_destroy_asks_the_policies(lab: Lab) -> None:
    lab.program(VPC)
    lab.up()
    lab.policies(SPY)
    lab.refresh()
    lab.destroy()
    assert lab.pack
    assert not (lab.pack.folder / "asked.jsonl").exists()


def test_a_pack_sees_checked_inputs_and_then_outputs(lab: Lab) -> None:
    lab.policies(
        """
def one(args, report):
    if args.resource_type == "aws:ec2/vpc:Vpc" and "tagsAll" not in set(iter(args.props)):
        report("no tagsAll among the inputs")
def whole(args, report):
    for r in args.resources:
        if r.resource_type == "aws:ec2/vpc:Vpc" and not r.props["arn"].startswith("arn:aws:ec2:us-east-1:"):
            report("no ARN among the outputs")
policies = [
    ResourceValidationPolicy("one", "d", one, EnforcementLevel.MANDATORY),
    StackValidationPolicy("whole", "d", whole, EnforcementLevel.MANDATORY),
]
"""
    )
    lab.program(VPC.replace("opts", 'tags={"a": "b"}, opts'))
    result = lab.up()
    assert not result.failed
    assert result.verdicts
    assert result.verdicts.passed == ["one", "whole"]


def test_a_mandatory_violation_fails_the_preview_after_all_of_it_was_shown(lab: Lab) -> None:
    lab.policies(NO_DNS)
    lab.program(VPC + 'aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=o)')
    result = lab.preview()
    assert result.failed
    assert "create subnet" in ops(result)
    assert result.verdicts
    (violation,) = result.verdicts.mandatory
    assert (violation.rule, violation.severity) == ("vpc-dns", "high")
    assert violation.urn.endswith("::vpc")
    assert violation.message == "enableDnsHostnames is off; write enable_dns_hostnames=True"


def test_a_mandatory_violation_stops_an_update_before_its_resource_and_keeps_what_is_recorded(
    lab: Lab,
) -> None:
    lab.policies(NO_DNS)
    lab.program(
        'first = aws.ec2.Vpc("first", cidr_block="10.1.0.0/16", enable_dns_hostnames=True, opts=o)\n'
        + VPC.replace("opts=o", "opts=O(provider=p, depends_on=[first])")
    )
    result = lab.up()
    assert result.failed
    assert errors(result) == ["a mandatory policy was violated; see above"]
    assert lab.living() == {"Vpc first"}
    lab.pack = None
    assert ops(lab.up()) == ["create vpc"]


def test_a_violation_that_only_an_update_can_know_stops_before_its_resource(lab: Lab) -> None:
    lab.policies("""
def check(args, report):
    if args.resource_type == "aws:ec2/subnet:Subnet" and not args.props["vpcId"].startswith("vpc-none"):
        report("vpcId is another VPC's")
policies = [ResourceValidationPolicy("r", "d", check, EnforcementLevel.MANDATORY)]
""")
    lab.program(VPC + 'aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=o)')
    assert not lab.preview().failed
    result = lab.up()
    assert result.failed
    assert lab.living() == {"Vpc vpc"}
    lab.pack = None
    assert ops(lab.up()) == ["create subnet"]


def test_an_undecided_rule_is_counted_apart_with_what_was_unknown(lab: Lab) -> None:
    lab.policies("""
def check(args, report):
    if args.resource_type == "aws:ec2/subnet:Subnet":
        args.not_applicable("undecided: vpcId")
policies = [ResourceValidationPolicy("r", "d", check)]
""")
    lab.program(VPC + 'aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=o)')
    verdicts = lab.preview().verdicts
    assert verdicts
    assert (verdicts.passed, verdicts.undecided) == ([], {"r": {"subnet: vpcId"}})


def test_a_remediation_changes_the_inputs_that_are_recorded(lab: Lab) -> None:
    lab.policies("""
def mend(args):
    if args.resource_type == "aws:ec2/vpc:Vpc":
        return {**{k: args.props[k] for k in args.props}, "enableDnsHostnames": True}
policies = [ResourceValidationPolicy("r", "d", remediate=mend, enforcement_level=EnforcementLevel.REMEDIATE)]
""")
    lab.program(VPC)
    result = lab.up()
    (vpc,) = [r for r in result.resources if r.name == "vpc"]
    assert vpc.inputs["enableDnsHostnames"] is True
    assert remediated(result) == [("r", "vpc", ("enableDnsHostnames",))]
    assert lab.up().changes == 0


def remediated(result: Result) -> list[tuple[str, str, tuple[str, ...]]]:
    """Remediations: the rule, the resource's name, the changed inputs."""
    return [
        (event.rule, urns.name_of(event.urn), event.changed)
        for event in result.events
        if isinstance(event, Remediation)
    ]


REMEDIATING = """
import json, pathlib
def mend(args):
    if args.resource_type == "aws:ec2/vpc:Vpc":
        inputs = args.props["__target"]
        pathlib.Path("mended.json").write_text(json.dumps(sorted(inputs)))
        return {**inputs, "enableDnsHostnames": True}
def judge(args, report):
    if args.resource_type == "aws:ec2/vpc:Vpc":
        pathlib.Path("judged.json").write_text(json.dumps(sorted(args.props)))
        if WRONG:
            report("still wrong")
level = EnforcementLevel.REMEDIATE
policies = [ResourceValidationPolicy("r", "d", validate=judge, remediate=mend, enforcement_level=level)]
"""


def test_a_remediation_gets_internal_keys_and_what_is_judged_has_none(lab: Lab) -> None:
    lab.policies(REMEDIATING.replace("WRONG", "False"))
    lab.program(VPC.replace("opts", 'tags={"a": pulumi.Output.secret("hush")}, opts'))
    result = lab.up()
    assert lab.pack
    mended, judged = (json.loads((lab.pack.folder / f"{it}.json").read_text()) for it in ("mended", "judged"))
    assert set(mended) - set(judged) == {"__defaults"}
    assert set(judged) - set(mended) == {"enableDnsHostnames"}
    (vpc,) = [r for r in result.resources if r.name == "vpc"]
    assert "__defaults" in vpc.inputs
    assert vpc.inputs["tags"] == {"a": Secret("hush")}


def test_what_a_remediation_leaves_wrong_is_mandatory(lab: Lab) -> None:
    lab.policies(REMEDIATING.replace("WRONG", "True"))
    lab.program(VPC)
    result = lab.up()
    assert result.failed
    assert result.verdicts
    assert [it.rule for it in result.verdicts.mandatory] == ["r"]
    assert lab.living() == set()


def test_a_pack_that_does_not_start_is_one_clear_error(lab: Lab) -> None:
    lab.policies("raise SystemExit('exceptions.yaml: no such rule')\npolicies = []")
    lab.program(VPC)
    result = lab.up()
    (message,) = errors(result)
    assert "did not start" in message
    assert ops(result) == []


@pytest.mark.parametrize(
    ("body", "patience", "said"),
    [
        ("", 0.5, ", and printed nothing"),
        (
            "print('waiting for the tide')",
            5,
            ":\nwaiting for the tide",
        ),  # a busy machine may be slow to print
    ],
)
def test_a_pack_that_never_tells_its_port_is_given_up_with_what_it_printed(
    lab: Lab, body: str, patience: float, said: str
) -> None:
    lab.policies(f"import signal\n{body}\nsignal.pause()\npolicies = []")
    assert lab.pack
    lab.pack = replace(lab.pack, patience=patience)
    lab.program(VPC)
    result = lab.up()
    assert errors(result) == [f"the policy pack {lab.pack.folder} told no port within {patience:g} s{said}"]
    assert lab.living() == set()


def test_config_for_a_rule_that_the_pack_lacks_is_refused(lab: Lab) -> None:
    lab.policies(NO_DNS)
    assert lab.pack
    config = lab.folder / "config.json"
    config.write_text('{"vpc-dsn": "disabled"}')
    lab.pack = replace(lab.pack, config=config)
    lab.program(VPC)
    assert "no rule of the pack is called vpc-dsn" in errors(lab.up())[0]
    config.write_text('{"vpc-dns": "disabled"}')
    assert not lab.up().failed


REFUSING = (
    NO_DNS
    + """
import grpc
from pulumi_policy import policy as sdk
def refuse(self, request, context):
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{', '.join(sorted(request.policyConfig))}: not today")
sdk._PolicyAnalyzerServicer.Configure = refuse
"""
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, ": No such file or directory; name a file with the policy pack's configuration"),
        ("{vpc", ": not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", ": write an object with a level or parameters by rule"),
        ('{"vpc-dns": 7}', ": vpc-dns: write a level, or an object with parameters"),
        (
            '{"vpc-dns": {"enforcementLevel": "off"}}',
            ": vpc-dns: no level is called off; write one of advisory, mandatory, disabled, remediate",
        ),
        ('{"all": ["off"]}', ": all: no level is called ['off']; write one of advisory,"),
        ('{"vpc-dsn": "disabled"}', ": vpc-dns, vpc-dsn: not today"),
    ],
)
def test_a_wrong_configuration_is_one_clear_error(lab: Lab, text: str | None, said: str) -> None:
    lab.policies(REFUSING)
    assert lab.pack
    config = lab.folder / "config.json"
    if text is not None:
        config.write_text(text)
    lab.pack = replace(lab.pack, config=config)
    lab.program(VPC)
    result = lab.up()
    (message,) = errors(result)
    assert message.startswith(f"{config}{said}")
    assert "Traceback" not in message
    assert ops(result) == []


def test_what_a_pack_prints_is_told_and_never_stops_it(lab: Lab) -> None:
    lab.policies("""
import sys
def check(args, report):
    print("x" * 200_000, file=sys.stderr, flush=True)
    print("so it is", file=sys.stderr, flush=True)
policies = [StackValidationPolicy("r", "d", check)]
""")
    lab.program(VPC)
    result = lab.up()
    assert not result.failed
    assert [it for it in result.events if isinstance(it, Diagnostic)][-1] == Diagnostic("info", "so it is")
