"""RDS proxy before this cell's member of the ledger, with a read-only endpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.store_security_group import StoreNetwork, store_security_group

PORT = 5432
# Database users of the proxy. Each signs in with IAM, so it has the role rds_iam in the database.
READERS = ("reader",)
# Of the connections that the cluster allows. The rest is for writers, which don't connect through the proxy.
POOL_PERCENT = 50


@dataclass(frozen=True, kw_only=True)
class LedgerReadProxyArgs:
    account: str
    region: str

    proxy: str
    endpoint: str  # its name

    network: StoreNetwork

    key_arn: pulumi.Input[str]  # of this region, for its log
    log_days: int


class LedgerReadProxy(pulumi.ComponentResource):
    """IAM all the way: a reader signs in to the proxy with a token, and the proxy to the ledger with one of its own.

    It is the same in every member, since each may become the writer; its endpoint connects to readers alone.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html
    """

    group_id: pulumi.Output[str]  # of the security group of the proxy
    endpoint: pulumi.Output[str]  # a host

    def __init__(
        self, name: str, args: LedgerReadProxyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:data:LedgerReads", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._subnet_ids = list(args.network.data_subnet_ids.values())

        self.group_id = store_security_group(
            name, args.network, port=PORT, description="Reads of the ledger", parent=self
        )
        self._proxy = self._rds_proxy()
        self.endpoint = aws.rds.ProxyEndpoint(
            f"{name}-endpoint",
            db_proxy_name=self._proxy.name,
            db_proxy_endpoint_name=args.endpoint,
            target_role="READ_ONLY",
            vpc_subnet_ids=self._subnet_ids,
            vpc_security_group_ids=[self.group_id],
            opts=self._child,
        ).endpoint
        self.register_outputs({"endpoint": self.endpoint})

    def target_cluster(
        self,
        cluster: pulumi.Input[str],
        cluster_group_id: pulumi.Input[str],
        instances: Sequence[pulumi.Resource],
    ) -> None:
        """Makes a cluster behind a security group the proxy's target. AWS refuses one that has no instance yet."""
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-ledger",
            security_group_id=self.group_id,
            description="To the ledger",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=cluster_group_id,
            opts=self._child,
        )
        group = aws.rds.ProxyDefaultTargetGroup(
            f"{self._name}-pool",
            db_proxy_name=self._proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                max_connections_percent=POOL_PERCENT
            ),
            opts=self._child,
        )
        aws.rds.ProxyTarget(
            f"{self._name}-target",
            db_proxy_name=self._proxy.name,
            target_group_name=group.name,
            db_cluster_identifier=cluster,
            opts=pulumi.ResourceOptions(parent=self, depends_on=instances),
        )

    def _rds_proxy(self) -> aws.rds.Proxy:
        args = self._args
        log = aws.cloudwatch.LogGroup(
            f"{self._name}-log",
            # RDS chooses the name, and would make the group without key and retention.
            name=f"/aws/rds/proxy/{args.proxy}",
            retention_in_days=args.log_days,
            kms_key_id=args.key_arn,
            opts=self._child,
        )
        role = aws.iam.Role(
            f"{self._name}-role",
            assume_role_policy=json.dumps(proxy_trust(args.account, args.region)),
            opts=self._child,
        )
        sign_in = aws.iam.RolePolicy(
            f"{self._name}-sign-in",
            role=role.name,
            policy=json.dumps(sign_in_policy(args.account, args.region)),
            opts=self._child,
        )
        return aws.rds.Proxy(
            f"{self._name}-proxy",
            name=args.proxy,
            engine_family="POSTGRESQL",
            default_auth_scheme="IAM_AUTH",
            require_tls=True,
            role_arn=role.arn,
            vpc_subnet_ids=self._subnet_ids,
            vpc_security_group_ids=[self.group_id],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log, sign_in]),
        )


def proxy_trust(account: str, region: str) -> dict[str, object]:
    """Trusts RDS for proxies of this account and region."""
    condition = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:rds:{region}:{account}:db-proxy:*"},
    }
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "rds.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [trust]}


def sign_in_policy(account: str, region: str) -> dict[str, object]:
    """Connects as a reader to any cluster of the region, since AWS may make a member anew after a failover."""
    users = [f"arn:aws:rds-db:{region}:{account}:dbuser:*/{reader}" for reader in READERS]
    allow = {"Sid": "SignIn", "Effect": "Allow", "Action": "rds-db:connect", "Resource": users}
    return {"Version": "2012-10-17", "Statement": [allow]}
