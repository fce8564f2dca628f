"""Cases of the rules on Aurora clusters, alone and in a global database."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.aurora import member
from tests.policy.subjects.subnets import placed

CLUSTER = "aws:rds/cluster:Cluster"
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
ACCOUNT = "123456789012"
LOCAL_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-1"
FOREIGN_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1"


def parameter(name: Any, value: Any) -> dict[str, Any]:
    return {"family": "aurora-postgresql16", "parameters": [{"name": name, "value": value}]}


def instances(*zones: Any) -> list[Res]:
    props = [
        {"clusterIdentifier": UNKNOWN, **({} if zone is None else {"availabilityZone": zone})}
        for zone in zones
    ]
    return [
        Res(CLUSTER, {}, "db"),
        *(Res(INSTANCE, it, f"i{i}", {"clusterIdentifier": ["db"]}) for i, it in enumerate(props)),
    ]


def subnet_group(*zones: Any, public: bool = False) -> list[Res]:
    return placed(SUBNET_GROUP, {"subnetIds": [UNKNOWN] * len(zones)}, "subnetIds", *zones, public=public)


CASES = {
    "aurora-storage-encrypted": Cases(
        CLUSTER,
        compliant={"storageEncrypted": True},
        violating={"storageEncrypted": False},
        missing=broken({"masterUsername": "admin"}),
        unknown={"storageEncrypted": UNKNOWN},
        more={
            "a joining member inherits it": kept(member(sourceRegion="us-east-1")),
            "a joining member that switches it off": broken(
                member(sourceRegion="us-east-1", storageEncrypted=False)
            ),
            "the first member inherits nothing": broken(member(masterUsername="admin")),
        },
    ),
    "aurora-global-encrypted": Cases(
        GLOBAL,
        compliant={"storageEncrypted": True},
        violating={"storageEncrypted": False},
        missing=broken({}),
        unknown={"storageEncrypted": UNKNOWN},
        more={"made from a cluster it inherits": kept({"sourceDbClusterIdentifier": UNKNOWN})},
    ),
    "aurora-global-regional-keys": Cases(
        CLUSTER,
        compliant=[member(kmsKeyId=LOCAL_KEY)],
        violating=[member(kmsKeyId=FOREIGN_KEY)],
        missing=broken([member()]),
        unknown=[member(kmsKeyId=UNKNOWN)],
        more={
            "a key without a region is local": kept([member(kmsKeyId="mrk-1")]),
            "the region is the provider's": broken(
                [
                    Res(
                        CLUSTER,
                        {"globalClusterIdentifier": "ledger", "kmsKeyId": FOREIGN_KEY},
                        provider={"region": "eu-west-1"},
                    )
                ]
            ),
            "a cluster of its own may take AWS's key": kept([Res(CLUSTER, {})]),
        },
    ),
    "aurora-deletion-protection": Cases(
        CLUSTER,
        compliant={"deletionProtection": True},
        violating={"deletionProtection": False},
        missing=broken({}),
        unknown={"deletionProtection": UNKNOWN},
    ),
    "aurora-global-deletion-protection": Cases(
        GLOBAL,
        compliant={"deletionProtection": True},
        violating={"deletionProtection": False},
        missing=broken({}),
        unknown={"deletionProtection": UNKNOWN},
    ),
    "aurora-instances-multi-az": Cases(
        CLUSTER,
        compliant=instances("a", "b"),
        violating=instances("a", "a"),
        missing=broken(instances()),
        unknown=instances("a", UNKNOWN),
        more={
            "one instance": broken(instances("a")),
            "AWS chooses the zones": kept(instances(None, None)),
        },
    ),
    "aurora-instance-not-public": Cases(
        INSTANCE,
        compliant={"publiclyAccessible": False},
        violating={"publiclyAccessible": True},
        missing=kept({}),
        unknown={"publiclyAccessible": UNKNOWN},
    ),
    "aurora-force-ssl": Cases(
        PARAMETERS,
        compliant=parameter("rds.force_ssl", "1"),
        violating=parameter("rds.force_ssl", "0"),
        missing=broken({"family": "aurora-postgresql16"}),
        unknown=parameter("rds.force_ssl", UNKNOWN),
        more={
            "a number": kept(parameter("rds.force_ssl", 1)),
            "unknown beside it": undecided(parameter(UNKNOWN, "1")),
            "MySQL calls it otherwise": kept(
                {
                    "family": "aurora-mysql8.0",
                    "parameters": [{"name": "require_secure_transport", "value": "ON"}],
                }
            ),
            "an unknown family": undecided({"family": UNKNOWN}),
        },
    ),
    "aurora-managed-master-password": Cases(
        CLUSTER,
        compliant={"manageMasterUserPassword": True},
        violating={"masterPassword": "canary-secret-0451"},
        missing=broken({"masterUsername": "admin"}),
        unknown={"manageMasterUserPassword": UNKNOWN},
        more={
            "an unknown password is a password": broken(
                {"masterPassword": UNKNOWN, "manageMasterUserPassword": True}
            ),
            "AWS refuses it in a global database": broken(
                member(masterUsername="admin", manageMasterUserPassword=True, masterPasswordWo=UNKNOWN)
            ),
            "write-only and ignored": kept(
                Res(
                    CLUSTER,
                    {
                        "globalClusterIdentifier": UNKNOWN,
                        "masterUsername": "admin",
                        "masterPasswordWo": UNKNOWN,
                    },
                    ignore=["masterPasswordWo"],
                )
            ),
            "write-only and not ignored": broken(member(masterUsername="admin", masterPasswordWo=UNKNOWN)),
            "a joining member has none": kept(member(sourceRegion="us-east-1")),
            "a restored cluster keeps its own": kept({"snapshotIdentifier": "snap"}),
        },
    ),
    "aurora-subnets-private": Cases(
        SUBNET_GROUP,
        compliant=subnet_group("a", "b"),
        violating=subnet_group("a", "b", public=True),
        missing=broken(subnet_group("a", "a")),
        unknown=[Res(SUBNET_GROUP, {"subnetIds": UNKNOWN})],
    ),
}
