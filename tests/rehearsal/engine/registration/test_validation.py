"""Mistakes that only the engine sees: in options, in outputs, in what no provider checks."""

import pytest

from rehearsal.engine.events import Diagnostic
from tests.rehearsal.lab import Lab, errors

GROUP = 'aws.ec2.SecurityGroup("group", opts=O(provider=p, ignore_changes=[PATH]))'


@pytest.mark.parametrize(
    ("path", "better"),
    [
        ("ingress[0].from_port", "ingress[0].fromPort"),
        ("ingress[*].cidr_blocks", "ingress[*].cidrBlocks"),
        ("ingres", "ingress"),
    ],
)
def test_ignoring_what_is_no_property_is_refused_with_what_to_write(lab: Lab, path: str, better: str) -> None:
    lab.program(GROUP.replace("PATH", repr(path)))
    (message,) = errors(lab.preview())
    assert message.startswith(f"ignoreChanges: {path} has no effect") and message.endswith(f"write {better}")


@pytest.mark.parametrize(
    "path", ["revoke_rules_on_delete", "tags.cost_center", 'tags["a_b"]', "ownerId", "*"]
)
def test_ignoring_a_property_or_any_key_of_a_dictionary_is_fine(lab: Lab, path: str) -> None:
    lab.program(GROUP.replace("PATH", repr(path)))
    assert errors(lab.preview()) == []


def test_replacing_on_changes_of_what_is_no_property_is_refused(lab: Lab) -> None:
    lab.program('aws.ec2.Vpc("vpc", opts=O(provider=p, replace_on_changes=["cidr_blok"]))')
    (message,) = errors(lab.preview())
    assert (
        message == "replaceOnChanges: cidr_blok has no effect, for cidr_blok is no property; write cidrBlock"
    )


def test_a_timeout_that_is_no_duration_is_refused(lab: Lab) -> None:
    body = 'aws.ec2.Vpc("vpc", opts=O(provider=p, custom_timeouts=pulumi.CustomTimeouts(create="{}")))'
    lab.program(body.format("30m"))
    assert errors(lab.preview()) == []
    lab.program(body.format("30 minutes"))
    (message,) = errors(lab.preview())
    assert message.startswith("customTimeouts.create: must be a duration such as 30s")


@pytest.mark.parametrize("value", ['"s"', '{"deep": ["s"]}'])
def test_a_secret_in_an_output_of_the_stack_is_warned_of_with_what_to_do(lab: Lab, value: str) -> None:
    lab.program(f'pulumi.export("plain", "x"); pulumi.export("password", pulumi.Output.secret({value}))')
    result = lab.preview()
    (warning,) = (it for it in result.events if isinstance(it, Diagnostic) and it.severity == "warning")
    assert not result.failed
    assert warning.message.startswith("password: is secret; put it into Secrets Manager")


def test_the_text_of_an_output_is_refused_in_a_component_an_output_and_a_question(lab: Lab) -> None:
    vpc = 'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n'
    uses = {
        "zone": 'pulumi.ComponentResource("x:y:Z", "c", {"zone": f"z-{vpc.id}"})',
        "url": 'pulumi.export("url", f"https://{vpc.id}")',
        "name": 'aws.route53.get_zone_output(name=f"{vpc.id}.example", opts=pulumi.InvokeOptions(provider=p))',
    }
    for path, use in uses.items():
        lab.program(vpc + use)
        found = errors(lab.preview())
        assert found and f"{path}: holds the text of an Output" in found[0], (path, found)
        assert "pulumi.Output.format" in found[0]
