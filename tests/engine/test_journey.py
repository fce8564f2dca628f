"""Journey of the committed platform: the embedded engine takes the same steps on it as the CLI engine did.

The steps of the CLI engine are kept as data, one file a stack. `make record-engine` records it anew, with the Pulumi
CLI on PATH.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest

from rehearsal.cli_engine import CliEngine
from rehearsal.engine.operations import Engine
from rehearsal.engine.policies.pack import PackSource
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from tests.engine import journey
from tests.program_copy import copy_program
from tests.stacks.platform import engine

KEPT = {  # what AWS keeps of a platform that was taken down
    "aws:kms/key:Key",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:rds/clusterSnapshot:ClusterSnapshot",
    "aws:secretsmanager/secret:Secret",
    "aws:efs/fileSystem:FileSystem",  # the copies, which AWS made
    # Of the audit buckets, which are locked.
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
}
RECORD = os.environ.get("RECORD") == "engine"


def recorded_by(opened: Engine, program: Path) -> dict[str, list[str]]:
    """Lines of the records for each stack, of the steps of an engine on the journey; their order is checked, too."""
    lines: dict[str, list[str]] = defaultdict(list)
    before: dict[str, list[Resource]] = {}
    for act, result in journey.travel(opened, program):
        steps = result.steps
        if act.operation != "preview":
            known = result.resources or before[act.stack]
            assert journey.misplaced(steps, known) == [], act
            before[act.stack] = result.resources
        lines[act.stack] += journey.recorded(act, steps)
    return lines


def nothing_is_left_but_what_aws_keeps(opened: Engine) -> None:
    assert opened.cloud.living() == []
    assert {thing.type for thing in opened.cloud.retained()} == KEPT


def the_record(stack: str) -> list[str]:
    return (journey.RECORDED / f"{stack}.txt").read_text().splitlines()


@pytest.mark.slow
def test_the_embedded_engine_does_what_the_cli_engine_did(tmp_path: Path) -> None:
    program = copy_program(tmp_path / "program", ["policy"])
    with engine(tmp_path / "state", program) as opened:
        done = recorded_by(opened, program)
        nothing_is_left_but_what_aws_keeps(opened)
    for stack, lines in done.items():
        assert lines == the_record(stack)


@pytest.mark.engine
def test_the_cli_engine_still_does_what_is_recorded(tmp_path: Path) -> None:
    program = copy_program(tmp_path / "program", ["policy"])
    pack = PackSource(program / "policy", program / "policy" / "castle.json")
    with CliEngine(Project.read(program), tmp_path / "cli", pack) as opened:
        done = recorded_by(opened, program)
        if RECORD:
            journey.RECORDED.mkdir(exist_ok=True)
            for stack, lines in done.items():
                (journey.RECORDED / f"{stack}.txt").write_text("\n".join(lines) + "\n")
        nothing_is_left_but_what_aws_keeps(opened)
    for stack, lines in done.items():
        assert lines == the_record(stack)
