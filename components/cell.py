"""One region of the platform: everything that lives and fails together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.ledger import Ledger, LedgerArgs
from components.data.log_bucket import LogBucket, LogBucketArgs
from components.data.web_bucket import WebBucket, WebBucketArgs
from components.ingress.public_endpoint import PublicEndpoint, PublicEndpointArgs
from components.keys.key_family import KeyFamily, KeyFamilyArgs, local_arn
from components.network.network import Network, NetworkArgs
from contracts import CellContract, entry
from naming import Names
from settings import CellSettings


@dataclass(frozen=True)
class _Keys:
    ids: pulumi.Input[Mapping[str, str]]  # by family
    arns: Mapping[str, pulumi.Input[str]]  # of this region, by family


class Cell(pulumi.ComponentResource):
    """A cell. The birth cell also makes what the others join; `contract` is what other stacks need of it."""

    contract: CellContract

    def __init__(self, name: str, settings: CellSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:index:Cell", name, None, opts)
        self._name, self._settings, self._platform = name, settings, settings.platform
        self._names = Names(settings.platform.name, settings.stack, settings.platform.account)
        self._child = pulumi.ResourceOptions(parent=self)

        keys = self._made_keys() if settings.is_birth else self._joined_keys()
        logs = self._logs()
        network = self._network(logs)
        self._web(keys, logs)
        endpoint = self._endpoint(network, logs)
        self._ledger(network, keys)

        self.contract = CellContract(
            vpc_id=network.vpc_id,
            route_table_ids=network.route_table_ids,
            load_balancer_dns_name=endpoint.dns_name,
            load_balancer_zone_id=endpoint.zone_id,
            key_ids=keys.ids,
        )
        self.register_outputs({"vpc_id": network.vpc_id})

    def _made_keys(self) -> _Keys:
        """The birth cell makes every family, wherever its regions are."""
        families = self._platform.families(self._settings.stack)
        made = {
            family.name: KeyFamily(
                f"{self._name}-key-{family.name}",
                KeyFamilyArgs(
                    family=family,
                    alias=self._names.key_alias(family.name),
                    account=self._platform.account,
                    deployer=self._platform.deployer,
                    log_groups=f"/aws/rds/cluster/{self._platform.name}-*",
                    retire=self._settings.retire,
                ),
                self._child,
            )
            for family in families
        }
        here = self._settings.region
        return _Keys(
            ids=pulumi.Output.all(**{name: family.key_id for name, family in made.items()}),
            arns={name: family.arns[here] for name, family in made.items() if here in family.arns},
        )

    def _joined_keys(self) -> _Keys:
        """A joining cell derives its ARNs: a family has one key id everywhere."""
        birth, here = self._settings.birth.name, self._settings.region
        ids = pulumi.Output.from_input(CellContract.read(birth).key_ids)

        def arn(family: str) -> pulumi.Output[str]:
            return ids.apply(
                lambda found: local_arn(entry(birth, "keyIds", found, family), here, self._platform.account)
            )

        families = self._platform.families(self._settings.stack)
        return _Keys(
            ids={}, arns={family.name: arn(family.name) for family in families if here in family.regions}
        )

    def _logs(self) -> LogBucket:
        sizes = self._settings.sizes
        return LogBucket(
            f"{self._name}-logs",
            LogBucketArgs(
                bucket=self._names.bucket("logs"),
                account=self._platform.account,
                region=self._settings.region,
                key_arn=None,
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

    def _web(self, keys: _Keys, logs: LogBucket) -> None:
        if not self._platform.holds(self._settings.region, "web"):
            return
        WebBucket(
            f"{self._name}-web",
            WebBucketArgs(
                bucket=self._names.bucket("web"),
                account=self._platform.account,
                data_class=self._platform.datasets["web"].data_class,
                key_arn=keys.arns[self._platform.family_of("web")],
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

    def _ledger(self, network: Network, keys: _Keys) -> None:
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
                key_arn=keys.arns[self._platform.family_of("ledger")],
                min_acu=capacity.min_acu,
                max_acu=capacity.max_acu,
                log_days=self._settings.sizes.log_days,
                retire=self._settings.retire,
            ),
            self._child,
        )
