"""Private S3 bucket with public-access block, versioning, encryption, lifecycle, Object Lock and one whole policy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

OLD_VERSION_DAYS = 30  # for so long an overwritten or deleted object can be restored
UPLOAD_DAYS = 7  # after these an incomplete multipart upload is aborted


@dataclass(frozen=True, kw_only=True)
class ObjectLock:
    """Default retention of each object version. In compliance mode nobody at all can delete one earlier."""

    mode: Literal["compliance", "governance"]
    years: int


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    bucket: str
    policy: Mapping[str, object]  # the whole document
    key_arn: pulumi.Input[str] | None  # None stands for S3's own key

    expiration_days: Mapping[str, int]  # by prefix; objects under no such prefix stay
    lock: ObjectLock | None

    tags: Mapping[str, str]
    retire: bool


@dataclass(frozen=True, kw_only=True)
class PrivateBucket:
    """Name and ARN wait for the policy, so that those who write to the bucket are allowed to by then."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    bucket_id: pulumi.Output[str]


def private_bucket(name: str, args: PrivateBucketArgs, *, parent: pulumi.Resource) -> PrivateBucket:
    """The resources of one bucket, as children of `parent`.

    With `retire` the bucket may be destroyed with its objects; one with a `lock` is then left to AWS with all its
    settings, since locked objects can't be deleted.
    """
    retained = True if args.lock else None
    child = pulumi.ResourceOptions(parent=parent, retain_on_delete=retained)
    bucket = aws.s3.Bucket(
        f"{name}-bucket",
        bucket=args.bucket,
        force_destroy=args.retire and args.lock is None,
        object_lock_enabled=retained,
        tags=args.tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=not args.retire, retain_on_delete=retained),
    )
    public_access_block = aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.id,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=child,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption", bucket=bucket.id, rules=[_encryption(args.key_arn)], opts=child
    )
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=child,
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket.id,
        rules=_lifecycle(args.expiration_days),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning], retain_on_delete=retained),
    )
    if args.lock is not None:
        aws.s3.BucketObjectLockConfiguration(
            f"{name}-lock",
            bucket=bucket.id,
            rule=_default_retention(args.lock),
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning], retain_on_delete=retained),
        )
    # After the public-access block: S3 refuses two changes of a bucket's access at once.
    bucket_policy = aws.s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.id,
        policy=json.dumps(args.policy),
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=[public_access_block], retain_on_delete=retained
        ),
    )
    return PrivateBucket(
        name=bucket_policy.bucket,
        arn=pulumi.Output.concat("arn:aws:s3:::", bucket_policy.bucket),
        bucket_id=bucket.id,
    )


def access_log(
    name: str, bucket: PrivateBucket, log_bucket: pulumi.Input[str], prefix: str, parent: pulumi.Resource
) -> None:
    """Logs the requests of `bucket` under a prefix of the log bucket."""
    aws.s3.BucketLogging(
        f"{name}-logging",
        bucket=bucket.bucket_id,
        target_bucket=log_bucket,
        target_prefix=prefix,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _default_retention(lock: ObjectLock) -> aws.s3.BucketObjectLockConfigurationRuleArgs:
    return aws.s3.BucketObjectLockConfigurationRuleArgs(
        default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
            mode=lock.mode.upper(), years=lock.years
        )
    )


def _encryption(
    key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
    if key_arn is None:
        return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=default(sse_algorithm="AES256")
        )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default(sse_algorithm="aws:kms", kms_master_key_id=key_arn),
        bucket_key_enabled=True,
    )


def _lifecycle(expiration_days: Mapping[str, int]) -> Sequence[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    old = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
        noncurrent_days=OLD_VERSION_DAYS
    )
    unfinished = aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
        days_after_initiation=UPLOAD_DAYS
    )
    tidy = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="tidy",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=old,
        abort_incomplete_multipart_upload=unfinished,
    )
    expiring = [
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id=prefix,
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=f"{prefix}/"),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        )
        for prefix, days in sorted(expiration_days.items())
    ]
    return [tidy, *expiring]
