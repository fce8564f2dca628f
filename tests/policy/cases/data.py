"""Cases of the rules on keys and databases."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subnets import placed

KEY = "aws:kms/key:Key"
CLUSTER = "aws:rds/cluster:Cluster"
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"

ACCOUNT = "123456789012"
LOCAL_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-1"
FOREIGN_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1"


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def key_policy(principal: Any, **more: Any) -> dict[str, Any]:
    return {"policy": document(Action="kms:Decrypt", Resource="*", Principal=principal, **more)}


def parameter(name: Any, value: Any) -> dict[str, Any]:
    return {"family": "aurora-postgresql16", "parameters": [{"name": name, "value": value}]}


def member(**props: Any) -> Res:
    return Res(CLUSTER, {"globalClusterIdentifier": "ledger", "region": "eu-west-1", **props})


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
    "kms-key-rotation": Cases(
        KEY,
        compliant={"enableKeyRotation": True},
        violating={"enableKeyRotation": False},
        missing=broken({}),
        unknown={"enableKeyRotation": UNKNOWN},
        more={
            "true as text": kept({"enableKeyRotation": "true"}),
            "a key that signs can't rotate": kept(
                {"keyUsage": "SIGN_VERIFY", "customerMasterKeySpec": "ECC_NIST_P256"}
            ),
            "a symmetric key by name": broken({"customerMasterKeySpec": "SYMMETRIC_DEFAULT"}),
        },
    ),
    "kms-policy-no-public-principal": Cases(
        KEY,
        compliant=key_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        violating=key_policy("*"),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "everyone under AWS": broken(key_policy({"AWS": ["*"]})),
            "everyone of one account": kept(
                key_policy("*", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})
            ),
            "roles of one account": kept(
                key_policy(
                    "*", Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/castle-*"}}
                )
            ),
            "roles of any account": broken(
                key_policy("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/castle-*"}})
            ),
            "a condition that an absent key passes": broken(
                key_policy("*", Condition={"StringEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}})
            ),
            "a principal that is unknown": undecided(
                {
                    "policy": {
                        "Statement": [{"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": UNKNOWN}}]
                    }
                }
            ),
            "a replica": broken(Res("aws:kms/replicaKey:ReplicaKey", key_policy("*"))),
            "no document": broken({"policy": "allow all"}),
        },
    ),
    "kms-deletion-window": Cases(
        KEY,
        compliant={"deletionWindowInDays": 30},
        violating={"deletionWindowInDays": 7},
        missing=kept({}),
        unknown={"deletionWindowInDays": UNKNOWN},
        more={"a shorter one is asked for": kept({"deletionWindowInDays": 7}, minDays=7)},
    ),
    "kms-no-lockout-bypass": Cases(
        KEY,
        compliant={"bypassPolicyLockoutSafetyCheck": False},
        violating={"bypassPolicyLockoutSafetyCheck": True},
        missing=kept({}),
        unknown={"bypassPolicyLockoutSafetyCheck": UNKNOWN},
        more={"true as text": broken({"bypassPolicyLockoutSafetyCheck": "true"})},
    ),
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
    "kms-replica-in-each-region": Cases(
        KEY,
        compliant={
            "a": [
                Res(KEY, {"multiRegion": True, "region": "us-east-1"}, "key"),
                Res(
                    "aws:kms/replicaKey:ReplicaKey", {"region": "eu-west-1"}, "r", {"primaryKeyArn": ["key"]}
                ),
                Res("aws:ec2/vpc:Vpc", {"region": "us-east-1"}, "vpc"),
            ],
            "b": [Res("aws:ec2/vpc:Vpc", {"region": "eu-west-1"}, "vpc")],
        },
        violating={
            "a": [
                Res(KEY, {"multiRegion": True, "region": "us-east-1"}),
                Res("aws:ec2/vpc:Vpc", {"region": "us-east-1"}, "vpc"),
            ],
            "b": [Res("aws:ec2/vpc:Vpc", {"region": "eu-west-1"}, "vpc")],
        },
        missing=kept({"a": [Res(KEY, {})]}),
        unknown={"a": [Res(KEY, {"multiRegion": True, "region": UNKNOWN})]},
        more={
            "inside its residency": kept(
                {"a": [Res(KEY, {"multiRegion": True, "region": "eu-west-1", "tags": {"residency": "eu"}})]},
                regions=["us-east-1", "eu-west-1"],
                residencies={"eu": ["eu-west-1"]},
            ),
            "a replica outside of its residency": broken(
                {
                    "a": [
                        Res(
                            KEY,
                            {"multiRegion": True, "region": "eu-west-1", "tags": {"residency": "eu"}},
                            "key",
                        ),
                        Res(
                            "aws:kms/replicaKey:ReplicaKey",
                            {"region": "us-east-1"},
                            "r",
                            {"primaryKeyArn": ["key"]},
                        ),
                    ]
                },
                regions=["us-east-1", "eu-west-1"],
                residencies={"eu": ["eu-west-1"]},
            ),
        },
    ),
    "aurora-global-secondary-region": Cases(
        GLOBAL,
        compliant={
            "a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member(region="us-east-1")],
            "b": [member()],
        },
        violating={"a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member()]},
        missing=broken({"a": [Res(GLOBAL, {"id": "ledger"})]}),
        unknown={"a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member(globalClusterIdentifier=UNKNOWN)]},
    ),
    "aurora-global-engine-consistent": Cases(
        GLOBAL,
        compliant={
            "a": [Res(GLOBAL, {"id": "ledger", "engineVersion": "16.4"}, "gc"), member(engineVersion="16.4")]
        },
        violating={
            "a": [Res(GLOBAL, {"id": "ledger", "engineVersion": "16.4"}, "gc"), member(engineVersion="15.4")]
        },
        missing=kept({"a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member()]}),
        unknown={
            "a": [Res(GLOBAL, {"id": "ledger", "engineVersion": UNKNOWN}, "gc"), member(engineVersion="15.4")]
        },
    ),
}
