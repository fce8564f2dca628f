"""Cases of the rules on ElastiCache, alone and in a global datastore."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.subnets import placed

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
DATASTORE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
CACHE_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
USER = "aws:elasticache/user:User"
JOINS = {"globalReplicationGroupId": "ldgnf-castle"}


def cache_in(*zones: Any, public: bool = False) -> list[Res]:
    return placed(CACHE_SUBNETS, {"subnetIds": [UNKNOWN] * len(zones)}, "subnetIds", *zones, public=public)


def datastore(first: dict[str, Any], second: dict[str, Any] | None = None) -> dict[str, list[Res]]:
    """A datastore over a group in Virginia and, if given, one in Ireland that joined."""
    stacks = {
        "a": [
            Res(
                DATASTORE,
                {"globalReplicationGroupId": "ldgnf-castle", "primaryReplicationGroupId": "first"},
                "gds",
            ),
            Res(GROUP, {"id": "first", "region": "us-east-1", **first}, "group"),
        ]
    }
    return (
        stacks
        if second is None
        else stacks | {"b": [Res(GROUP, {"region": "eu-west-1", **JOINS, **second}, "group")]}
    )


CASES = {
    **{
        f"elasticache-{rule}": Cases(
            GROUP,
            compliant={name: True},
            violating={name: False},
            missing=broken({}),
            unknown={name: UNKNOWN},
            more={
                "a joining member inherits it": kept(JOINS),
                "a joining member that switches it off": broken({**JOINS, name: "false"}),
            },
        )
        for rule, name in (
            ("at-rest-encrypted", "atRestEncryptionEnabled"),
            ("transit-encrypted", "transitEncryptionEnabled"),
            ("automatic-failover", "automaticFailoverEnabled"),
        )
    },
    "elasticache-auth-required": Cases(
        GROUP,
        compliant={"userGroupIds": [UNKNOWN]},
        violating={"userGroupIds": []},
        missing=broken({}),
        unknown={"userGroupIds": UNKNOWN},
        more={"a token": kept({"authToken": UNKNOWN}), "a joining member has its own": broken(JOINS)},
    ),
    "elasticache-user-least-privilege": Cases(
        USER,
        compliant={"accessString": "on ~orders:* +@read", "authenticationMode": {"type": "iam"}},
        violating={"accessString": "on ~* +@all", "authenticationMode": {"type": "iam"}},
        missing=broken({"accessString": "on ~orders:* +@read"}),
        unknown={"accessString": UNKNOWN, "authenticationMode": {"type": "iam"}},
        more={
            "without a password": broken({"accessString": "on ~a +get", "noPasswordRequired": True}),
            "without a password by its mode": broken(
                {"accessString": "on ~a +get", "authenticationMode": {"type": "no-password-required"}}
            ),
            "switched off": kept({"accessString": "off ~* -@all", "noPasswordRequired": True}),
            "all but the dangerous": kept(
                {"accessString": "on ~* +@all -@dangerous", "authenticationMode": {"type": "iam"}}
            ),
            "an unknown mode": undecided(
                {"accessString": "on ~a +get", "authenticationMode": {"type": UNKNOWN}}
            ),
        },
    ),
    "elasticache-snapshot-retention": Cases(
        GROUP,
        compliant={"snapshotRetentionLimit": 7},
        violating={"snapshotRetentionLimit": 0},
        missing=broken({}),
        unknown={"snapshotRetentionLimit": UNKNOWN},
        more={"more days are asked for": broken({"snapshotRetentionLimit": 7}, minDays=14)},
    ),
    "elasticache-minor-upgrades": Cases(
        GROUP,
        compliant={"autoMinorVersionUpgrade": True},
        violating={"autoMinorVersionUpgrade": "false"},
        missing=kept({}),
        unknown={"autoMinorVersionUpgrade": UNKNOWN},
    ),
    "elasticache-custom-subnet-group": Cases(
        GROUP,
        compliant={"subnetGroupName": "castle"},
        violating={"subnetGroupName": "default"},
        missing=broken({}),
        unknown={"subnetGroupName": UNKNOWN},
    ),
    "elasticache-private-subnets": Cases(
        CACHE_SUBNETS,
        compliant=cache_in("a", "b"),
        violating=cache_in("a", "b", public=True),
        missing=broken(cache_in("a")),
        unknown=[Res(CACHE_SUBNETS, {"subnetIds": UNKNOWN})],
    ),
    "elasticache-global-secondary-region": Cases(
        DATASTORE,
        compliant=datastore({}, {}),
        violating=datastore({}, {"region": "us-east-1"}),
        missing=broken(datastore({})),
        unknown={
            **datastore({}),
            "b": [Res(GROUP, {"globalReplicationGroupId": UNKNOWN, "region": "eu-west-1"})],
        },
    ),
    "elasticache-global-encryption-consistent": Cases(
        DATASTORE,
        compliant=datastore({"transitEncryptionEnabled": True}, {"transitEncryptionEnabled": "true"}),
        violating=datastore({"atRestEncryptionEnabled": True}, {"atRestEncryptionEnabled": False}),
        missing=kept(datastore({"transitEncryptionEnabled": True}, {})),
        unknown=datastore({"transitEncryptionEnabled": True}, {"transitEncryptionEnabled": UNKNOWN}),
        more={"one without users": broken(datastore({"userGroupIds": ["a"]}, {}))},
    ),
}
