"""The ledger: this cell's member of the global Aurora PostgreSQL database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.store_group import StorePlace, store_group

ENGINE = aws.rds.EngineType.AURORA_POSTGRESQL
ENGINE_VERSION = "17.5"
PARAMETER_FAMILY = "aurora-postgresql17"
PORT = 5432
DATABASE = "trading"
ADMINISTRATOR = "platform_admin"
BACKUP_DAYS = 35  # the longest there is
INSTANCES = 2  # in every member, since each may become the writer

# What a switchover or failover swaps, what is upgraded on the global cluster alone, and what is used once. An
# update of one of them would detach a member, replace it or write a new password.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
IGNORED = ["replicationSourceIdentifier", "globalClusterIdentifier", "engineVersion", "availabilityZones"]
IGNORED_BY_BIRTH = [*IGNORED, "masterPasswordWo"]
IGNORED_BY_JOINING = [*IGNORED, "masterUsername", "databaseName"]


@dataclass(frozen=True, kw_only=True)
class LedgerArgs:
    account: str
    region: str

    cluster_identifier: str
    global_cluster_identifier: str
    final_snapshot_identifier: str
    birth_region: str  # where the global database was made, whoever writes now
    is_birth: bool

    place: StorePlace

    key_arn: pulumi.Input[str]  # of this region
    min_acu: float
    max_acu: float
    log_days: int
    backup_tags: Mapping[str, str]

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
    """One cluster with two instances; in the birth cell also the global cluster that it is the first member of.

    Which member writes is AWS's to know. A joining member has no master user, password or database of its own,
    and needs `birth_region` to be let into an encrypted database.
    """

    cluster_arn: pulumi.Output[str]

    def __init__(self, name: str, args: LedgerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Ledger", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        if args.retire:
            self._refuse_to_retire_the_writer()

        group_id = store_group(name, args.place, port=PORT, description="The ledger", parent=self)
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            # RDS chooses the name, and would make the group without key and retention.
            name=f"/aws/rds/cluster/{args.cluster_identifier}/postgresql",
            retention_in_days=args.log_days,
            kms_key_id=args.key_arn,
            opts=self._child,
        )
        made = self._cluster(group_id, log_group)
        self._instances(made)

        self.cluster_arn = made.arn
        self.register_outputs({"cluster_arn": self.cluster_arn})

    def _parameters(self) -> aws.rds.ClusterParameterGroup:
        values = {"rds.force_ssl": "1", "log_min_duration_statement": "1000"}  # milliseconds
        return aws.rds.ClusterParameterGroup(
            f"{self._name}-parameters",
            family=PARAMETER_FAMILY,
            description="TLS only; slow statements are logged",
            parameters=[
                aws.rds.ClusterParameterGroupParameterArgs(name=key, value=value)
                for key, value in values.items()
            ],
            opts=self._child,
        )

    def _member(self) -> _Member:
        """What tells a birth member from a joining one."""
        args = self._args
        if not args.is_birth:
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
            opts=pulumi.ResourceOptions(parent=self, protect=not args.retire),
        )
        return _Member(
            global_cluster=whole.id,
            database_name=DATABASE,
            master_username=ADMINISTRATOR,
            master_password=self._first_password(),
            ignored=IGNORED_BY_BIRTH,
        )

    def _first_password(self) -> pulumi.Output[str]:
        """Made at every run and used at the first: from then on it is ignored.

        RDS manages no password for a member of a global database.
        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
        """
        made = aws.secretsmanager.get_random_password_output(
            password_length=40, exclude_punctuation=True, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return pulumi.Output.secret(made.random_password)

    def _cluster(self, group_id: pulumi.Output[str], log_group: aws.cloudwatch.LogGroup) -> aws.rds.Cluster:
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
            db_cluster_parameter_group_name=self._parameters().name,
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            enabled_cloudwatch_logs_exports=["postgresql"],
            backup_retention_period=BACKUP_DAYS,
            copy_tags_to_snapshot=True,
            tags=args.backup_tags,
            deletion_protection=not args.retire,
            skip_final_snapshot=False,
            final_snapshot_identifier=args.final_snapshot_identifier,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=not args.retire,
                ignore_changes=member.ignored,
                depends_on=[log_group],
            ),
        )

    def _instances(self, cluster: aws.rds.Cluster) -> None:
        # AWS wants the birth cell's instance before another cell joins: a joining stack reads this one, so it
        # comes after all of it.
        for zone in list(self._args.place.data_subnet_ids)[:INSTANCES]:
            aws.rds.ClusterInstance(
                f"{self._name}-instance-{zone}",
                cluster_identifier=cluster.id,
                engine=ENGINE,
                instance_class="db.serverless",
                availability_zone=f"{self._args.region}{zone}",
                promotion_tier=0,  # tiers 0 and 1 scale with the writer, so that a promoted reader is its size
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                ca_cert_identifier="rds-ca-rsa2048-g1",
                copy_tags_to_snapshot=True,
                performance_insights_enabled=True,
                performance_insights_kms_key_id=self._args.key_arn,
                opts=self._child,
            )

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
