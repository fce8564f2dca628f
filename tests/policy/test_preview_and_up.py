"""The pack over small programs in the embedded engine: what a preview leaves open, an update decides."""

from __future__ import annotations

import pytest

from rehearsal.engine.policies.pack import PackSource
from tests.rehearsal.lab import Lab, errors
from tests.root import PACK as FOLDER

PACK = PackSource(FOLDER)
RULE = "kms-policy-no-public-principal"

# The key's policy is known only when the topic has its ARN.
PROGRAM = """
import json
topic = aws.sns.Topic("topic", opts=o)
policy = topic.arn.apply(lambda arn: json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": PRINCIPAL, "Action": "kms:*", "Resource": "*"}]}))
aws.kms.Key("key", enable_key_rotation=True, policy=policy, opts=O(provider=p, protect=True))
"""
EVERYONE = PROGRAM.replace("PRINCIPAL", '"*"')
OWNER = PROGRAM.replace("PRINCIPAL", '{"AWS": "arn:aws:iam::123456789012:root"}')


@pytest.fixture
def judged(lab: Lab) -> Lab:
    lab.pack = PACK
    return lab


@pytest.mark.parametrize("program", [EVERYONE, OWNER])
def test_a_preview_lists_what_it_cannot_decide_with_the_property(judged: Lab, program: str) -> None:
    judged.program(program)
    result = judged.preview()
    assert not result.failed
    verdicts = result.verdicts
    assert verdicts
    assert verdicts.undecided[RULE] == {"key: `policy` of key isn't known yet"}
    assert RULE not in {*verdicts.passed, *verdicts.failed}


def test_the_update_fails_on_it_before_the_resource_is_made(judged: Lab) -> None:
    judged.program(EVERYONE)
    result = judged.up()
    assert result.failed
    assert errors(result) == ["a mandatory policy was violated; see above"]
    assert result.verdicts
    assert [(it.rule, it.urn.rpartition("::")[2]) for it in result.verdicts.mandatory] == [(RULE, "key")]
    assert judged.living() == {"Topic topic"}


def test_the_update_passes_it_when_it_is_kept(judged: Lab) -> None:
    judged.program(OWNER)
    result = judged.up()
    assert not result.failed
    assert result.verdicts
    assert not result.verdicts.undecided
    assert RULE in result.verdicts.passed


def test_a_stack_rule_is_undecided_in_a_preview_and_decided_in_the_update(judged: Lab) -> None:
    judged.program("""
        first = aws.s3.Bucket("first", opts=O(provider=p, protect=True))
        words = (
            '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject",'
            ' "Resource": "%s/*"}]}'
        )
        aws.s3.BucketPolicy("policy", bucket=first.id, policy=first.arn.apply(lambda arn: words % arn), opts=o)
    """)
    rule = "s3-policy-tls-only"
    before, after = judged.preview().verdicts, judged.up().verdicts
    assert before
    assert before.undecided[rule] == {"lab-dev: `policy` of first isn't known yet"}
    assert after
    assert not after.undecided
    assert rule in after.failed
