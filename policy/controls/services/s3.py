"""Rules on S3 buckets: public access, TLS, bucket policies, encryption, Object Lock."""

from __future__ import annotations

from typing import Final

from controls.language.buckets import PLAIN_DELIVERY, PUBLIC_ACCESS_FLAGS, inline_settings, receives_logs
from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of
from controls.language.graph import Graph
from controls.language.iam.documents import cross_account, forbid_statements, open_to_all, refuses_plaintext
from controls.language.remediation import Remedy
from controls.language.rules import CRITICAL, HIGH, Config, Param, Rule, stack_rule
from controls.language.shapes import missing_companion
from controls.language.tokens import (
    ACCOUNT_BLOCK,
    BUCKET,
    BUCKET_ACL,
    BUCKET_BLOCK,
    BUCKET_ENCRYPTION,
    BUCKET_LOCK,
    BUCKET_POLICY,
)
from controls.language.verdicts import Fail, Undecided, Verdict, Verdicts

_PUBLIC_ACLS: Final = ("public-read", "public-read-write", "authenticated-read")
_PUBLIC_GROUPS: Final = ("/AllUsers", "/AuthenticatedUsers")

# Actions that S3.6 forbids to other accounts.
_ADMINISTRATION: Final = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)


# Both spellings of the inline encryption of a bucket: `Bucket` has one of each, `BucketV2` lists.
_ENCRYPTION_INSIDE: Final = (
    "serverSideEncryptionConfiguration.rule.applyServerSideEncryptionByDefault",
    "serverSideEncryptionConfigurations.*.rules.*.applyServerSideEncryptionByDefaults.*",
)


def public_access_blocked(graph: Graph) -> Verdicts:
    """Public access block of each bucket; the flags are judged on the block itself."""
    for bucket in graph.of(BUCKET):
        if not graph.referrers(BUCKET_BLOCK, "bucket", bucket):
            message = "the bucket has no BucketPublicAccessBlock: add one with all four flags true"
            yield missing_companion(graph, bucket, BUCKET_BLOCK, "bucket", message)


def block_flags_set(node: Node) -> Verdicts:
    for name in PUBLIC_ACCESS_FLAGS:
        value = node.flag(name)
        if value is UNKNOWN:
            yield Undecided(name)
        elif value is not True:
            yield Fail(f"`{name}` isn't true: set it to true")


def no_public_acl(node: Node) -> Verdicts:
    for path in ("acl", "grants.*.uri", "accessControlPolicy.grants.*.grantee.uri"):
        for where, value in node.find(path):
            if value is UNKNOWN:
                yield Undecided(where)
            elif value in _PUBLIC_ACLS or (isinstance(value, str) and value.endswith(_PUBLIC_GROUPS)):
                yield Fail(
                    f"`{where}` grants the public access: use private, or a bucket policy that names roles"
                )


def tls_only(graph: Graph) -> Verdicts:
    for bucket in graph.of(BUCKET):
        verdicts = [
            _requires_tls(policy.get("policy")) for policy in graph.referrers(BUCKET_POLICY, "bucket", bucket)
        ]
        refused = any_of(_requires_tls(bucket.get("policy")), *verdicts)
        if refused is UNKNOWN:
            yield Undecided("policy", bucket.urn)
        elif refused is False:
            message = (
                "no BucketPolicy of the bucket refuses plain HTTP: deny s3:* to everyone where"
                " aws:SecureTransport is false"
            )
            yield missing_companion(graph, bucket, BUCKET_POLICY, "bucket", message)


def _requires_tls(document: Value) -> Truth:
    return refuses_plaintext(document, lambda it: it in ("*", "s3:*"))


def not_public(node: Node) -> Verdicts:
    yield from forbid_statements(
        node, ("policy",), open_to_all, "lets anyone in: name principals, or tie it by a condition"
    )


def other_accounts_limited(node: Node, config: Config) -> Verdicts:
    other = cross_account(node, config["accounts"])
    yield from forbid_statements(
        node,
        ("policy",),
        lambda it: all_of(other(it), it.includes_action(*_ADMINISTRATION)),
        "lets another account administer the bucket: grant it data only",
    )


def encrypted(graph: Graph) -> Verdicts:
    """Default encryption with a customer-managed key.

    A bucket to which load balancers or S3 itself deliver logs must have S3's own encryption: they can't write
    with a customer's key. Such a bucket is recognised by the resources that log to it, or by the services that
    its policy lets write.
    """
    for bucket in graph.of(BUCKET):
        settings = graph.referrers(BUCKET_ENCRYPTION, "bucket", bucket)
        rules = [
            rule for node in settings for rule in node.find("rules.*.applyServerSideEncryptionByDefault")
        ]
        rules += inline_settings(bucket, _ENCRYPTION_INSIDE)
        if not rules:
            message = "the bucket has no default encryption: add one with aws:kms and a key"
            yield missing_companion(graph, bucket, BUCKET_ENCRYPTION, "bucket", message)
        for where, default in rules:
            yield from _encryption(graph, bucket, where, default)


def _encryption(graph: Graph, bucket: Node, where: str, default: object) -> Verdicts:
    algorithm = default.get("sseAlgorithm", MISSING) if isinstance(default, dict) else default
    if algorithm is UNKNOWN:
        yield Undecided(f"{where}.sseAlgorithm", bucket.urn)
    elif algorithm in ("aws:kms", "aws:kms:dsse"):
        if not isinstance(default, dict) or "kmsMasterKeyId" not in default:
            yield Fail(f"`{where}.kmsMasterKeyId` is missing: name a customer-managed key", bucket.urn)
    else:
        for_logs = receives_logs(graph, bucket, PLAIN_DELIVERY)
        if for_logs is UNKNOWN:
            yield Undecided("policy", bucket.urn)
        elif for_logs is False:
            yield Fail(
                f"`{where}.sseAlgorithm` isn't aws:kms: use it with a customer-managed key", bucket.urn
            )


