"""One region of the platform: everything that lives and fails together."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.data.ledger import Ledger, LedgerArgs
from components.data.log_bucket import LogBucket, LogBucketArgs
from components.data.web_bucket import WebBucket, WebBucketArgs
from components.ingress.public_endpoint import PublicEndpoint, PublicEndpointArgs
from components.keys.key_family import KeyFamily, KeyFamilyArgs, local_arn
from components.network.network import Network, NetworkArgs
from contracts import CellContract
from naming import Names
from settings import CellSettings

_KeyArns = Mapping[str, pulumi.Input[str]]  # of this region, by family


class Cell(pulumi.ComponentResource):
    """A cell. The birth cell also makes what the others join; `contract` is what other stacks need of it."""

    contract: CellContract

    def __init__(self, name: str, settings: CellSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:index:Cell", name, None, opts)
        self._name, self._settings, self._platform = name, settings, settings.platform
        self._names = Names(settings.platform.name, settings.stack, settings.platform.account)
        self._child = pulumi.ResourceOptions(parent=self)

        key_ids, key_arns = self._keys()
        logs = self._logs()
        network = self._network(logs)
        self._web(key_arns, logs)
        endpoint = self._endpoint(network, logs)
        self._ledger(network, key_arns)

        self.contract = CellContract(
            vpc_id=network.vpc_id,
            route_table_ids=network.route_table_ids,
            load_balancer_dns_name=endpoint.dns_name,
            load_balancer_zone_id=endpoint.zone_id,
            key_ids=key_ids if settings.is_birth else {},
        )
        self.register_outputs({"vpc_id": network.vpc_id})

    def _keys(self) -> tuple[pulumi.Output[Mapping[str, str]], _KeyArns]:
        """The ids of all key families, and the ARN that each has in this region."""
        families = self._platform.families(self._settings.stack)
        here, account = self._settings.region, self._platform.account
        if not self._settings.is_birth:
            ids = pulumi.Output.from_input(CellContract.read(self._settings.birth.name).key_ids)
            return ids, {
                family.name: ids.apply(lambda found, name=family.name: local_arn(found[name], here, account))
                for family in families
            }
        made = {
            family.name: KeyFamily(
                f"{self._name}-key-{family.name}",
                KeyFamilyArgs(
                    family=family,
                    alias=self._names.key_alias(family.name),
                    account=account,
                    deployer=self._platform.deployer,
                    log_groups=f"/aws/rds/cluster/{self._platform.name}-*",
                    retire=self._settings.retire,
                ),
                self._child,
            )
            for family in families
        }
        arns = {name: family.arns[here] for name, family in made.items() if here in family.arns}
        return pulumi.Output.all(**{name: family.key_id for name, family in made.items()}), arns

    def _logs(self) -> LogBucket:
        sizes = self._settings.sizes
        return LogBucket(
            f"{self._name}-logs",
            LogBucketArgs(
                bucket=self._names.bucket("logs"),
                account=self._platform.account,
                region=self._settings.region,
                keep_days={"alb": sizes.log_days, "flow": sizes.flow_log_days, "s3": sizes.log_days},
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _network(self, logs: LogBucket) -> Network:
        return Network(
            f"{self._name}-network",
            NetworkArgs(
                account=self._platform.account,
                region=self._settings.region,
                cidr=self._settings.cell.cidr,
                zones=self._settings.sizes.zones,
                nat=self._settings.sizes.nat,
                flow_log_bucket_arn=logs.arn,
            ),
            self._child,
        )

    def _web(self, key_arns: _KeyArns, logs: LogBucket) -> None:
        if not self._platform.holds(self._settings.region, "web"):
            return
        WebBucket(
            f"{self._name}-web",
            WebBucketArgs(
                bucket=self._names.bucket("web"),
                account=self._platform.account,
                key_arn=key_arns[self._platform.family_of("web")],
                log_bucket=logs.name,
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _endpoint(self, network: Network, logs: LogBucket) -> PublicEndpoint:
        zone = aws.route53.get_zone_output(
            name=self._platform.zone, private_zone=False, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return PublicEndpoint(
            f"{self._name}-endpoint",
            PublicEndpointArgs(
                cell=self._settings.stack,
                domain=self._platform.domain,
                zone_id=zone.zone_id,
                owns_shared_validation=self._settings.is_birth,
                vpc_id=network.vpc_id,
                public_subnet_ids=network.public_subnet_ids,
                log_bucket=logs.name,
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _ledger(self, network: Network, key_arns: _KeyArns) -> None:
        capacity = self._settings.sizes.ledger
        if capacity is None:
            return  # settings let only a cell without it have no capacity
        Ledger(
            f"{self._name}-ledger",
            LedgerArgs(
                account=self._platform.account,
                region=self._settings.region,
                cluster_identifier=self._names.database("ledger"),
                global_cluster_identifier=self._names.global_database("ledger"),
                final_snapshot_identifier=self._names.snapshot("ledger-final"),
                birth_region=self._settings.birth.region,
                is_birth=self._settings.is_birth,
                vpc_id=network.vpc_id,
                data_subnet_ids=network.data_subnet_ids,
                client_groups={},
                client_cidrs={},
                key_arn=key_arns[self._platform.family_of("ledger")],
                min_acu=capacity.min_acu,
                max_acu=capacity.max_acu,
                log_days=self._settings.sizes.log_days,
                retire=self._settings.retire,
            ),
            self._child,
        )
