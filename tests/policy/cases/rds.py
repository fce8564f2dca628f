"""Cases of the rules on backups, logs, upgrades and proxies of databases."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects import backup_selections

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
SNAPSHOT = "aws:rds/clusterSnapshot:ClusterSnapshot"
COPY = "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy"
PROXY = "aws:rds/proxy:Proxy"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


CASES = {
    "aurora-snapshot-not-public": Cases(
        SNAPSHOT,
        compliant={"sharedAccounts": ["123456789012"]},
        violating={"sharedAccounts": ["123456789012", "all"]},
        missing=kept({}),
        unknown={"sharedAccounts": [UNKNOWN]},
        more={"a copy": broken(Res(COPY, {"sharedAccounts": ["all"]}))},
    ),
    "aurora-snapshot-encrypted": Cases(
        COPY,
        compliant={"kmsKeyId": KEY},
        violating={"kmsKeyId": ""},
        missing=broken({}),
        unknown=kept({"kmsKeyId": UNKNOWN}),
    ),
    "aurora-backup-retention-min": Cases(
        CLUSTER,
        compliant={"backupRetentionPeriod": 35},
        violating={"backupRetentionPeriod": 6},
        missing=broken({}),
        unknown={"backupRetentionPeriod": UNKNOWN},
        more={"more are asked for": broken({"backupRetentionPeriod": 7}, minDays=14)},
    ),
    "aurora-iam-authentication": Cases(
        CLUSTER,
        compliant={"iamDatabaseAuthenticationEnabled": True},
        violating={"iamDatabaseAuthenticationEnabled": False},
        missing=broken({}),
        unknown={"iamDatabaseAuthenticationEnabled": UNKNOWN},
    ),
    "aurora-minor-upgrades": Cases(
        INSTANCE,
        compliant={"autoMinorVersionUpgrade": True},
        violating={"autoMinorVersionUpgrade": False},
        missing=kept({}),
        unknown={"autoMinorVersionUpgrade": UNKNOWN},
        more={"a cluster": broken(Res(CLUSTER, {"autoMinorVersionUpgrade": False}))},
    ),
    "aurora-logs-exported": Cases(
        CLUSTER,
        compliant={"engine": "aurora-postgresql", "enabledCloudwatchLogsExports": ["postgresql"]},
        violating={"engine": "aurora-postgresql", "enabledCloudwatchLogsExports": ["instance"]},
        missing=broken({"engine": "aurora-postgresql"}),
        unknown={"engine": "aurora-postgresql", "enabledCloudwatchLogsExports": UNKNOWN},
        more={
            "beside an unknown one": kept({"enabledCloudwatchLogsExports": [UNKNOWN, "postgresql"]}),
            "perhaps the unknown one": undecided({"enabledCloudwatchLogsExports": [UNKNOWN]}),
            "MySQL's audit log": kept(
                {"engine": "aurora-mysql", "enabledCloudwatchLogsExports": ["audit", "error"]}
            ),
            "MySQL's errors alone": broken(
                {"engine": "aurora-mysql", "enabledCloudwatchLogsExports": ["error"]}
            ),
        },
    ),
    "aurora-custom-admin-username": Cases(
        CLUSTER,
        compliant={"masterUsername": "platform_admin"},
        violating={"masterUsername": "postgres"},
        missing=kept({"globalClusterIdentifier": "ledger", "sourceRegion": "us-east-1"}),
        unknown={"masterUsername": UNKNOWN},
        more={"in capitals": broken({"masterUsername": "Admin"})},
    ),
    "aurora-in-backup-plan": backup_selections.cases(CLUSTER),
    "rds-proxy-requires-tls": Cases(
        PROXY,
        compliant={"engineFamily": "POSTGRESQL", "requireTls": True},
        violating={"engineFamily": "POSTGRESQL", "requireTls": False},
        missing=broken({}),
        unknown={"requireTls": UNKNOWN},
    ),
}
