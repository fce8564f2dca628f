"""Cases of the rules on S3 buckets."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.documents import ACCOUNT, document, doubtful, policy

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
OTHER = "arn:aws:iam::210987654321:root"  # an account of the documentation, turned round
OWN = {"allowedAccountIds": json.dumps([ACCOUNT])}
FLAGS = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}
ON_BUCKET = {"bucket": ["bucket"]}
KMS = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": UNKNOWN}
PLAIN = {"sseAlgorithm": "AES256"}


def bucket(*rest: Res, **props: Any) -> list[Res]:
    return [Res(BUCKET, props, "bucket"), *rest]


def block(**flags: Any) -> Res:
    return Res(BLOCK, {"bucket": UNKNOWN, **FLAGS, **flags}, "block", ON_BUCKET)


def bucket_policy(text: Any) -> Res:
    return Res(BUCKET_POLICY, {"bucket": UNKNOWN, "policy": text}, "policy", ON_BUCKET)


def encryption(default: Any) -> Res:
    rules = [{"applyServerSideEncryptionByDefault": default}]
    return Res(ENCRYPTION, {"bucket": UNKNOWN, "rules": rules}, "encryption", ON_BUCKET)


def lock(mode: Any, **length: Any) -> Res:
    return Res(
        LOCK, {"bucket": UNKNOWN, "rule": {"defaultRetention": {"mode": mode, **length}}}, "lock", ON_BUCKET
    )


def audit(*rest: Res) -> list[Res]:
    return bucket(*rest, tags={"data-class": "audit"}, objectLockEnabled=True)


TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
DELIVERY = {
    "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "*",
}
EVERYONE = {"Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


def inside(default: Any) -> dict[str, Any]:
    return {"serverSideEncryptionConfiguration": {"rule": {"applyServerSideEncryptionByDefault": default}}}


CASES = {
    "s3-public-access-blocked": Cases(
        BUCKET,
        compliant=bucket(block()),
        violating=[*bucket(block()), Res(BUCKET, {}, "other")],
        missing=broken(bucket()),
        unknown=bucket(Res(BLOCK, {"bucket": UNKNOWN, **FLAGS}, "block")),
        more={
            "its flags are the block's own": kept(bucket(block(ignorePublicAcls=False))),
            "by the bucket's name": kept(
                [Res(BUCKET, {"bucket": "web"}, "bucket"), Res(BLOCK, {"bucket": "web", **FLAGS}, "block")]
            ),
            "the older name of the type": broken([Res("aws:s3/bucketV2:BucketV2", {})]),
        },
    ),
    "s3-public-access-block-flags": Cases(
        BLOCK,
        compliant=FLAGS,
        violating={**FLAGS, "blockPublicPolicy": False},
        missing=broken({}),
        unknown={**FLAGS, "restrictPublicBuckets": UNKNOWN},
        more={"the account's": broken(Res("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", {}))},
    ),
    "s3-no-public-acl": Cases(
        "aws:s3/bucketAcl:BucketAcl",
        compliant={"acl": "private"},
        violating={"acl": "public-read"},
        missing=kept({}),
        unknown={"acl": UNKNOWN},
        more={
            "a grant to everyone": broken(
                {
                    "accessControlPolicy": {
                        "grants": [{"grantee": {"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}}]
                    }
                }
            ),
            "inline in the bucket": broken(Res(BUCKET, {"acl": "authenticated-read"})),
        },
    ),
    "s3-policy-tls-only": Cases(
        BUCKET,
        compliant=bucket(bucket_policy(document(TLS_ONLY))),
        violating=bucket(bucket_policy(document(DELIVERY))),
        missing=broken(bucket()),
        unknown=bucket(bucket_policy(UNKNOWN)),
        more={
            "for reads alone": broken(
                bucket(bucket_policy(document({**TLS_ONLY, "Action": "s3:GetObject"})))
            ),
            "for one role alone": broken(
                bucket(bucket_policy(document({**TLS_ONLY, "Principal": {"AWS": OTHER}})))
            ),
            "allowed instead of denied": broken(
                bucket(bucket_policy(document({**TLS_ONLY, "Effect": "Allow"})))
            ),
            "beside an unknown statement": kept(bucket(bucket_policy({"Statement": [TLS_ONLY, UNKNOWN]}))),
            "under a condition that is unknown": undecided(
                bucket(bucket_policy({"Statement": [{**TLS_ONLY, "Condition": {"Bool": UNKNOWN}}]}))
            ),
        },
    ),
    "s3-policy-not-public": Cases(
        BUCKET_POLICY,
        compliant=policy(
            Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="s3:GetObject", Resource="*"
        ),
        violating=policy(**EVERYONE),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "tied to a distribution": kept(
                policy(
                    **EVERYONE,
                    Condition={
                        "StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}
                    },
                )
            ),
            "tied to every address": broken(
                policy(**EVERYONE, Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})
            ),
            "everyone but one": broken(
                policy(NotPrincipal={"AWS": OTHER}, Action="s3:GetObject", Resource="*")
            ),
            "denied to everyone": kept(policy(**TLS_ONLY)),
            "a condition that is unknown": undecided(doubtful(**EVERYONE, Condition=UNKNOWN)),
        },
    ),
    "s3-policy-limits-other-accounts": Cases(
        BUCKET_POLICY,
        compliant=Res(
            BUCKET_POLICY, policy(Principal={"AWS": OTHER}, Action="s3:GetObject", Resource="*"), provider=OWN
        ),
        violating=Res(
            BUCKET_POLICY, policy(Principal={"AWS": OTHER}, Action="s3:Put*", Resource="*"), provider=OWN
        ),
        missing=kept({}),
        unknown=policy(Principal={"AWS": OTHER}, Action="s3:PutBucketPolicy", Resource="*"),
        more={
            "one's own account": kept(
                Res(
                    BUCKET_POLICY,
                    policy(Principal={"AWS": ACCOUNT}, Action="s3:*", Resource="*"),
                    provider=OWN,
                )
            ),
            "a listed account": kept(
                policy(Principal={"AWS": OTHER}, Action="s3:*"), accounts=["210987654321"]
            ),
        },
    ),
    "s3-encrypted-with-kms": Cases(
        BUCKET,
        compliant=bucket(encryption(KMS)),
        violating=bucket(encryption(PLAIN)),
        missing=broken(bucket()),
        unknown=bucket(encryption({"sseAlgorithm": UNKNOWN})),
        more={
            "without a key": broken(bucket(encryption({"sseAlgorithm": "aws:kms"}))),
            "written in the bucket": kept(bucket(**inside(KMS))),
            "written in the bucket, without a key": broken(bucket(**inside({"sseAlgorithm": "aws:kms"}))),
            "written in the bucket, with an unknown key": kept(
                bucket(**inside({"sseAlgorithm": "aws:kms", "kmsMasterKeyId": UNKNOWN}))
            ),
            "what AWS writes in the bucket": broken(bucket(**inside(PLAIN))),
            "what AWS may write in the bucket": broken(bucket(serverSideEncryptionConfiguration=UNKNOWN)),
            "from elsewhere into the bucket": undecided(
                [
                    Res("aws:kms/key:Key", {}, "key"),
                    Res(
                        BUCKET,
                        {"serverSideEncryptionConfiguration": UNKNOWN},
                        "bucket",
                        {"serverSideEncryptionConfiguration": ["key"]},
                    ),
                ]
            ),
            "written in a bucket of the older type": kept(
                [
                    Res(
                        "aws:s3/bucketV2:BucketV2",
                        {
                            "serverSideEncryptionConfigurations": [
                                {"rules": [{"applyServerSideEncryptionByDefaults": [KMS]}]}
                            ]
                        },
                    )
                ]
            ),
            "a target of load balancers' logs by its policy": kept(
                bucket(encryption(PLAIN), bucket_policy(document(DELIVERY)))
            ),
            "a target of load balancers' logs by a load balancer": kept(
                bucket(
                    encryption(PLAIN),
                    Res(
                        "aws:lb/loadBalancer:LoadBalancer",
                        {"accessLogs": {"bucket": UNKNOWN}},
                        "lb",
                        {"accessLogs": ["bucket"]},
                    ),
                )
            ),
            "a target of S3's logs": kept(
                bucket(
                    encryption(PLAIN),
                    Res(
                        "aws:s3/bucketLogging:BucketLogging",
                        {"targetBucket": UNKNOWN},
                        "log",
                        {"targetBucket": ["bucket"]},
                    ),
                )
            ),
            "perhaps a target": undecided(bucket(encryption(PLAIN), bucket_policy(UNKNOWN))),
        },
    ),
    "s3-audit-object-lock": Cases(
        BUCKET,
        compliant=audit(lock("COMPLIANCE", years=7)),
        violating=audit(lock("GOVERNANCE", years=7)),
        missing=broken(audit()),
        unknown=audit(lock("COMPLIANCE", days=UNKNOWN)),
        more={
            "too short": broken(audit(lock("COMPLIANCE", days=30))),
            "another bucket": kept(bucket()),
            "a class that is unknown": undecided(bucket(tags=UNKNOWN)),
        },
    ),
}
