"""One region of the platform: everything that lives and fails together."""

from __future__ import annotations

import pulumi

from components.account.baseline import Baseline
from components.cell.cluster import equipped
from components.cell.context import CellContext
from components.cell.data.backups import cell_backups
from components.cell.data.buckets import audit_bucket, log_bucket, reports_bucket, web_bucket
from components.cell.data.caches import local_cache, market_cache
from components.cell.data.files import files
from components.cell.data.ledger import ledger
from components.cell.data.secrets import application_secrets
from components.cell.data.tables import tables
from components.cell.data.warehouse import warehouse
from components.cell.images import images
from components.cell.ingress.ingress import ways_in
from components.cell.keys import Keys, joined_keys, made_keys
from components.cell.orders.orders import orders
from components.cell.peerings import peer_with_cells, peer_with_runner
from components.cell.services.access import Hosts
from components.cell.services.services import services, task_groups
from components.cell.tokens import signing_key
from components.compute.eks.access_entries import POLICIES, Access, AccessArgs
from components.compute.eks.cluster import Cluster, ClusterArgs
from components.data.buckets.logs import LogBucket
from components.identity.boundary import Boundary, BoundaryArgs
from components.network.interface_endpoints import InterfaceEndpoints, InterfaceEndpointsArgs
from components.network.network import Network, NetworkArgs
from components.network.peering import Peering
from components.network.subnet_cidrs import layout
from components.observability.alerts import Alerts, AlertsArgs
from components.permissions_boundary import boundary_arn, bounded
from contracts import CellContract
from naming import Names
from settings import EDGE_REGION, CellSettings


class Cell(pulumi.ComponentResource):
    """A cell. The birth cell also makes what the others join; `contract` is what other stacks need of it."""

    contract: CellContract

    def __init__(self, name: str, settings: CellSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        self._names = Names(settings.platform.name, settings.stack, settings.platform.account)
        boundary_made: list[pulumi.Resource] = []
        within = bounded(boundary_arn(settings.platform.account, self._names.boundary()), boundary_made)
        super().__init__("castle:index:Cell", name, None, pulumi.ResourceOptions.merge(opts, within))
        self._name, self._settings, self._platform = name, settings, settings.platform
        self._child = pulumi.ResourceOptions(parent=self)
        if settings.is_birth:
            boundary_made.append(self._boundary())

        # Each once: a stack reference is a resource.
        self._earlier = {
            cell.name: CellContract.read(cell.name) for cell in self._platform.earlier(settings.stack)
        }

        baseline = Baseline(f"{name}-baseline", self._names.role("api-logs"), self._child)
        keys = self._keys()
        logs = log_bucket(name, settings, self._names, self._child)
        network = self._network(logs)
        self._endpoints(network)
        runner = self._peerings(network)
        cluster = self._cluster(network, runner, keys)
        self._access(cluster)

        context = self._ground(keys, logs, network, cluster)
        signing_key(context)
        ways = ways_in(context, baseline.logs_of_apis)
        audit_bucket(context)
        reports_bucket(context)
        web_bucket(context)
        books = ledger(context)
        warehouse(context, books.member)
        global_cache_id = market_cache(context)
        local_cache(context)
        payments_key_arn = application_secrets(context)
        tables(context)
        orders(context, books)
        images(context)
        files(context)
        services(context, ways, Hosts(ledger_reads=books.read_endpoint, payments_key_arn=payments_key_arn))
        cell_backups(context)

        self.contract = CellContract(
            vpc_id=network.vpc_id,
            route_table_ids=network.route_table_ids,
            load_balancer_dns_name=ways.endpoint.dns_name,
            load_balancer_zone_id=ways.endpoint.zone_id,
            api_dns_name=ways.api.hosts.shared.dns_name,
            api_zone_id=ways.api.hosts.shared.zone_id,
            key_ids=keys.ids,
            alarm_topic_arn=context.alarm_topic_arn,
            global_cache_id=global_cache_id if settings.is_birth else "",
            ledger_endpoint=books.endpoint,
            ledger_read_endpoint=books.read_endpoint,
            ledger_secret_arn=books.secret_arn,
            payments_key_arn=payments_key_arn,
        )
        self.register_outputs({"vpc_id": network.vpc_id})

    def _boundary(self) -> Boundary:
        """Of all stacks, for as long as any of them has a role. A cell that leaves is gone before the birth cell's
        next update, which takes its region out.
        """
        platform = self._platform
        cells = platform.present(self._settings.stack)
        return Boundary(
            f"{self._name}-boundary",
            BoundaryArgs(
                policy_name=self._names.boundary(),
                account=platform.account,
                regions=sorted({EDGE_REGION, *(cell.region for cell in cells), *platform.vaults}),
                backups=f"{self._name}-backups-role-*",
            ),
            self._child,
        )

    def _keys(self) -> Keys:
        if self._settings.is_birth:
            return made_keys(self._name, self._settings, self._names, self._child)
        return joined_keys(self._settings, self._earlier[self._settings.birth.name])

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
                disk_key_arn=self._disk_key_arn(keys),
                log_key_arn=keys.arns[self._platform.family_of("logs")],
                log_days=self._settings.sizes.log_days,
                retire=self._settings.retire,
            ),
            self._child,
        )

    def _disk_key_arn(self, keys: Keys) -> pulumi.Input[str]:
        """What is secret in a cluster passes over its nodes' disks."""
        return keys.arns[self._platform.family_of("secrets")]

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

    def _ground(self, keys: Keys, logs: LogBucket, network: Network, cluster: Cluster) -> CellContext:
        platform = self._platform
        alerts = Alerts(
            f"{self._name}-alerts",
            AlertsArgs(
                account=platform.account,
                region=self._settings.region,
                key_arn=keys.arns[platform.family_of("logs")],
            ),
            self._child,
        )
        equipment = equipped(
            self._name,
            self._settings,
            self._child,
            cluster=cluster,
            cluster_name=self._names.cluster(),
            network=network,
            disk_key_arn=self._disk_key_arn(keys),
        )
        return CellContext(
            name=self._name,
            settings=self._settings,
            names=self._names,
            earlier=self._earlier,
            child=self._child,
            keys=keys,
            logs=logs,
            network=network,
            workload_groups={
                "cluster": cluster.security_group_id,
                **task_groups(self._name, self._settings, network, self._child),
            },
            cluster=cluster.name,
            kubernetes=cluster.kubernetes,
            namespaces=equipment.namespaces,
            services_need=equipment.needs,
            alarm_topic_arn=alerts.topic_arn,
        )
