"""Ways around the rules, each tried on a small program under the pack itself."""

from __future__ import annotations

import json

from rehearsal.engine.events import Violation
from rehearsal.engine.operations import Result
from rehearsal.engine.policies.pack import PackSource
from tests.rehearsal.lab import HEAD, Lab
from tests.root import PACK

KEY = 'aws.kms.Key("key", enable_key_rotation=True, opts=O(provider=p, protect=True))\n'


def judged_by(lab: Lab, *rules: str) -> None:
    """Makes the pack evaluate these rules alone, each at its own level."""
    levels = {"provider-account-allowlisted": "advisory", "type-seen-by-rules": "advisory"}
    file = lab.folder / "rules.json"
    file.write_text(json.dumps({"all": "disabled", **{it: levels.get(it, "mandatory") for it in rules}}))
    lab.pack = PackSource(PACK, file)


def told(result: Result) -> list[tuple[str, str, bool]]:
    """The violations: the rule, the resource's name, whether it stops an update."""
    found = [event for event in result.events if isinstance(event, Violation)]
    return sorted((it.rule, it.urn.rpartition("::")[2], it.mandatory) for it in found)


def test_a_judged_input_is_not_to_be_ignored(lab: Lab) -> None:
    """Otherwise a change of it would pass every later analysis unseen."""
    judged_by(lab, "no-ignore-changes-on-guarded-inputs", "kms-key-rotation")
    lab.program(KEY)
    assert not lab.up().failed
    lab.program(KEY.replace("protect=True", 'protect=True, ignore_changes=["enableKeyRotation"]'))
    result = lab.up()
    assert result.failed
    assert told(result) == [("no-ignore-changes-on-guarded-inputs", "key", True)]


def test_protection_is_not_to_be_taken_off_what_holds_data(lab: Lab) -> None:
    judged_by(lab, "stateful-resources-protected")
    lab.program(KEY)
    assert not lab.up().failed
    lab.program(KEY.replace("protect=True", "protect=False"))
    result = lab.up()
    assert result.failed
    assert told(result) == [("stateful-resources-protected", "key", True)]
    lab.program("")
    assert "protected" in str(lab.up().events)
    assert lab.living() == {"Key key"}


def test_another_name_of_a_type_is_judged_alike(lab: Lab) -> None:
    judged_by(lab, "alb-internal-by-default")
    lab.program(
        'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n'
        's = [aws.ec2.Subnet(f"s{z}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", '
        'availability_zone=f"us-east-1{z}", opts=o) for i, z in enumerate("ab")]\n'
        "for kind in (aws.lb, aws.alb):\n"
        "    kind.LoadBalancer(kind.__name__.rsplit('.', 1)[-1], subnets=[it.id for it in s], opts=o)\n"
    )
    assert told(lab.preview()) == [("alb-internal-by-default", it, True) for it in ("alb", "lb")]


def test_a_provider_for_any_account_is_told(lab: Lab) -> None:
    judged_by(lab, "provider-account-allowlisted")
    lab.program(KEY)
    assert told(lab.preview()) == []
    lab.program(KEY, HEAD.replace(', allowed_account_ids=["123456789012"]', ""))
    assert told(lab.preview()) == [("provider-account-allowlisted", "p", False)]


def test_what_makes_things_that_no_rule_sees_is_told(lab: Lab) -> None:
    judged_by(lab, "type-seen-by-rules")
    lab.program(
        'aws.cloudcontrol.Resource("any", type_name="AWS::S3::Bucket", desired_state="{}", opts=o)\n'
        'aws.cloudformation.Stack("stack", template_body="{}", opts=o)\n' + KEY
    )
    assert told(lab.preview()) == [("type-seen-by-rules", it, False) for it in ("any", "stack")]
