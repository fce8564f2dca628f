"""Settings of the AWS account in one region: defaults of EBS, EC2, AWS Backup and API Gateway."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

# Resource types that AWS Backup backs up. All of its types are listed, since any other would be read back as drift.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html
_BACKED_UP = ("Aurora", "DynamoDB", "EFS", "S3")
_NOT_BACKED_UP = (
    *("CloudFormation", "DSQL", "DocumentDB", "EBS", "EC2", "FSx", "Neptune", "RDS", "Redshift"),
    *("Redshift Serverless", "SAP HANA on Amazon EC2", "Storage Gateway", "Timestream", "VirtualMachine"),
)

# API Gateway refuses a role that may do less.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
API_LOGS_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


class Baseline(pulumi.ComponentResource):
    """Encrypted disks, private images and snapshots, IMDSv2 for instances, no serial console.

    AWS Backup is on for the types of stores that the platform has, and off for others. API Gateway may write logs, by
    the role that is called `api_logs`.
    """

    api_gateway_account: (
        pulumi.Resource
    )  # the account settings of API Gateway, for which a stage that logs has to wait

    def __init__(self, name: str, api_logs: str, opts: pulumi.ResourceOptions | None = None) -> None:
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
        self.api_gateway_account = self._logs_of_apis(name, api_logs)
        self.register_outputs({})

    def _logs_of_apis(self, name: str, role_name: str) -> pulumi.Resource:
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-api-logs",
            name=role_name,
            assume_role_policy=json.dumps(api_logs_trust()),
            opts=child,
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{name}-api-logs", role=role.name, policy_arn=API_LOGS_POLICY, opts=child
        )
        return aws.apigateway.Account(
            f"{name}-apis",
            cloudwatch_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[attached]),
        )


def api_logs_trust() -> dict[str, object]:
    """Trusts API Gateway, which sends neither account nor ARN when it takes a role: a condition would lock it out.

    https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [trust]}
