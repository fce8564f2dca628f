"""Ledger: this cell's member of the global Aurora PostgreSQL database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.alarms import alarm
from components.data.ledger.alarms import alarm_specs
from components.data.ledger.monitoring import MONITORING_SECONDS, monitoring_role_arn
from components.data.ledger.parameters import cluster_parameters, instance_parameters
from components.data.ledger.read_proxy import PORT, LedgerReadProxy, LedgerReadProxyArgs
from components.data.ledger.retirement import refuse_to_retire_while_writer
from components.data.ledger.secret import LedgerSecret, LedgerSecretArgs
from components.data.secrets.replicated_secret import SecretRegions
from components.data.store_security_group import StoreNetwork, allow_client, store_security_group

ENGINE = aws.rds.EngineType.AURORA_POSTGRESQL
ENGINE_VERSION = "17.5"
DATABASE = "trading"
ADMINISTRATOR = "platform_admin"
BACKUP_DAYS = 35  # point-in-time recovery; the longest there is
INSTANCES = 2  # in every member, since each may become the writer; each in a zone of its own
INSIGHTS_DAYS = 465  # retention in the advanced mode of Database Insights, which AWS wants stated
LOGS = {"log": "postgresql", "log-logins": "iam-db-auth-error"}  # by the ends of logical names

# Properties that a switchover or failover swaps, that are upgraded on the global cluster alone, or are used once. An
# update of one of them would detach a member, replace it or write a new password.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
IGNORED = ["replicationSourceIdentifier", "globalClusterIdentifier", "engineVersion", "availabilityZones"]
IGNORED_BY_BIRTH = [*IGNORED, "masterPasswordWo"]
IGNORED_BY_JOINING = [*IGNORED, "masterUsername", "databaseName"]


@dataclass(frozen=True, kw_only=True)
class AdministratorSecret:
    """Regions of the secret with the administrator's login, which the birth cell makes, and its readers."""

    regions: SecretRegions
    readers: Sequence[str]  # ARNs of roles, or patterns of them


@dataclass(frozen=True, kw_only=True)
class LedgerArgs:
    account: str
    region: str

    cluster_identifier: str
    global_cluster_identifier: str
    final_snapshot_identifier: str
    proxy: str
    read_endpoint: str  # the name of the proxy's endpoint
    birth_region: str  # where the global database was made, whoever writes now
    administrator_secret: (
        AdministratorSecret | None
    )  # of the cell that makes the global database; the others join it

    network: StoreNetwork
    rotation_group_id: pulumi.Input[str]  # of the security group of the function that rotates the password

    key_arn: pulumi.Input[str]  # of this region
    min_acu: float
    max_acu: float
    log_days: int
    alarm_topic_arn: pulumi.Input[str]
    tags: Mapping[str, str]

    retire: bool


@dataclass(frozen=True, kw_only=True)
class _Membership:
    """Properties in which the birth member and a joining member of the global database differ."""

    global_cluster: pulumi.Input[str]
    source_region: str | None = None
    database_name: str | None = None
    master_username: str | None = None
    master_password: pulumi.Output[str] | None = None
    ignored: list[str]


