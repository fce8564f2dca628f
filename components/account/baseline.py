"""What a region of the account has once: the defaults of whatever is made there, by hand or by a service."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

# What AWS Backup takes part in. All that it knows are listed, since what isn't would be read back as drift.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html
_BACKED_UP = ("Aurora", "DynamoDB", "EFS", "S3")
_NOT_BACKED_UP = (
    *("CloudFormation", "DSQL", "DocumentDB", "EBS", "EC2", "FSx", "Neptune", "RDS", "Redshift"),
    *("Redshift Serverless", "SAP HANA on Amazon EC2", "Storage Gateway", "Timestream", "VirtualMachine"),
)


class Baseline(pulumi.ComponentResource):
    """Disks are encrypted, images and snapshots stay private, machines ask for tokens, no serial console.

    AWS Backup works for the kinds of stores that the platform has, and for no others.
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:account:Baseline", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        aws.ebs.EncryptionByDefault(f"{name}-disks", enabled=True, opts=child)
        aws.ebs.SnapshotBlockPublicAccess(f"{name}-snapshots", state="block-all-sharing", opts=child)
        aws.ec2.ImageBlockPublicAccess(f"{name}-images", state="block-new-sharing", opts=child)
        aws.ec2.InstanceMetadataDefaults(
            f"{name}-metadata", http_tokens="required", http_put_response_hop_limit=1, opts=child
        )
        aws.backup.RegionSettings(
            f"{name}-backups",
            resource_type_opt_in_preference={
                **dict.fromkeys(_BACKED_UP, True),
                **dict.fromkeys(_NOT_BACKED_UP, False),
            },
            # By AWS Backup itself, without which tables have no copies in another region.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
            resource_type_management_preference={"DynamoDB": True, "EFS": True},
            opts=child,
        )
        aws.ec2.SerialConsoleAccess(f"{name}-console", enabled=False, opts=child)
        self.register_outputs({})