def audit_objects_locked(graph: Graph, config: Config) -> Verdicts:
    """Object Lock of buckets with audit records, which are marked by the value of one tag."""
    tag, classes, days = config["classTag"], config["classes"], config["minDays"]
    for bucket in graph.of(BUCKET):
        label = bucket.tag(tag)
        if label is UNKNOWN:
            yield Undecided(f"tags.{tag}", bucket.urn)
        elif label in classes:
            yield from _locked(graph, bucket, days)


def _locked(graph: Graph, bucket: Node, days: int) -> list[Verdict]:
    locks = graph.referrers(BUCKET_LOCK, "bucket", bucket)
    message = "the bucket has no object lock: set objectLockEnabled and a BucketObjectLockConfiguration"
    if bucket.flag("objectLockEnabled") is False:
        return [Fail(message, bucket.urn)]
    if not locks:
        return [missing_companion(graph, bucket, BUCKET_LOCK, "bucket", message)]
    verdicts: list[Verdict] = []
    for lock in locks:
        mode = lock.get("rule.defaultRetention.mode")
        years, kept = lock.get("rule.defaultRetention.years"), lock.get("rule.defaultRetention.days")
        length = years * 365 if isinstance(years, int) else kept
        if UNKNOWN in (mode, length):
            verdicts.append(Undecided("rule.defaultRetention", lock.urn))
        elif mode != "COMPLIANCE" or not isinstance(length, int) or length < days:
            verdicts.append(
                Fail(f"`rule.defaultRetention` is weaker than COMPLIANCE for {days} days", lock.urn)
            )
    return verdicts


RULES: Final = (
    stack_rule(
        "s3-public-access-blocked",
        CRITICAL,
        BUCKET,
        public_access_blocked,
        asks="Each bucket has a block of public access",
        fix="Add a BucketPublicAccessBlock with all four flags true",
        ids="S3.8 CIS-3.0:2.1.4 CIS-5.0:2.1.4 CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56 CKV2_AWS_6",
    ),
    Rule(
        "s3-public-access-block-flags",
        CRITICAL,
        BUCKET_BLOCK + ACCOUNT_BLOCK,
        block_flags_set,
        asks="Every public-access block sets all four flags",
        fix="Set blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets to true",
        ids="S3.8 CIS-3.0:2.1.4 CIS-5.0:2.1.4 CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56",
        reads=" ".join(PUBLIC_ACCESS_FLAGS),
        remedy=Remedy(dict.fromkeys(PUBLIC_ACCESS_FLAGS, True)),
    ),
    Rule(
        "s3-no-public-acl",
        CRITICAL,
        BUCKET_ACL + BUCKET,
        no_public_acl,
        asks="ACLs never grant the public access",
        fix="Use the acl private, or none and a bucket policy that names roles",
        ids="S3.2 S3.3 CKV_AWS_20 CKV_AWS_57 CKV_AWS_375 CKV2_AWS_43",
        reads="acl grants accessControlPolicy",
        remedy=Remedy({"acl": "private"}),
    ),
    stack_rule(
        "s3-policy-tls-only",
        HIGH,
        BUCKET,
        tls_only,
        asks="Each bucket's policy denies requests without TLS",
        fix='Add a statement: Deny, Principal "*", s3:*, Bool aws:SecureTransport false',
        ids="S3.5 CIS-3.0:2.1.1 CIS-5.0:2.1.1 CKV_AWS_379",
    ),
    Rule(
        "s3-policy-not-public",
        CRITICAL,
        BUCKET_POLICY + BUCKET,
        not_public,
        asks="Bucket policies allow no wildcard principal without a condition",
        fix="Name principals, or tie the statement by aws:SourceArn, aws:PrincipalArn or the like",
        ids="S3.2 S3.3 CIS-7.0:2.21 CKV_AWS_70",
        reads="policy",
    ),
    Rule(
        "s3-policy-limits-other-accounts",
        HIGH,
        BUCKET_POLICY,
        other_accounts_limited,
        asks="Other accounts get no administrative bucket actions",
        fix="Grant other accounts data actions only; keep policy, ACL and encryption to yourself",
        ids="S3.6",
        reads="policy",
        config={
            "accounts": Param(
                [], "Account ids that count as one's own, beside those of the provider's allow-list"
            )
        },
    ),
    stack_rule(
        "s3-encrypted-with-kms",
        HIGH,
        BUCKET + BUCKET_ENCRYPTION,
        encrypted,
        asks="Each bucket encrypts with a customer-managed key, unless log delivery can't write with one",
        fix="Add a BucketServerSideEncryptionConfiguration with aws:kms and kmsMasterKeyId",
        narrowed="Load balancers and S3 can't write logs with a customer's key: buckets for those logs have"
        " S3's own encryption.",
        ids="S3.17 CKV_AWS_19 CKV_AWS_145",
        reads="rules",
    ),
    stack_rule(
        "s3-audit-object-lock",
        HIGH,
        BUCKET + BUCKET_LOCK,
        audit_objects_locked,
        asks="Buckets of audit and trade records are locked in compliance mode for the configured days",
        fix="Set objectLockEnabled and a BucketObjectLockConfiguration in COMPLIANCE mode",
        ids="S3.15 CKV_AWS_143",
        reads="objectLockEnabled rule",
        config={
            "classTag": Param("data-class", "Tag that tells what a bucket holds"),
            "classes": Param(["audit", "trade-records"], "Values of that tag that ask for a lock"),
            "minDays": Param(365, "Shortest retention in days"),
        },
    ),
)
