"""What the platform has once, above its cells: the names that fail over, and the CDN."""

from __future__ import annotations

import pulumi

from components.account.account import Account
from components.data.buckets.logs import LogBucket, LogBucketArgs
from components.edge.keys import family_key_arn
from components.edge.replication import replication
from components.ingress.dns.latency_records import CellTarget, HostTarget, Routing, RoutingArgs
from components.ingress.web_acl import WebAcl, WebAclArgs
from components.ingress.web_distribution import WebDistribution, WebDistributionArgs
from components.permissions_boundary import boundary_arn, bounded
from contracts import CellContract, EdgeContract
from naming import Names
from settings import CellFacts, EdgeSettings


class GlobalEdge(pulumi.ComponentResource):
    """Reads every cell that isn't leaving, and is read by none."""

    contract: EdgeContract

    def __init__(self, name: str, settings: EdgeSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        self._names = Names(settings.platform.name, settings.stack, settings.platform.account)
        within = bounded(boundary_arn(settings.platform.account, self._names.boundary()))
        super().__init__("castle:index:GlobalEdge", name, None, pulumi.ResourceOptions.merge(opts, within))
        self._name, self._settings, self._platform = name, settings, settings.platform
        self._child = pulumi.ResourceOptions(parent=self)
        # Each once: a stack reference is a resource.
        self._cells = {cell.name: CellContract.read(cell.name) for cell in settings.cells}
        key_arn = self._logs_key_arn()

        Account(f"{name}-account", self._platform.account, self._child)
        logs = self._logs(key_arn)
        web = self._web(logs, self._firewall(key_arn))
        self._routing(key_arn)
        replication(name, settings, self._cells, self._child)

        self.contract = EdgeContract(
            distribution_id=web.distribution_id, distribution_domain_name=web.domain_name
        )
        self.register_outputs({"distribution_id": web.distribution_id})

    def _logs_key_arn(self) -> pulumi.Output[str]:
        """The key of logs and alarms in the edge's region."""
        family = self._platform.family_of("logs")
        return family_key_arn(self._settings, self._cells, family, self._settings.region)

    def _logs(self, key_arn: pulumi.Input[str]) -> LogBucket:
        return LogBucket(
            f"{self._name}-logs",
            LogBucketArgs(
                bucket=self._names.bucket("logs"),
                account=self._platform.account,
                region=self._settings.region,
                key_arn=key_arn,
                keep_days={"cloudfront": self._settings.sizes.log_days},
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _firewall(self, key_arn: pulumi.Input[str]) -> WebAcl:
        return WebAcl(
            f"{self._name}-firewall",
            WebAclArgs(
                scope="CLOUDFRONT",
                region=self._settings.region,
                account=self._platform.account,
                rate=self._settings.sizes.waf.rate,
                log_group=self._names.web_log(),
                log_days=self._settings.sizes.log_days,
                key_arn=key_arn,
            ),
            self._child,
        )

    def _web(self, logs: LogBucket, firewall: WebAcl) -> WebDistribution:
        return WebDistribution(
            f"{self._name}-web",
            WebDistributionArgs(
                region=self._settings.region,
                host=f"app.{self._platform.domain}",
                zone_id=self._platform.zone_id,
                buckets={cell.name: self._web_bucket(cell) for cell in self._settings.origins},
                price_class=self._settings.sizes.price_class,
                web_acl_arn=firewall.arn,
                log_delivery=self._names.log_delivery("web"),
                log_bucket_arn=logs.arn,
            ),
            self._child,
        )

    def _web_bucket(self, cell: CellFacts) -> str:
        """A bucket's regional name: the global one redirects until it has spread."""
        bucket = Names(self._platform.name, cell.name, self._platform.account).bucket("web")
        return f"{bucket}.s3.{cell.region}.amazonaws.com"

    def _routing(self, key_arn: pulumi.Input[str]) -> Routing:
        return Routing(
            f"{self._name}-routing",
            RoutingArgs(
                platform=self._platform.name,
                account=self._platform.account,
                region=self._settings.region,
                domain=self._platform.domain,
                zone_id=self._platform.zone_id,
                cells={cell.name: self._target(cell) for cell in self._settings.cells},
                alarm_key_arn=key_arn,
                failover_seconds=self._platform.budgets.orders,
            ),
            self._child,
        )

    def _target(self, cell: CellFacts) -> CellTarget:
        contract = self._cells[cell.name]
        return CellTarget(
            region=cell.region,
            hosts={
                "api": HostTarget(contract.api_dns_name, contract.api_zone_id),
                "stream": HostTarget(contract.load_balancer_dns_name, contract.load_balancer_zone_id),
            },
        )
