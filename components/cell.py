"""One region of the platform: everything that lives and fails together."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.account.baseline import Baseline
from components.cell_keys import Keys, joined_keys, made_keys
from components.cell_peerings import client_cidrs, peer_with_cells, peer_with_runner
from components.compute.access import POLICIES, Access, AccessArgs
from components.compute.cluster import Cluster, ClusterArgs
from components.data.cache import BirthSizes, Cache, CacheArgs
from components.data.cache_parts import CachePlace
from components.data.ledger import Ledger, LedgerArgs
from components.data.local_cache import LocalCache, LocalCacheArgs
from components.data.log_bucket import LogBucket, LogBucketArgs
from components.data.web_bucket import WebBucket, WebBucketArgs
from components.ingress.public_endpoint import PublicEndpoint, PublicEndpointArgs
from components.ingress.web_acl import WebAcl, WebAclArgs
from components.network.interface_endpoints import InterfaceEndpoints, InterfaceEndpointsArgs
from components.network.layout import layout
from components.network.network import Network, NetworkArgs
from components.network.peering import Peering
from contracts import CellContract
from naming import Names
from settings import CellSettings


class Cell(pulumi.ComponentResource):
    """A cell. The birth cell also makes what the others join; `contract` is what other stacks need of it."""

    contract: CellContract

    def __init__(self, name: str, settings: CellSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:index:Cell", name, None, opts)
        self._name, self._settings, self._platform = name, settings, settings.platform
        self._names = Names(settings.platform.name, settings.stack, settings.platform.account)
        self._child = pulumi.ResourceOptions(parent=self)

        # Each once: a stack reference is a resource.
        self._earlier = {
            cell.name: CellContract.read(cell.name) for cell in self._platform.earlier(settings.stack)
        }

        Baseline(f"{name}-baseline", self._child)
        keys = self._keys()
        logs = self._logs()
        network = self._network(logs)
        self._endpoints(network)
        runner = self._peerings(network)
        self._web(keys, logs)
        endpoint = self._endpoint(network, logs)
        self._firewall(endpoint, keys)
        cluster = self._cluster(network, runner, keys)
        self._access(cluster)
        self._ledger(network, cluster, keys)
        global_cache_id = self._market(network, cluster, keys)
        self._local_cache(network, cluster, keys)

        self.contract = CellContract(
            vpc_id=network.vpc_id,
            route_table_ids=network.route_table_ids,
            load_balancer_dns_name=endpoint.dns_name,
            load_balancer_zone_id=endpoint.zone_id,
            key_ids=keys.ids,
            global_cache_id=global_cache_id if settings.is_birth else "",
        )
        self.register_outputs({"vpc_id": network.vpc_id})

    def _keys(self) -> Keys:
        if self._settings.is_birth:
            return made_keys(self._name, self._settings, self._names, self._child)
        return joined_keys(self._settings, self._earlier[self._settings.birth.name])

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

    def _endpoints(self, network: Network) -> None:
        cidrs = layout(self._settings.cell.cidr, self._settings.sizes.zones)
        InterfaceEndpoints(
            f"{self._name}-endpoints",
            InterfaceEndpointsArgs(
                account=self._platform.account,
                region=self._settings.region,
                services=self._settings.sizes.endpoints,
                vpc_id=network.vpc_id,
                subnet_ids=network.app_subnet_ids,
                client_cidrs={zone: each.app for zone, each in cidrs.items()},
            ),
            self._child,
        )

    def _peerings(self, network: Network) -> Peering:
        """The runner's last: what is in the cluster waits for it."""
        peer_with_cells(self._name, self._settings, network, self._earlier, self._child)
        return peer_with_runner(self._name, self._settings, network, self._child)

    def _web(self, keys: Keys, logs: LogBucket) -> None:
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
        return PublicEndpoint(
            f"{self._name}-endpoint",
            PublicEndpointArgs(
                cell=self._settings.stack,
                domain=self._platform.domain,
                zone_id=self._platform.zone_id,
                owns_shared_validation=self._settings.is_birth,
                vpc_id=network.vpc_id,
                public_subnet_ids=network.public_subnet_ids,
                log_bucket=logs.name,
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _firewall(self, endpoint: PublicEndpoint, keys: Keys) -> None:
        firewall = WebAcl(
            f"{self._name}-firewall",
            WebAclArgs(
                scope="REGIONAL",
                region=self._settings.region,
                account=self._platform.account,
                rate=self._settings.sizes.waf.rate,
                log_group=self._names.web_log(),
                log_days=self._settings.sizes.log_days,
                key_arn=keys.arns[self._platform.family_of("logs")],
            ),
            self._child,
        )
        firewall.protect("endpoint", endpoint.arn)

    def _cluster(self, network: Network, runner: Peering, keys: Keys) -> Cluster:
        return Cluster(
            f"{self._name}-cluster",
            ClusterArgs(
                account=self._platform.account,
                region=self._settings.region,
                cluster=self._names.cluster(),
                deployer=self._platform.deployer,
                vpc_id=network.vpc_id,
                app_subnet_ids=network.app_subnet_ids,
                runner_cidr=self._platform.runner.cidr,
                runner_reaches=[runner],
                secrets_key_arn=keys.arns[self._platform.family_of("secrets")],
                log_key_arn=keys.arns[self._platform.family_of("logs")],
                log_days=self._settings.sizes.log_days,
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _access(self, cluster: Cluster) -> None:
        Access(
            f"{self._name}-access",
            AccessArgs(
                account=self._platform.account,
                region=self._settings.region,
                cluster=self._names.cluster(),
                made=cluster.name,
                roles={who: self._names.role(who) for who in POLICIES},
                people=self._platform.people,
            ),
            self._child,
        )

    def _ledger(self, network: Network, cluster: Cluster, keys: Keys) -> None:
        capacity = self._settings.ledger
        if capacity is None:
            return
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
                client_groups={"cluster": cluster.security_group_id},
                client_cidrs=client_cidrs(self._settings),
                key_arn=keys.arns[self._platform.family_of("ledger")],
                min_acu=capacity.min_acu,
                max_acu=capacity.max_acu,
                log_days=self._settings.sizes.log_days,
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _market(self, network: Network, cluster: Cluster, keys: Keys) -> pulumi.Input[str]:
        """The global cache's id; empty for a cell that isn't a member."""
        sizes, settings = self._settings.global_cache, self._settings
        if sizes is None:
            return ""
        return Cache(
            f"{self._name}-market",
            CacheArgs(
                replication_group=self._names.cache("market"),
                user_group=self._names.everywhere("market"),
                suffix=self._names.everywhere("market"),
                joins=BirthSizes(node_type=sizes.node_type, shards=sizes.shards)
                if settings.is_birth
                else self._earlier[settings.birth.name].global_cache_id,
                place=self._cache_place(network, cluster, client_cidrs(settings)),
                key_arn=keys.arns[self._platform.family_of("market")],
                replicas=sizes.replicas,
                retire=settings.retire,
            ),
            self._child,
        ).global_id

    def _local_cache(self, network: Network, cluster: Cluster, keys: Keys) -> None:
        if not self._platform.holds(self._settings.region, "sessions"):
            return
        sizes = self._settings.sizes.local_cache
        LocalCache(
            f"{self._name}-cache",
            LocalCacheArgs(
                replication_group=self._names.cache("local"),
                user_group=self._names.everywhere("local"),
                place=self._cache_place(network, cluster, {}),
                key_arn=keys.arns[self._platform.family_of("sessions")],
                node_type=sizes.node_type,
                shards=sizes.shards,
                replicas=sizes.replicas,
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _cache_place(self, network: Network, cluster: Cluster, cidrs: Mapping[str, str]) -> CachePlace:
        return CachePlace(
            vpc_id=network.vpc_id,
            data_subnet_ids=network.data_subnet_ids,
            client_groups={"cluster": cluster.security_group_id},
            client_cidrs=cidrs,
        )
