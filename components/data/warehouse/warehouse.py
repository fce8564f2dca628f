"""Warehouse: analytics on trades in Redshift Serverless, of which the platform has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm
from components.data.store_security_group import StoreNetwork, store_security_group
from components.data.warehouse.integration import ZeroEtlSource, ZeroEtlTarget, zero_etl_integration

PORT = 5439
DATABASE = "warehouse"  # beside it is the database that the zero-ETL integration fills
ADMINISTRATOR = "warehouse_admin"
LOGS = ("connectionlog", "useractivitylog", "userlog")
MAX_USED_SHARE = 0.8  # of a day's RPU hours, so that the alarm comes before the limit stops the warehouse
MAX_PACE = 3  # times the pace at which the RPU hours of a day last for the day
COMPUTE_SECONDS = 1800  # the period that the metric of compute is of
MAX_LAG_SECONDS = 600  # of the integration, beyond two loads
# All of them, since AWS reports all of them and the provider would remove those that aren't here.
# Zero-ETL needs case-sensitive names; the rest but `require_ssl` is AWS's own.
# https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl-setting-up.case-sensitivity.html
PARAMETERS = {
    "auto_mv": "true",
    "datestyle": "ISO, MDY",
    "enable_case_sensitive_identifier": "true",
    "enable_user_activity_logging": "true",
    "max_query_execution_time": "14400",  # seconds
    "query_group": "default",
    "require_ssl": "true",
    "search_path": "$user, public",
    "use_fips_ssl": "false",
}


@dataclass(frozen=True, kw_only=True)
class WarehouseArgs:
    account: str
    region: str
    deployer: str  # ARN of the role that makes the integration

    warehouse: str  # the name of both namespace and workgroup

    # In three zones or more, with at least ten free addresses each at 8 RPU and more with each step.
    # https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html
    network: StoreNetwork
    key_arn: pulumi.Input[str]  # of this region
    tags: Mapping[str, str]

    source: ZeroEtlSource  # of its data

    base_rpu: int
    max_rpu: int
    daily_rpu_hours: int  # once they are used up, nothing runs until midnight UTC
    refresh_seconds: int  # between two loads of new data of the source
    log_days: int
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class Warehouse(pulumi.ComponentResource):
    """A namespace with the data, a workgroup that queries it, and the integration that loads it.

    Nothing depends on it: its data comes from the ledger and can be loaded again. It is loaded while the ledger's
    writer is in this region; otherwise AWS deactivates the integration, and the alarm on its lag goes off.
    """

    def __init__(self, name: str, args: WarehouseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Warehouse", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        namespace = self._namespace()
        workgroup = self._workgroup(namespace)
        self._usage_limit(workgroup)
        integration = zero_etl_integration(
            name,
            args.source,
            ZeroEtlTarget(
                account=args.account,
                region=args.region,
                deployer=args.deployer,
                namespace_arn=namespace.arn,
                workgroup=workgroup,
                database=DATABASE,
                admin_secret_arn=namespace.admin_password_secret_arn,
                key_arn=args.key_arn,
                refresh_seconds=args.refresh_seconds,
            ),
            parent=self,
        )
        self._integration_alarms(integration)
        self.register_outputs({})

    def _namespace(self) -> aws.redshiftserverless.Namespace:
        args = self._args
        # Redshift chooses the names, and would make the groups without key and retention.
        # https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-audit-logging.html
        log_groups = [
            aws.cloudwatch.LogGroup(
                f"{self._name}-log-{log}",
                name=f"/aws/redshift/{args.warehouse}/{log}",
                retention_in_days=args.log_days,
                kms_key_id=args.key_arn,
                opts=self._child,
            )
            for log in LOGS
        ]
        return aws.redshiftserverless.Namespace(
            f"{self._name}-namespace",
            namespace_name=args.warehouse,
            db_name=DATABASE,
            admin_username=ADMINISTRATOR,
            # Made, stored and rotated by AWS in Secrets Manager, so that no state has it.
            manage_admin_password=True,
            admin_password_secret_kms_key_id=args.key_arn,
            kms_key_id=args.key_arn,
            log_exports=list(LOGS),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=not args.retire, depends_on=log_groups),
        )

    def _workgroup(self, namespace: aws.redshiftserverless.Namespace) -> aws.redshiftserverless.Workgroup:
        args = self._args
        group_id = store_security_group(
            self._name, args.network, port=PORT, description="The warehouse", parent=self
        )
        return aws.redshiftserverless.Workgroup(
            f"{self._name}-workgroup",
            workgroup_name=args.warehouse,
            namespace_name=namespace.namespace_name,
            base_capacity=args.base_rpu,
            max_capacity=args.max_rpu,
            publicly_accessible=False,
            enhanced_vpc_routing=True,
            port=PORT,
            subnet_ids=list(args.network.data_subnet_ids.values()),
            security_group_ids=[group_id],
            config_parameters=[
                aws.redshiftserverless.WorkgroupConfigParameterArgs(parameter_key=key, parameter_value=value)
                for key, value in PARAMETERS.items()
            ],
            opts=self._child,
        )

    def _usage_limit(self, workgroup: aws.redshiftserverless.Workgroup) -> None:
        """The limit of RPU hours a day, and alarms before it is reached."""
        args = self._args
        limit = aws.redshiftserverless.UsageLimit(
            f"{self._name}-limit",
            resource_arn=workgroup.arn,
            usage_type="serverless-compute",
            amount=args.daily_rpu_hours,
            period="daily",
            breach_action="deactivate",
            opts=self._child,
        )
        self._alarm(
            "limit",
            AlarmSpec(
                description="The warehouse has used most of today's RPU hours; "
                "at the limit it stops until midnight UTC",
                namespace="AWS/Redshift-Serverless",
                metric="UsageLimitConsumed",
                dimensions={
                    "UsageLimitId": limit.id,
                    "UsageType": "SERVERLESS_COMPUTE",
                    "Workgroup": args.warehouse,
                },
                statistic="Maximum",
                comparison="above",
                threshold=args.daily_rpu_hours * MAX_USED_SHARE,
                seconds=300,
                periods=1,
            ),
        )
        self._alarm(
            "compute",
            AlarmSpec(
                description="The warehouse computes at a pace that uses up the RPU hours of a day in a third of it",
                namespace="AWS/Redshift-Serverless",
                metric="ComputeSeconds",  # RPU seconds in the last half hour
                dimensions={"Workgroup": args.warehouse},
                statistic="Maximum",
                comparison="above",
                threshold=args.daily_rpu_hours * 3600 * MAX_PACE * COMPUTE_SECONDS / 86400,
                seconds=COMPUTE_SECONDS,
                periods=2,
            ),
        )

    def _integration_alarms(self, integration: aws.rds.Integration) -> None:
        """Alarms on lag and failed tables. A deactivated integration reports no metrics, so that silence is alarming.

        https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl-using.metrics.html
        """
        dimensions = {"IntegrationId": integration.integration_identifier}
        self._alarm(
            "lag",
            AlarmSpec(
                description="The warehouse no longer follows the ledger: the integration lags, or isn't active",
                namespace="AWS/Redshift",
                metric="IntegrationLag",
                dimensions=dimensions,
                statistic="Maximum",
                comparison="above",
                threshold=2 * self._args.refresh_seconds + MAX_LAG_SECONDS,
                seconds=300,
                periods=3,
                missing="breaching",
            ),
        )
        self._alarm(
            "tables",
            AlarmSpec(
                description="Tables of the ledger can't be loaded into the warehouse",
                namespace="AWS/Redshift",
                metric="IntegrationNumTablesFailedReplication",
                dimensions=dimensions,
                statistic="Maximum",
                comparison="above",
                threshold=0,
                seconds=300,
                periods=3,
            ),
        )

    def _alarm(self, ending: str, spec: AlarmSpec) -> None:
        alarm(f"{self._name}-{ending}", spec, self._args.alarm_topic_arn, self._child)
