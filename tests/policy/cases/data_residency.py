"""Cases of the rules on data residency."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

TABLE = "aws:dynamodb/table:Table"
SECRET = "aws:secretsmanager/secret:Secret"
PLAN = "aws:backup/plan:Plan"
FILES = "aws:efs/fileSystem:FileSystem"
EUROPE = {"residencies": {"eu": ["eu-west-1", "eu-central-1"]}}


def european(token: str = TABLE, region: Any = "eu-west-1", **props: Any) -> Res:
    return Res(token, {"region": region, "tags": {"residency": "eu"}, **props})


def copied(region: Any) -> list[Res]:
    return [
        european(FILES),
        Res(
            "aws:efs/replicationConfiguration:ReplicationConfiguration",
            {"sourceFileSystemId": UNKNOWN, "destination": {"region": region}},
            "copy",
            {"sourceFileSystemId": ["it"]},
        ),
    ]


def planned(region: str) -> Res:
    vault = f"arn:aws:backup:{region}:123456789012:backup-vault:castle"
    return european(PLAN, rules=[{"copyActions": [{"destinationVaultArn": vault}]}])


CASES = {
    "data-inside-residency": Cases(
        TABLE,
        compliant=kept([european()], **EUROPE),
        violating=broken([european(region="us-east-1")], **EUROPE),
        missing=kept([Res(TABLE, {"region": "us-east-1"})], **EUROPE),
        unknown=undecided([european(region=UNKNOWN)], **EUROPE),
        more={
            "an unknown tag": undecided([Res(TABLE, {"tags": UNKNOWN})], **EUROPE),
            "a residency that isn't listed": kept(
                [Res(TABLE, {"region": "us-east-1", "tags": {"residency": "global"}})], **EUROPE
            ),
            "nothing is listed": kept([european(region="us-east-1")]),
            "nothing is listed, whatever its tag": kept([Res(TABLE, {"tags": UNKNOWN})]),
            "what isn't AWS's": kept([european("kubernetes:core/v1:ConfigMap", "us-east-1")], **EUROPE),
            "by its provider": broken(
                [Res(TABLE, {"tags": {"residency": "eu"}}, provider={"region": "us-east-1"})], **EUROPE
            ),
            "a table's replica inside": kept([european(replicas=[{"regionName": "eu-central-1"}])], **EUROPE),
            "a table's replica outside": broken([european(replicas=[{"regionName": "us-east-1"}])], **EUROPE),
            "a secret's replica outside": broken(
                [european(SECRET, replicas=[{"region": "us-east-1"}])], **EUROPE
            ),
            "a backup's copy inside": kept([planned("eu-central-1")], **EUROPE),
            "a backup's copy outside": broken([planned("us-east-1")], **EUROPE),
            "a backup's copy that is unknown": undecided(
                [european(PLAN, rules=[{"copyActions": [{"destinationVaultArn": UNKNOWN}]}])], **EUROPE
            ),
            "files' copy inside": kept(copied("eu-central-1"), **EUROPE),
            "files' copy outside": broken(copied("us-east-1"), **EUROPE),
        },
    ),
}
