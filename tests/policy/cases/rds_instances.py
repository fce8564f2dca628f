"""Cases of the rules on RDS instances outside of a cluster."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.case import Case, Cases, broken, kept, undecided
from tests.policy.subjects import backup_selections

DATABASE = "aws:rds/instance:Instance"
REPLICA = {"replicateSourceDb": "blog"}
RESTORED = {"snapshotIdentifier": "rds:blog-2026-11-01"}


def switch(path: str, **more: Case) -> Cases:
    """The cases of a switch of databases that AWS leaves off."""
    return Cases(
        DATABASE,
        compliant={path: True},
        violating={path: False},
        missing=broken({"engine": "postgres"}),
        unknown={path: UNKNOWN},
        more=more,
    )


CASES = {
    "rds-instance-encrypted": switch(
        "storageEncrypted",
        replica=kept(REPLICA),
        restored=kept(RESTORED),
        again=kept({"restoreToPointInTime": {}}),
    ),
    "rds-instance-not-public": Cases(
        DATABASE,
        compliant={"publiclyAccessible": False},
        violating={"publiclyAccessible": True},
        missing=kept({}),
        unknown={"publiclyAccessible": UNKNOWN},
    ),
    "rds-instance-deletion-protection": switch("deletionProtection", replica=broken(REPLICA)),
    "rds-instance-managed-password": Cases(
        DATABASE,
        compliant={"manageMasterUserPassword": True},
        violating={"password": "x", "username": "shop"},
        missing=broken({"username": "shop"}),
        unknown={"manageMasterUserPassword": UNKNOWN},
        more={
            "write-only": kept({"passwordWo": "x", "passwordWoVersion": 1}),
            "an unknown one": broken({"password": UNKNOWN}),
            "switched off": broken({"manageMasterUserPassword": False}),
            "a replica": kept(REPLICA),
            "a restored one": kept(RESTORED),
            "a restored one with a password": broken({**RESTORED, "password": "x"}),
        },
    ),
    "rds-instance-backup-retention-min": Cases(
        DATABASE,
        compliant={"backupRetentionPeriod": 7},
        violating={"backupRetentionPeriod": 6},
        missing=broken({"engine": "postgres"}),
        unknown={"backupRetentionPeriod": UNKNOWN},
        more={
            "more are asked for": broken({"backupRetentionPeriod": 7}, minDays=14),
            "a replica": kept(REPLICA),
            "a restored one": broken(RESTORED),
        },
    ),
    "rds-instance-multi-az": switch("multiAz", replica=kept(REPLICA), restored=broken(RESTORED)),
    "rds-instance-minor-upgrades": Cases(
        DATABASE,
        compliant={"autoMinorVersionUpgrade": True},
        violating={"autoMinorVersionUpgrade": False},
        missing=kept({}),
        unknown={"autoMinorVersionUpgrade": UNKNOWN},
    ),
    "rds-instance-iam-authentication": switch(
        "iamDatabaseAuthenticationEnabled",
        oracle=kept({"engine": "oracle-ee"}),
        unknown_engine=undecided({"engine": UNKNOWN}),
    ),
    "rds-instance-logs-exported": Cases(
        DATABASE,
        compliant={"enabledCloudwatchLogsExports": ["postgresql"]},
        violating={"enabledCloudwatchLogsExports": []},
        missing=broken({"engine": "postgres"}),
        unknown=kept({"enabledCloudwatchLogsExports": UNKNOWN}),
    ),
    "rds-instance-custom-admin-username": Cases(
        DATABASE,
        compliant={"username": "shop_owner"},
        violating={"username": "Admin"},
        missing=kept(REPLICA),
        unknown={"username": UNKNOWN},
    ),
    "rds-instance-in-backup-plan": backup_selections.cases(DATABASE),
}
