"""How the warehouse is filled: a zero-ETL integration from the ledger, and the database that is made from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# What the key's policy lets Redshift use it for: see `components/keys/key_policy.py`.
ENCRYPTION_CONTEXT = {"data-set": "warehouse"}


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Where the data comes from."""

    cluster_arn: pulumi.Input[
        str
    ]  # of the cluster in this region, which has to be the writer's when it is made
    ready: Sequence[pulumi.Resource]  # what has to be up before AWS integrates the cluster
    database: str
    tables: str  # `schema.table`, either of which may be `*`


@dataclass(frozen=True, kw_only=True)
class ZeroEtlTarget:
    """Where it goes."""

    account: str
    region: str
    deployer: str
    namespace_arn: pulumi.Input[str]
    workgroup: aws.redshiftserverless.Workgroup
    database: str  # one that is there already, to sign in to
    admin_secret_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    refresh_seconds: int


def zero_etl_integration(
    name: str, source: Feed, landing: ZeroEtlTarget, *, parent: pulumi.Resource
) -> aws.rds.Integration:
    """The integration, as a child of `parent`. AWS changes nothing of one in place."""
    child = pulumi.ResourceOptions(parent=parent)
    arns = pulumi.Output.all(landing.namespace_arn, source.cluster_arn)
    # The one of Redshift Serverless itself knows no integrations.
    allowed = aws.redshift.ResourcePolicy(
        f"{name}-sources",
        resource_arn=landing.namespace_arn,
        policy=arns.apply(lambda both: json.dumps(namespace_policy(both[0], both[1], landing))),
        opts=child,
    )
    integration = aws.rds.Integration(
        f"{name}-integration",
        integration_name=name,
        source_arn=source.cluster_arn,
        target_arn=landing.namespace_arn,
        data_filter=f"include: {source.database}.{source.tables}",
        kms_key_id=landing.key_arn,
        additional_encryption_context=ENCRYPTION_CONTEXT,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[allowed, landing.workgroup, *source.ready]),
    )
    _database(name, source.database, integration, landing, child)
    return integration


def namespace_policy(namespace_arn: str, cluster_arn: str, landing: ZeroEtlTarget) -> dict[str, object]:
    """One cluster may be a source, and only the role that deploys may make it one.

    https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl-using.redshift-iam.html
    """
    source = {
        "Sid": "TheLedgerIsASource",
        "Effect": "Allow",
        "Principal": {"Service": "redshift.amazonaws.com"},
        "Action": "redshift:AuthorizeInboundIntegration",
        "Resource": namespace_arn,
        "Condition": {
            "StringEquals": {"aws:SourceArn": cluster_arn, "aws:SourceAccount": landing.account},
        },
    }
    deployer = {
        "Sid": "TheDeployerIntegrates",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{landing.account}:root"},
        "Action": "redshift:CreateInboundIntegration",
        "Resource": namespace_arn,
        "Condition": {"ArnEquals": {"aws:PrincipalArn": landing.deployer}},
    }
    return {"Version": "2012-10-17", "Statement": [source, deployer]}


def _database(
    name: str,
    database: str,
    integration: aws.rds.Integration,
    landing: ZeroEtlTarget,
    child: pulumi.ResourceOptions,
) -> None:
    """Redshift loads nothing before somebody has made a database of the integration, which only SQL can.

    A scheduler says it at once and once a day; said again, it changes nothing. See
    docs/decisions/warehouse-database-by-schedule.md.
    """
    role = aws.iam.Role(
        f"{name}-scheduler",
        description="Makes the database of the warehouse that its integration fills",
        assume_role_policy=json.dumps(_scheduler_trust(landing)),
        opts=child,
    )
    arns = pulumi.Output.all(landing.workgroup.arn, landing.admin_secret_arn, landing.key_arn)
    allowed = aws.iam.RolePolicy(
        f"{name}-scheduler",
        role=role.name,
        policy=arns.apply(lambda found: json.dumps(_scheduler_policy(*found, region=landing.region))),
        opts=child,
    )
    statement = pulumi.Output.json_dumps(
        {
            "WorkgroupName": landing.workgroup.workgroup_name,
            "Database": landing.database,
            "SecretArn": landing.admin_secret_arn,
            "StatementName": name,
            "Sql": integration.integration_identifier.apply(
                lambda id_: create_database(database, id_, landing.refresh_seconds)
            ),
        }
    )
    aws.scheduler.Schedule(
        f"{name}-database",
        description="Makes the database of the warehouse that its integration fills",
        # Without a start date the first time is now, and it is made anew with every integration.
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
        schedule_expression="rate(1 days)",
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=aws.scheduler.ScheduleTargetArgs(
            arn="arn:aws:scheduler:::aws-sdk:redshiftdata:executeStatement",
            role_arn=role.arn,
            input=statement,
        ),
        opts=pulumi.ResourceOptions.merge(
            child, pulumi.ResourceOptions(depends_on=[allowed], replace_on_changes=["target.input"])
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


def _scheduler_trust(landing: ZeroEtlTarget) -> dict[str, object]:
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    group = f"arn:aws:scheduler:{landing.region}:{landing.account}:schedule-group/default"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "scheduler.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": landing.account, "aws:SourceArn": group}},
            }
        ],
    }


def _scheduler_policy(workgroup: str, secret: str, key: str, *, region: str) -> dict[str, object]:
    # The secret is the administrator's, since only a superuser makes a database of an integration. The Data API
    # keeps what was said under the warehouse's key, by a grant from whoever said it.
    # https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-kms.html
    services = ("redshift-data", "redshift-serverless", "secretsmanager")
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
