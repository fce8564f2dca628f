"""Zero-ETL integration from the ledger into the warehouse, and the database that Redshift makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# The key's policy lets Redshift use it with this context: see `components/keys/key_policy.py`.
ENCRYPTION_CONTEXT = {"data-set": "warehouse"}
SCHEDULE = "rate(1 days)"  # of the statement that makes the database, in case somebody has dropped it


@dataclass(frozen=True, kw_only=True)
class ZeroEtlSource:
    """Source of an integration: a database of an Aurora cluster."""

    # Of the cluster in this region, which has to be the writer when the integration is made.
    cluster_arn: pulumi.Input[str]
    depends_on: Sequence[pulumi.Resource]  # resources that AWS needs before it integrates the cluster
    database: str
    tables: str  # `schema.table`, either of which may be `*`


@dataclass(frozen=True, kw_only=True)
class ZeroEtlTarget:
    """Target of an integration: a namespace of Redshift Serverless."""

    account: str
    region: str
    deployer: str
    namespace_arn: pulumi.Input[str]
    workgroup: aws.redshiftserverless.Workgroup
    database: str  # an existing one, to sign in to
    admin_secret_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    refresh_seconds: int


def zero_etl_integration(
    name: str, source: ZeroEtlSource, target: ZeroEtlTarget, *, parent: pulumi.Resource
) -> aws.rds.Integration:
    """The integration, as a child of `parent`. AWS changes no property of one in place."""
    child = pulumi.ResourceOptions(parent=parent)
    arns = pulumi.Output.all(target.namespace_arn, source.cluster_arn)
    # The resource policy of Redshift Serverless itself has no actions for integrations.
    resource_policy = aws.redshift.ResourcePolicy(
        f"{name}-sources",
        resource_arn=target.namespace_arn,
        policy=arns.apply(lambda values: json.dumps(namespace_policy(values[0], values[1], target))),
        opts=child,
    )
    integration = aws.rds.Integration(
        f"{name}-integration",
        integration_name=name,
        source_arn=source.cluster_arn,
        target_arn=target.namespace_arn,
        data_filter=f"include: {source.database}.{source.tables}",
        kms_key_id=target.key_arn,
        additional_encryption_context=ENCRYPTION_CONTEXT,
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=[resource_policy, target.workgroup, *source.depends_on]
        ),
    )
    _database_schedule(name, source.database, integration, target, child)
    return integration


def namespace_policy(namespace_arn: str, cluster_arn: str, target: ZeroEtlTarget) -> dict[str, object]:
    """Lets one cluster be a source, and the deployer alone make an integration of it.

    https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl-using.redshift-iam.html
    """
    source = {
        "Sid": "TheLedgerIsASource",
        "Effect": "Allow",
        "Principal": {"Service": "redshift.amazonaws.com"},
        "Action": "redshift:AuthorizeInboundIntegration",
        "Resource": namespace_arn,
        "Condition": {
            "StringEquals": {"aws:SourceArn": cluster_arn, "aws:SourceAccount": target.account},
        },
    }
    deployer = {
        "Sid": "TheDeployerIntegrates",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{target.account}:root"},
        "Action": "redshift:CreateInboundIntegration",
        "Resource": namespace_arn,
        "Condition": {"ArnEquals": {"aws:PrincipalArn": target.deployer}},
    }
    return {"Version": "2012-10-17", "Statement": [source, deployer]}


def _database_schedule(
    name: str,
    database: str,
    integration: aws.rds.Integration,
    target: ZeroEtlTarget,
    child: pulumi.ResourceOptions,
) -> None:
    """Schedule that makes the database of the integration by SQL, without which Redshift loads nothing.

    The statement runs at once and then daily; where the database exists, it changes nothing. See
    docs/decisions/warehouse-database-by-schedule.md.
    """
    role = aws.iam.Role(
        f"{name}-scheduler",
        description="Makes the database of the warehouse that its integration fills",
        assume_role_policy=json.dumps(_scheduler_trust(target)),
        opts=child,
    )
    arns = pulumi.Output.all(target.workgroup.arn, target.admin_secret_arn, target.key_arn)
    role_policy = aws.iam.RolePolicy(
        f"{name}-scheduler",
        role=role.name,
        policy=arns.apply(lambda values: json.dumps(_scheduler_policy(*values, region=target.region))),
        opts=child,
    )
    statement = pulumi.Output.json_dumps(
        {
            "WorkgroupName": target.workgroup.workgroup_name,
            "Database": target.database,
            "SecretArn": target.admin_secret_arn,
            "StatementName": name,
            "Sql": integration.integration_identifier.apply(
                lambda id_: create_database(database, id_, target.refresh_seconds)
            ),
        }
    )
    aws.scheduler.Schedule(
        f"{name}-database",
        description="Makes the database of the warehouse that its integration fills",
        # Without a start date the first run is now, and the schedule is replaced with every integration.
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
        schedule_expression=SCHEDULE,
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        kms_key_arn=target.key_arn,
        target=aws.scheduler.ScheduleTargetArgs(
            arn="arn:aws:scheduler:::aws-sdk:redshiftdata:executeStatement",
            role_arn=role.arn,
            input=statement,
        ),
        opts=pulumi.ResourceOptions.merge(
            child, pulumi.ResourceOptions(depends_on=[role_policy], replace_on_changes=["target.input"])
        ),
    )


def create_database(database: str, integration_id: str, refresh_seconds: int) -> str:
    """The SQL that has Redshift load a database of the source, every `refresh_seconds`.

    https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
    """
    return (
        f"CREATE DATABASE {database} FROM INTEGRATION '{integration_id}' DATABASE '{database}' "
        f"SET REFRESH_INTERVAL {refresh_seconds}"
    )


def _scheduler_trust(target: ZeroEtlTarget) -> dict[str, object]:
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    group = f"arn:aws:scheduler:{target.region}:{target.account}:schedule-group/default"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "scheduler.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": target.account, "aws:SourceArn": group}},
            }
        ],
    }


def _scheduler_policy(workgroup: str, secret: str, key: str, *, region: str) -> dict[str, object]:
    # The secret is the administrator's, since only a superuser makes a database of an integration. The Data API
    # stores statements under the warehouse's key, by a grant of the principal that runs them, and the schedule has
    # the statement under it, too.
    # https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-kms.html
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html
    services = ("redshift-data", "redshift-serverless", "scheduler", "secretsmanager")
    via = {"kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in services]}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Ask",
                "Effect": "Allow",
                "Action": "redshift-data:ExecuteStatement",
                "Resource": workgroup,
            },
            {
                "Sid": "SignIn",
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": secret,
            },
            {
                "Sid": "UseTheKey",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                "Resource": key,
                "Condition": {"StringEquals": via},
            },
            {
                "Sid": "GrantTheKey",
                "Effect": "Allow",
                "Action": "kms:CreateGrant",
                "Resource": key,
                "Condition": {"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ],
    }
