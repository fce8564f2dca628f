"""Remediation by Castle's pack: violations are corrected at the level `remediate`, and refused at `mandatory`."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from rehearsal.commands.report import Report
from rehearsal.engine import urns
from rehearsal.engine.events import Remediation
from rehearsal.engine.operations import Result
from rehearsal.engine.policies.pack import PackSource
from rehearsal.values import Secret
from tests.rehearsal.lab import Lab, ops
from tests.root import PACK

FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
BLOCK = "s3-public-access-block-flags"

BUCKET = """
bucket = aws.s3.Bucket("bucket", opts=o)
aws.s3.BucketPublicAccessBlock("block", bucket=bucket.id, block_public_acls=pulumi.Output.secret(False), opts=o)
"""
VOLUME = 'aws.ebs.Volume("volume", availability_zone="us-east-1a", size=8, opts=o)\n'


def judged(lab: Lab, **config: Any) -> None:
    """Makes Castle's pack the lab's, with all rules off but those of the configuration."""
    file = lab.folder / "rules.json"
    file.write_text(json.dumps({"all": "disabled", **{k.replace("_", "-"): v for k, v in config.items()}}))
    lab.pack = PackSource(PACK, file)


def remediated(result: Result) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (event.rule, urns.name_of(event.urn), event.changed)
        for event in result.events
        if isinstance(event, Remediation)
    ]


def inputs(result: Result, name: str) -> Any:
    return next(it.inputs for it in result.resources if it.name == name)


def test_a_wrong_bucket_is_refused_as_long_as_nobody_asks_for_remedies(lab: Lab) -> None:
    judged(lab, s3_public_access_block_flags="mandatory")
    lab.program(BUCKET)
    preview, update = lab.preview(), lab.up()
    for result in (preview, update):
        assert result.failed
        assert result.verdicts
        assert {it.rule for it in result.verdicts.mandatory} == {BLOCK}
        assert remediated(result) == []
    assert lab.living() == {"Bucket bucket"}


@pytest.mark.parametrize("level", ["remediate", {"enforcementLevel": "remediate"}])
def test_a_wrong_bucket_comes_up_right_where_its_rule_is_to_mend_it(lab: Lab, level: Any) -> None:
    judged(lab, s3_public_access_block_flags=level)
    lab.program(BUCKET)
    preview, update = lab.preview(), lab.up()
    for result in (preview, update):
        assert not result.failed
        assert result.verdicts
        assert BLOCK in result.verdicts.passed
        assert remediated(result) == [(BLOCK, "block", FLAGS)]
    block = inputs(update, "block")
    assert block["blockPublicAcls"] == Secret(True)
    assert [block[it] for it in FLAGS[1:]] == [True] * 3
    assert lab.up().changes == 0


def test_what_was_mended_is_shown(lab: Lab) -> None:
    judged(lab, s3_public_access_block_flags="remediate")
    lab.program(BUCKET)
    output = io.StringIO()
    Report(Console(file=output, highlight=False, soft_wrap=True)).result(lab.up())
    assert (
        f"remediated  {BLOCK}  aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock block  "
        + ", ".join(FLAGS)
        in output.getvalue()
    )


def test_all_rules_that_can_mend_do_and_the_others_keep_their_levels(lab: Lab) -> None:
    file = lab.folder / "rules.json"
    file.write_text('{"all": "remediate", "stateful-resources-protected": "disabled"}')
    lab.pack = PackSource(PACK, file)
    lab.program('aws.kms.Key("key", deletion_window_in_days=7, opts=o)\naws.sns.Topic("topic", opts=o)')
    result = lab.up()
    assert not result.failed
    assert [rule for rule, name, _ in remediated(result) if name == "key"] == [
        "kms-key-rotation",
        "kms-deletion-window",
    ]
    assert inputs(result, "key")["enableKeyRotation"] is True
    assert result.verdicts
    (plain,) = result.verdicts.failed["sns-encrypted"]
    assert not plain.mandatory


def test_what_would_be_replaced_is_mended_only_on_a_word_of_its_own(lab: Lab) -> None:
    lab.program(VOLUME)
    lab.up()
    judged(lab, ebs_volume_encrypted="remediate")
    refused = lab.preview()
    assert refused.failed
    assert ops(refused) == []
    judged(lab, ebs_volume_encrypted={"enforcementLevel": "remediate", "replacing": True})
    assert remediated(lab.preview()) == [("ebs-volume-encrypted", "volume", ("encrypted",))]
