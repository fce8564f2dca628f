"""What every bucket of the platform is: private, versioned, encrypted, tidy, with one whole policy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

OLD_VERSION_DAYS = 30  # how long something overwritten or deleted can be had back
UPLOAD_DAYS = 7  # after which an unfinished upload is given up


@dataclass(frozen=True, kw_only=True)
class ObjectLock:
    """How long nobody deletes what is written: in compliance mode nobody at all."""

    mode: Literal["compliance", "governance"]
    years: int


@dataclass(frozen=True, kw_only=True)
class PrivateBucket:
    """The parts that others refer to. Both values wait for the policy, so that who writes may write."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    bucket_id: pulumi.Output[str]


def private_bucket(
    name: str,
    *,
    bucket: str,
    policy: Mapping[str, object],
    key_arn: pulumi.Input[str] | None,
    expire: Mapping[str, int],
    tags: Mapping[str, str],
    retire: bool,
    parent: pulumi.Resource,
    lock: ObjectLock | None = None,
) -> PrivateBucket:
    """The resources of one bucket, as children of `parent`.

    Without `key_arn` it is encrypted with S3's own key. `expire` has days by prefix; what has no prefix there
    is kept. With `retire` the bucket may be destroyed with what is in it; one with a `lock` is then left to AWS with
    all its settings, since what is locked in it can't be deleted.
    """
    stays = True if lock else None
    child = pulumi.ResourceOptions(parent=parent, retain_on_delete=stays)
    made = aws.s3.Bucket(
        f"{name}-bucket",
        bucket=bucket,
        force_destroy=retire and lock is None,
        object_lock_enabled=stays,
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=not retire, retain_on_delete=stays),
    )
    closed = aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=made.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=made.id,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=child,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption", bucket=made.id, rules=[_encryption(key_arn)], opts=child
    )
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=made.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=child,
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=made.id,
        rules=_lifecycle(expire),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning], retain_on_delete=stays),
    )
    if lock is not None:
        aws.s3.BucketObjectLockConfiguration(
            f"{name}-lock",
            bucket=made.id,
            rule=_retention(lock),
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning], retain_on_delete=stays),
        )
    # After the public-access block: S3 refuses two changes of a bucket's access at once.
    written = aws.s3.BucketPolicy(
        f"{name}-policy",
        bucket=made.id,
        policy=json.dumps(policy),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[closed], retain_on_delete=stays),
    )
    return PrivateBucket(
        name=written.bucket, arn=pulumi.Output.concat("arn:aws:s3:::", written.bucket), bucket_id=made.id
    )


def access_log(
    name: str, made: PrivateBucket, log_bucket: pulumi.Input[str], prefix: str, parent: pulumi.Resource
) -> None:
    """Logs the requests of a bucket under a prefix of another one."""
    aws.s3.BucketLogging(
        f"{name}-logging",
        bucket=made.bucket_id,
        target_bucket=log_bucket,
        target_prefix=prefix,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _retention(lock: ObjectLock) -> aws.s3.BucketObjectLockConfigurationRuleArgs:
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


def _lifecycle(expire: Mapping[str, int]) -> Sequence[aws.s3.BucketLifecycleConfigurationRuleArgs]:
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
        for prefix, days in sorted(expire.items())
    ]
    return [tidy, *expiring]
