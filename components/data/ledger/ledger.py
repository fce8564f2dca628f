"""The ledger: this cell's member of the global Aurora PostgreSQL database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.alarms import alarm
from components.data.ledger.alarms import alarm_specs
from components.data.ledger.parameters import cluster_parameters, instance_parameters
from components.data.ledger.read_proxy import PORT, LedgerReadProxy, LedgerReadProxyArgs
from components.data.ledger.secret import LedgerSecret, LedgerSecretArgs
from components.data.secrets.replicated_secret import SecretPlace
from components.data.store_security_group import StorePlace, store_security_group

ENGINE = aws.rds.EngineType.AURORA_POSTGRESQL
ENGINE_VERSION = "17.5"
DATABASE = "trading"
ADMINISTRATOR = "platform_admin"
BACKUP_DAYS = 35  # the longest there is
INSTANCES = 2  # in every member, since each may become the writer
INSIGHTS_DAYS = 465  # what the advanced mode of Database Insights keeps, and AWS wants it said
LOGS = {"log": "postgresql", "log-logins": "iam-db-auth-error"}  # what RDS calls them

# What a switchover or failover swaps, what is upgraded on the global cluster alone, and what is used once. An
# update of one of them would detach a member, replace it or write a new password.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
IGNORED = ["replicationSourceIdentifier", "globalClusterIdentifier", "engineVersion", "availabilityZones"]
IGNORED_BY_BIRTH = [*IGNORED, "masterPasswordWo"]
IGNORED_BY_JOINING = [*IGNORED, "masterUsername", "databaseName"]


@dataclass(frozen=True, kw_only=True)
class FirstLogin:
    """Where the birth cell keeps the login of the administrator, and which roles may read it, by patterns."""

    place: SecretPlace
    readers: Sequence[str]


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
    first_login: FirstLogin | None  # of the cell that makes the global database; the others join it

    place: StorePlace
    rotation_group_id: pulumi.Input[str]  # the security group of what rotates its password

    key_arn: pulumi.Input[str]  # of this region
    min_acu: float
    max_acu: float
    log_days: int
    alarm_topic_arn: pulumi.Input[str]
    tags: Mapping[str, str]

    retire: bool


@dataclass(frozen=True, kw_only=True)
class _Member:
    global_cluster: pulumi.Input[str]
    source_region: str | None = None
    database_name: str | None = None
    master_username: str | None = None
    master_password: pulumi.Output[str] | None = None
    ignored: list[str]


class Ledger(pulumi.ComponentResource):
    """One cluster with two instances, read through a proxy; in the birth cell also what the other members join.

    Which member writes is AWS's to know. A joining member has no master user, password or database of its own,
    and needs `birth_region` to be let into an encrypted database.
    """

    cluster_arn: pulumi.Output[str]
    read_endpoint: pulumi.Output[str]  # a host of this cell, which only reads
    instances: Sequence[aws.rds.ClusterInstance]  # with which the ledger opens
    # From the birth cell, else None: the host that leads to the writer, whichever region has it, and the secret.
    endpoint: pulumi.Output[str] | None = None
    secret_arn: pulumi.Output[str] | None = None

    def __init__(self, name: str, args: LedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Ledger", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        if args.retire:
            self._refuse_to_retire_the_writer()

        reads = LedgerReadProxy(
            f"{name}-reads",
            LedgerReadProxyArgs(
                account=args.account,
                region=args.region,
                proxy=args.proxy,
                endpoint=args.read_endpoint,
                place=replace(args.place, client_cidrs={}),
                key_arn=args.key_arn,
                log_days=args.log_days,
            ),
            self._child,
        )
        own = {"reads": reads.group_id, "rotation": args.rotation_group_id}
        place = replace(args.place, client_groups={**args.place.client_groups, **own})
        group_id = store_security_group(name, place, port=PORT, description="The ledger", parent=self)
        self._group_id = group_id
        made = self._cluster(group_id, self._logs())
        self.instances = self._instances(made)
        reads.target_cluster(made.id, group_id, self.instances)
        for what, watch in alarm_specs(
            args.cluster_identifier, min_acu=args.min_acu, max_acu=args.max_acu
        ).items():
            alarm(f"{name}-alarm-{what}", watch, args.alarm_topic_arn, self._child)

        self.cluster_arn, self.read_endpoint = made.arn, reads.endpoint
        self.register_outputs({"cluster_arn": self.cluster_arn, "read_endpoint": self.read_endpoint})

    def admit(self, client: str, group_id: pulumi.Input[str]) -> None:
        """Lets in what has a security group of this cell, and was made after the ledger."""
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-{client}",
            security_group_id=self._group_id,
            description=f"From {client}",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=group_id,
            opts=self._child,
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

    def _member(self) -> _Member:
        """What tells a birth member from a joining one."""
        args = self._args
        if args.first_login is None:
            return _Member(
                global_cluster=args.global_cluster_identifier,
                source_region=args.birth_region,
                ignored=IGNORED_BY_JOINING,
            )
        whole = aws.rds.GlobalCluster(
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
                place=args.first_login.place,
                readers=args.first_login.readers,
                host=whole.endpoint,
                port=PORT,
                database=DATABASE,
                username=ADMINISTRATOR,
                retire=args.retire,
            ),
            self._child,
        )
        self.endpoint, self.secret_arn = whole.endpoint, secret.arn
        return _Member(
            global_cluster=whole.id,
            database_name=DATABASE,
            master_username=ADMINISTRATOR,
            master_password=secret.first_password,
            ignored=IGNORED_BY_BIRTH,
        )

    def _cluster(
        self, group_id: pulumi.Output[str], logs: Sequence[aws.cloudwatch.LogGroup]
    ) -> aws.rds.Cluster:
        args, member = self._args, self._member()
        subnets = aws.rds.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=list(args.place.data_subnet_ids.values()), opts=self._child
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
            global_cluster_identifier=member.global_cluster,
            source_region=member.source_region,
            database_name=member.database_name,
            master_username=member.master_username,
            master_password_wo=member.master_password,
            master_password_wo_version=None if member.master_password is None else 1,
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
                ignore_changes=member.ignored,
                depends_on=logs,
            ),
        )

    def _instances(self, cluster: aws.rds.Cluster) -> list[aws.rds.ClusterInstance]:
        # AWS wants the birth cell's instance before another cell joins: a joining stack reads this one, so it
        # comes after all of it.
        parameters = instance_parameters(f"{self._name}-instance-parameters", self._child)
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
                copy_tags_to_snapshot=True,
                opts=self._child,
            )
            for zone in list(self._args.place.data_subnet_ids)[:INSTANCES]
        ]

    def _refuse_to_retire_the_writer(self) -> None:
        """AWS would refuse to delete it later, half-way. The global database is asked only when retiring."""
        whole = aws.rds.get_global_cluster_output(
            identifier=self._args.global_cluster_identifier, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        own = f"arn:aws:rds:{self._args.region}:{self._args.account}:cluster:{self._args.cluster_identifier}"
        whole.members.apply(
            lambda members: refuse_to_retire_the_writer(
                own, {member.db_cluster_arn: member.is_writer for member in members}
            )
        )


def refuse_to_retire_the_writer(own: str, members: Mapping[str, bool]) -> None:
    """A `RunError` if the cluster `own` writes while there are others. `members` has by ARN whether it writes."""
    if members.get(own) and len(members) > 1:
        others = ", ".join(sorted(set(members) - {own}))
        raise pulumi.RunError(
            f"castle:retire: true, but {own} writes the ledger for {others}; switch over to one of them first"
        )
