"""Settings of the AWS account in one region: defaults of EBS, EC2, AWS Backup, API Gateway and X-Ray."""

from __future__ import annotations

import json
from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True)
class BaselineArgs:
    account: str
    region: str
    api_logs_role: str  # the name of the role by which API Gateway writes logs
    topic_traces_policy: str  # the name of the policy by which topics write traces


class Baseline(pulumi.ComponentResource):
    """Encrypted disks, private images and snapshots, IMDSv2 for instances, no serial console.

    AWS Backup is on for the types of stores that the platform has, and off for others. API Gateway may write logs,
    and topics traces.
    """

    api_gateway_account: (
        pulumi.Resource
    )  # the account settings of API Gateway, for which a stage that logs has to wait

    def __init__(self, name: str, args: BaselineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
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
            # AWS gives all types back that the region has, and has new ones every year: each would be a difference.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["resourceTypeOptInPreference", "resourceTypeManagementPreference"],
            ),
        )
        aws.ec2.SerialConsoleAccess(f"{name}-console", enabled=False, opts=child)
        # Without it a topic with active tracing writes no trace, and says nothing.
        aws.xray.ResourcePolicy(
            f"{name}-topic-traces",
            policy_name=args.topic_traces_policy,
            policy_document=json.dumps(topic_traces(args.account, args.region)),
            opts=child,
        )
        self.api_gateway_account = self._logs_of_apis(name, args.api_logs_role)
        self.register_outputs({})

    def _logs_of_apis(self, name: str, role_name: str) -> pulumi.Resource:
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-api-logs",
            name=role_name,
            assume_role_policy=json.dumps(api_gateway_trust()),
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


def topic_traces(account: str, region: str) -> dict[str, object]:
    """Resource policy of X-Ray for the account's topics of a region.

    https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html
    """
    statement = {
        "Sid": "TopicsTrace",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["xray:PutTraceSegments", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "StringLike": {"aws:SourceArn": f"arn:aws:sns:{region}:{account}:*"},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def api_gateway_trust() -> dict[str, object]:
    """Trusts API Gateway, which sends neither account nor ARN when it takes a role: a condition would lock it out.

    https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [trust]}
