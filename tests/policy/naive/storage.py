"""Files: buckets, a shared file system, images, and backups of it all."""

import json

import network
import pulumi
import pulumi_aws as aws

kept = pulumi.ResourceOptions(protect=True)

files_key = aws.kms.Key(
    "files-key", description="Reads the shop's files", enable_key_rotation=True, opts=kept
)
old_key = aws.kms.Key(
    "old-key",
    description="Reads what the shop wrote last year",
    deletion_window_in_days=7,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
        }
    ),
)


def refusing_plain_http(bucket: aws.s3.Bucket, *others: dict[str, object]) -> pulumi.Output[str]:
    """A policy that lets nobody in without TLS, and says what else is to be said."""
    return pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                *others,
            ],
        }
    )


def closed(name: str, bucket: aws.s3.Bucket) -> None:
    """Nobody outside reads the bucket."""
    aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


# Logs of the other buckets.
logs = aws.s3.Bucket("logs", opts=kept)
closed("logs-closed", logs)
aws.s3.BucketVersioning(
    "logs-versions",
    bucket=logs.id,
    versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
)
aws.s3.BucketServerSideEncryptionConfiguration(
    "logs-encryption",
    bucket=logs.id,
    rules=[
        aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                sse_algorithm="AES256"
            )
        )
    ],
)
logs_policy = aws.s3.BucketPolicy(
    "logs-policy",
    bucket=logs.id,
    policy=refusing_plain_http(
        logs,
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(logs.arn, "/*"),
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(logs.arn, "/*"),
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        },
    ),
)

# Invoices: everything right, each setting as a resource of its own.
invoices = aws.s3.Bucket("invoices", opts=kept)
closed("invoices-closed", invoices)
aws.s3.BucketVersioning(
    "invoices-versions",
    bucket=invoices.id,
    versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
)
aws.s3.BucketServerSideEncryptionConfiguration(
    "invoices-encryption",
    bucket=invoices.id,
    rules=[
        aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                sse_algorithm="aws:kms", kms_master_key_id=files_key.arn
            )
        )
    ],
)
aws.s3.BucketLogging("invoices-log", bucket=invoices.id, target_bucket=logs.id, target_prefix="invoices/")
aws.s3.BucketPolicy("invoices-policy", bucket=invoices.id, policy=refusing_plain_http(invoices))

# Exports: as right, with the settings inside of the bucket, as older examples write them.
exports = aws.s3.Bucket(
    "exports",
    versioning=aws.s3.BucketVersioningArgs(enabled=True),
    logging=aws.s3.BucketLoggingArgs(target_bucket=logs.id, target_prefix="exports/"),
    server_side_encryption_configuration=aws.s3.BucketServerSideEncryptionConfigurationArgs(
        rule=aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                sse_algorithm="aws:kms", kms_master_key_id=files_key.arn
            )
        )
    ),
    opts=kept,
)
closed("exports-closed", exports)
aws.s3.BucketPolicy("exports-policy", bucket=exports.id, policy=refusing_plain_http(exports))

# Photos: "the pictures didn't show up until I made all of it public".
photos = aws.s3.Bucket("photos", acl="public-read")
photos_open = aws.s3.BucketPublicAccessBlock(
    "photos-open",
    bucket=photos.id,
    block_public_acls=False,
    block_public_policy=False,
    ignore_public_acls=False,
    restrict_public_buckets=False,
)
photos_owners = aws.s3.BucketOwnershipControls(
    "photos-owners",
    bucket=photos.id,
    rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="ObjectWriter"),
)
photos_policy = aws.s3.BucketPolicy(
    "photos-policy",
    bucket=photos.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": pulumi.Output.concat(photos.arn, "/*"),
                },
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": ["s3:GetBucketAcl", "s3:PutObject"],
                    "Resource": [photos.arn, pulumi.Output.concat(photos.arn, "/*")],
                    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
                },
            ],
        }
    ),
)

shared = aws.efs.FileSystem("shared")
shared_target = aws.efs.MountTarget(
    "shared-target",
    file_system_id=shared.id,
    subnet_id=network.public_b.id,
    security_groups=[network.inside.id],
)
shared_entry = aws.efs.AccessPoint("shared-entry", file_system_id=shared.id)

images = aws.ecr.Repository(
    "images",
    image_tag_mutability="MUTABLE",
    image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=False),
)
images_policy = aws.ecr.RepositoryPolicy(
    "images-policy",
    repository=images.name,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
        }
    ),
)

# ---- backups ----------------------------------------------------------------------------------------

vault = aws.backup.Vault("vault", opts=kept)
nightly = aws.backup.Plan(
    "nightly",
    rules=[
        aws.backup.PlanRuleArgs(
            rule_name="nightly", target_vault_name=vault.name, schedule="cron(0 3 * * ? *)"
        )
    ],
)