class Ledger(pulumi.ComponentResource):
    """One cluster with two instances and a read proxy; in the birth cell also the global database and its secret.

    Only AWS records which member is the writer. A joining member has no master user, password or database of its own,
    and needs `birth_region` to be let into an encrypted database.
    """

    cluster_arn: pulumi.Output[str]
    read_endpoint: pulumi.Output[str]  # a host of this cell, read-only
    instances: Sequence[aws.rds.ClusterInstance]  # without them nobody can connect
    # In the birth cell, else None: the global writer endpoint, whichever region has the writer, and the secret.
    endpoint: pulumi.Output[str] | None = None
    secret_arn: pulumi.Output[str] | None = None

    def __init__(self, name: str, args: LedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Ledger", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        if args.retire:
            refuse_to_retire_while_writer(
                args.global_cluster_identifier,
                f"arn:aws:rds:{args.region}:{args.account}:cluster:{args.cluster_identifier}",
                parent=self,
            )

        read_proxy = LedgerReadProxy(
            f"{name}-reads",
            LedgerReadProxyArgs(
                account=args.account,
                region=args.region,
                proxy=args.proxy,
                endpoint=args.read_endpoint,
                network=replace(args.network, client_cidrs={}),
                key_arn=args.key_arn,
                log_days=args.log_days,
            ),
            self._child,
        )
        client_groups = {
            **args.network.client_groups,
            "reads": read_proxy.group_id,
            "rotation": args.rotation_group_id,
        }
        network = replace(args.network, client_groups=client_groups)
        group_id = store_security_group(name, network, port=PORT, description="The ledger", parent=self)
        self._group_id = group_id
        cluster = self._cluster(group_id, self._logs())
        self.instances = self._instances(cluster)
        read_proxy.target_cluster(cluster.id, group_id, self.instances)
        for ending, spec in alarm_specs(
            args.cluster_identifier, min_acu=args.min_acu, max_acu=args.max_acu
        ).items():
            alarm(f"{name}-alarm-{ending}", spec, args.alarm_topic_arn, self._child)

        self.cluster_arn, self.read_endpoint = cluster.arn, read_proxy.endpoint
        self.register_outputs({"cluster_arn": self.cluster_arn, "read_endpoint": self.read_endpoint})

    def allow_client(self, client: str, group_id: pulumi.Input[str]) -> None:
        """Adds an ingress rule for a client of this cell whose security group is made after the ledger."""
        allow_client(
            self._name, client, group_id=self._group_id, port=PORT, client_group_id=group_id, parent=self
        )

    def _logs(self) -> list[aws.cloudwatch.LogGroup]:
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-{thing}",
                # RDS chooses the name, and would make the group without key and retention.
                name=f"/aws/rds/cluster/{self._args.cluster_identifier}/{log}",
                retention_in_days=self._args.log_days,
                kms_key_id=self._args.key_arn,
                opts=self._child,
            )
            for thing, log in LOGS.items()
        ]

    def _membership(self) -> _Membership:
        """Makes the global database and its secret in the birth cell; elsewhere refers to them."""
        args = self._args
        if args.administrator_secret is None:
            return _Membership(
                global_cluster=args.global_cluster_identifier,
                source_region=args.birth_region,
                ignored=IGNORED_BY_JOINING,
            )
        global_cluster = aws.rds.GlobalCluster(
            f"{self._name}-global",
            global_cluster_identifier=args.global_cluster_identifier,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            database_name=DATABASE,
            storage_encrypted=True,
            deletion_protection=not args.retire,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=not args.retire),
        )
        secret = LedgerSecret(
            f"{self._name}-secret",
            LedgerSecretArgs(
                regions=args.administrator_secret.regions,
                readers=args.administrator_secret.readers,
                host=global_cluster.endpoint,
                port=PORT,
                database=DATABASE,
                username=ADMINISTRATOR,
                retire=args.retire,
            ),
            self._child,
        )
        self.endpoint, self.secret_arn = global_cluster.endpoint, secret.arn
        return _Membership(
            global_cluster=global_cluster.id,
            database_name=DATABASE,
            master_username=ADMINISTRATOR,
            master_password=secret.first_password,
            ignored=IGNORED_BY_BIRTH,
        )

    def _cluster(
        self, group_id: pulumi.Output[str], logs: Sequence[aws.cloudwatch.LogGroup]
    ) -> aws.rds.Cluster:
        args, membership = self._args, self._membership()
        subnets = aws.rds.SubnetGroup(
            f"{self._name}-subnets",
            subnet_ids=list(args.network.data_subnet_ids.values()),
            # Replaced, it would replace the cluster.
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(protect=not args.retire)),
        )
        return aws.rds.Cluster(
            f"{self._name}-cluster",
            cluster_identifier=args.cluster_identifier,
            engine=ENGINE,
            engine_mode=aws.rds.EngineMode.PROVISIONED,
            engine_version=ENGINE_VERSION,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            serverlessv2_scaling_configuration=aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
                min_capacity=args.min_acu, max_capacity=args.max_acu
            ),
            global_cluster_identifier=membership.global_cluster,
            source_region=membership.source_region,
            database_name=membership.database_name,
            master_username=membership.master_username,
            master_password_wo=membership.master_password,
            master_password_wo_version=None if membership.master_password is None else 1,
            iam_database_authentication_enabled=True,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group_id],
            db_cluster_parameter_group_name=cluster_parameters(f"{self._name}-parameters", self._child),
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            enabled_cloudwatch_logs_exports=list(LOGS.values()),
            # For the whole cluster: instances take it over, and AWS refuses one that says something else.
            database_insights_mode="advanced",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key_arn,
            performance_insights_retention_period=INSIGHTS_DAYS,
            backup_retention_period=BACKUP_DAYS,
            copy_tags_to_snapshot=True,
            deletion_protection=not args.retire,
            skip_final_snapshot=False,
            final_snapshot_identifier=args.final_snapshot_identifier,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=not args.retire,
                ignore_changes=membership.ignored,
                depends_on=logs,
            ),
        )

    def _instances(self, cluster: aws.rds.Cluster) -> list[aws.rds.ClusterInstance]:
        # AWS wants the birth cell's instance before another cell joins: a joining stack reads this one, so it
        # comes after all of it.
        parameters = instance_parameters(f"{self._name}-instance-parameters", self._child)
        monitoring = monitoring_role_arn(
            f"{self._name}-monitoring",
            account=self._args.account,
            key_arn=self._args.key_arn,
            log_days=self._args.log_days,
            opts=self._child,
        )
        return [
            aws.rds.ClusterInstance(
                f"{self._name}-instance-{zone}",
                cluster_identifier=cluster.id,
                engine=ENGINE,
                instance_class="db.serverless",
                availability_zone=f"{self._args.region}{zone}",
                db_parameter_group_name=parameters,
                promotion_tier=0,  # tiers 0 and 1 scale with the writer, so that a promoted reader is its size
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                ca_cert_identifier="rds-ca-rsa2048-g1",
                monitoring_interval=MONITORING_SECONDS,
                monitoring_role_arn=monitoring,
                opts=self._child,
            )
            for zone in list(self._args.network.data_subnet_ids)[:INSTANCES]
        ]
