"""Cases of the rules on EFS file systems."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, Never, broken, kept, undecided
from tests.policy.subjects import backup_selections
from tests.policy.subjects.subnets import placed

FILES = "aws:efs/fileSystem:FileSystem"
ACCESS = "aws:efs/accessPoint:AccessPoint"
TARGET = "aws:efs/mountTarget:MountTarget"
ROLE = "arn:aws:iam::123456789012:role/castle-eu-west-1-accounts"
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
MOUNTS = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "elasticfilesystem:ClientMount"}


def files(*beside: Res, **props: Any) -> list[Res]:
    return [Res(FILES, {"region": "eu-west-1", **props}, "files"), *beside]


def backups(status: Any) -> Res:
    return Res(
        "aws:efs/backupPolicy:BackupPolicy",
        {"fileSystemId": UNKNOWN, "backupPolicy": {"status": status}},
        "backups",
        {"fileSystemId": ["files"]},
    )


def policy(*statements: Any) -> Res:
    return Res(
        "aws:efs/fileSystemPolicy:FileSystemPolicy",
        {
            "fileSystemId": UNKNOWN,
            "policy": UNKNOWN if UNKNOWN in statements else json.dumps({"Statement": statements}),
        },
        "policy",
        {"fileSystemId": ["files"]},
    )


def target(zone: str, *, public: bool = False) -> list[Res]:
    return placed(TARGET, {"subnetId": UNKNOWN}, "subnetId", zone, public=public)


CASES = {
    "efs-encrypted": Cases(
        FILES,
        compliant={"encrypted": True},
        violating={"encrypted": False},
        missing=broken({}),
        unknown={"encrypted": UNKNOWN},
    ),
    "efs-regional-storage": Cases(
        FILES,
        compliant={"encrypted": True},
        violating={"availabilityZoneName": "eu-west-1a"},
        missing=kept({}),
        unknown=broken({"availabilityZoneName": UNKNOWN}),
    ),
    "efs-backup-enabled": Cases(
        FILES,
        compliant=files(backups("ENABLED")),
        violating=files(backups("DISABLED")),
        missing=broken(files()),
        unknown=files(backups(UNKNOWN)),
        more={
            "by a plan": kept(
                backup_selections.selecting(FILES, backup_selections.TAGGED, backup_selections.BY_TAG)
            ),
            "by none of the plans": broken(backup_selections.selecting(FILES, {}, backup_selections.BY_TAG)),
        },
    ),
    "efs-access-point-root-directory": Cases(
        ACCESS,
        compliant={"rootDirectory": {"path": "/accounts"}},
        violating={"rootDirectory": {"path": "/"}},
        missing=broken({}),
        unknown={"rootDirectory": {"path": UNKNOWN}},
    ),
    "efs-access-point-user-identity": Cases(
        ACCESS,
        compliant={"posixUser": {"uid": 1000, "gid": 1000}},
        violating={"posixUser": None},
        missing=broken({}),
        unknown=kept({"posixUser": UNKNOWN}),
    ),
    "efs-mount-target-private": Cases(
        TARGET,
        compliant=target("a"),
        violating=target("a", public=True),
        missing=Never("AWS makes no mount target without a subnet, and neither does the SDK"),
        unknown=[Res(TARGET, {"subnetId": UNKNOWN})],
    ),
    "efs-policy-secure": Cases(
        FILES,
        compliant=files(policy(TLS_ONLY, MOUNTS)),
        violating=files(policy(MOUNTS)),
        missing=broken(files()),
        unknown=files(policy(UNKNOWN)),
        more={
            "refusing alone": kept(files(policy(TLS_ONLY))),
            "whoever comes by a mount target": broken(
                files(
                    policy(
                        TLS_ONLY,
                        {
                            **MOUNTS,
                            "Principal": {"AWS": "*"},
                            "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
                        },
                    )
                )
            ),
            "everyone of one account": kept(
                files(
                    policy(
                        TLS_ONLY,
                        {
                            **MOUNTS,
                            "Principal": {"AWS": "*"},
                            "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}},
                        },
                    )
                )
            ),
            "refusing writes without TLS": broken(
                files(policy({**TLS_ONLY, "Action": "elasticfilesystem:ClientWrite"}))
            ),
            "perhaps by another policy": undecided(files(policy(MOUNTS), policy(UNKNOWN))),
        },
    ),
}
