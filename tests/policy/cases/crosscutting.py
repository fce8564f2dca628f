"""Cases of the rules on every resource, whatever its type."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res, Verdict
from tests.policy.case import Case, Cases, Never, broken, kept, undecided
from tests.policy.subjects.regions import key

TOPIC = "aws:sns/topic:Topic"
CLUSTER = "aws:rds/cluster:Cluster"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
BUCKET = "aws:s3/bucket:Bucket"
PROVIDER = "pulumi:providers:aws"
ACCOUNT = "123456789012"
IRELAND = {"region": "eu-west-1"}


CASES = {
    "region-allowlist": Cases(
        TOPIC,
        compliant=kept({"region": "eu-west-1"}, regions=["eu-west-1"]),
        violating=broken({"region": "us-east-1"}, regions=["eu-west-1"]),
        missing=kept({}, regions=["eu-west-1"]),
        unknown=undecided({"region": UNKNOWN}, regions=["eu-west-1"]),
        more={
            "without a list": kept({"region": "us-east-1"}),
            "by its provider": broken(Res(TOPIC, provider={"region": "us-east-1"}), regions=["eu-west-1"]),
            "its own before its provider's": kept(
                Res(TOPIC, {"region": "eu-west-1"}, provider={"region": "us-east-1"}), regions=["eu-west-1"]
            ),
            "a provider itself": broken(Res(PROVIDER, {"region": "us-east-1"}), regions=["eu-west-1"]),
            "what has no region": kept(
                Res("aws:iam/role:Role", provider={"region": "us-east-1"}), regions=["eu-west-1"]
            ),
        },
    ),
    "cross-region-key-locality": Cases(
        TOPIC,
        compliant=Res(TOPIC, {"kmsMasterKeyId": key("eu-west-1")}, provider=IRELAND),
        violating=Res(TOPIC, {"kmsMasterKeyId": key("us-east-1")}, provider=IRELAND),
        missing=kept({}),
        unknown=Res(TOPIC, {"kmsMasterKeyId": UNKNOWN}, provider=IRELAND),
        more={
            "deep inside": broken(
                Res(
                    "aws:eks/cluster:Cluster",
                    {"encryptionConfig": {"provider": {"keyArn": key("us-east-1")}}},
                    provider=IRELAND,
                )
            ),
            "an alias": kept(Res(TOPIC, {"kmsMasterKeyId": "alias/castle"}, provider=IRELAND)),
            "a replica's primary": kept(
                Res(
                    "aws:kms/replicaKey:ReplicaKey",
                    {"primaryKeyArn": key("us-east-1"), "region": "eu-west-1"},
                )
            ),
            "the far end of a replication": kept(
                Res(
                    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
                    {
                        "rules": [
                            {
                                "destination": {
                                    "encryptionConfiguration": {"replicaKmsKeyId": key("us-east-1")}
                                }
                            }
                        ]
                    },
                    provider=IRELAND,
                )
            ),
        },
    ),
    "no-plaintext-secrets": Cases(
        TOPIC,
        compliant={"displayName": "orders"},
        violating={"displayName": "-----BEGIN RSA PRIVATE KEY-----"},
        missing=kept({}),
        unknown=kept({"displayName": UNKNOWN}),
        more={
            "deep inside": broken({"tags": {"a": ["x", "ghp_" + "a1B2" * 10]}}),
            "in a connection string": broken({"endpoint": "postgres://castle:hunter2@db.example:5432/x"}),
            "an address without a password": kept({"endpoint": "https://castle.example:443/x"}),
            "an input that is made for it": kept({"secretString": "-----BEGIN PRIVATE KEY-----"}),
            "a write-only input": kept({"masterPasswordWo": "-----BEGIN PRIVATE KEY-----"}),
        },
    ),
    "stateful-resources-protected": Cases(
        BUCKET,
        compliant=Res(BUCKET, protect=True),
        violating=Res(BUCKET, protect=False),
        missing=broken({}),
        unknown=Never("an option of a resource is known before the program ends, unlike its inputs"),
    ),
    "no-ignore-changes-on-guarded-inputs": Cases(
        CLUSTER,
        compliant=Res(CLUSTER, ignore=["masterPasswordWo", "engineVersion"]),
        violating=Res(CLUSTER, ignore=["storageEncrypted"]),
        missing=kept({}),
        unknown=Never("an option of a resource is known before the program ends, unlike its inputs"),
        more={
            "an input that nobody judges": kept(Res(CLUSTER, ignore=["preferredBackupWindow"])),
            "an input that every type is judged by": broken(Res(TOPIC, ignore=["region"])),
            "everything": broken(Res(CLUSTER, ignore=["*"])),
            "a part of one": broken(Res(BALANCER, ignore=['tags["public-entry"]'])),
            "a part of one in a list": broken(
                Res("aws:cloudfront/distribution:Distribution", ignore=["origins[0].customOriginConfig"])
            ),
            "a joining cache member": kept(
                Res(
                    "aws:elasticache/replicationGroup:ReplicationGroup",
                    {"globalReplicationGroupId": UNKNOWN},
                    ignore=["atRestEncryptionEnabled"],
                )
            ),
        },
    ),
    "provider-no-static-credentials": Cases(
        PROVIDER,
        compliant={"region": "eu-west-1"},
        violating={"accessKey": "AKIA", "secretKey": "x"},
        missing=kept({}),
        unknown=broken({"secretKey": UNKNOWN}),
    ),
    "provider-account-allowlisted": Cases(
        PROVIDER,
        compliant={"allowedAccountIds": f'["{ACCOUNT}"]'},  # Pulumi hands a provider's lists over as JSON
        violating={"allowedAccountIds": "[]"},
        missing=broken({"region": "eu-west-1"}),
        unknown={"allowedAccountIds": UNKNOWN},
        more={
            "as a list": kept({"allowedAccountIds": [ACCOUNT]}),
            "another package's provider": Case(Res("pulumi:providers:kubernetes"), Verdict.NOT_ASKED),
        },
    ),
}
