"""Cell: one region of the platform, in which everything lives and fails together."""

from __future__ import annotations

import pulumi

from components.cell.alarms import build_alarm_topic
from components.cell.boundary import build_boundary
from components.cell.cluster import build_cluster, build_cluster_addons, build_people_access
from components.cell.context import CellContext
from components.cell.data.backups import build_backups
from components.cell.data.buckets import (
    build_audit_bucket,
    build_log_bucket,
    build_reports_bucket,
    build_web_bucket,
)
from components.cell.data.caches import build_global_cache, build_local_cache
from components.cell.data.files import build_files
from components.cell.data.ledger import build_ledger
from components.cell.data.secrets import build_application_secrets
from components.cell.data.tables import build_tables
from components.cell.data.warehouse import build_warehouse
from components.cell.images import build_images
from components.cell.ingress.ingress import build_ingress, build_serving_checks
from components.cell.inputs import CellInputs
from components.cell.keys import build_keys
from components.cell.network import build_interface_endpoints, build_network
from components.cell.orders.orders import build_orders
from components.cell.peerings import build_cell_peerings, build_runner_peering
from components.cell.region_baseline import build_region_baseline
from components.cell.runtimes import build_task_groups
from components.cell.services.environment import ServiceEndpoints
from components.cell.services.services import build_services
from components.cell.tokens import build_signing_keys
from components.permissions_boundary import RoleBoundary
from components.replacement_order import REPLACEMENT_ORDER
from contracts import CellContract
from naming import Names
from settings import CellSettings


class Cell(pulumi.ComponentResource):
    """Cell, as a table of contents: each part is built by one function, in the order in which AWS needs it.

    The birth cell also makes what the others join; `contract` holds what other stacks read of it.
    """

    contract: CellContract

    def __init__(self, name: str, settings: CellSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        names = Names(settings.platform.name, settings.stack, settings.platform.account)
        boundary = RoleBoundary(settings.platform.account, names.boundary())
        super().__init__(
            "castle:index:Cell",
            name,
            None,
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions.merge(opts, boundary.options), REPLACEMENT_ORDER
            ),
        )
        cell = CellInputs(
            name=name,
            settings=settings,
            names=names,
            # Each once: a stack reference is a resource.
            earlier={it.name: CellContract.read(it.name) for it in settings.platform.earlier(settings.stack)},
            child=pulumi.ResourceOptions(parent=self),
        )
        if settings.is_birth:
            boundary.wait_for(build_boundary(cell))

        api_logs = build_region_baseline(cell)
        keys = build_keys(cell)
        logs = build_log_bucket(cell)
        network = build_network(cell, logs)
        endpoints_ready = build_interface_endpoints(cell, network)
        build_cell_peerings(cell, network)
        runner = build_runner_peering(cell, network)
        cluster = build_cluster(cell, network, runner, keys)
        build_people_access(cell, cluster, keys)
        alarm_topic_arn = build_alarm_topic(cell, keys)
        addons = build_cluster_addons(cell, network, cluster, keys)
        task_groups = build_task_groups(cell, network)

        context = CellContext(
            **vars(cell),
            keys=keys,
            logs=logs,
            network=network,
            endpoints_ready=endpoints_ready,
            workload_groups={"cluster": cluster.security_group_id, **task_groups},
            cluster=cluster.name,
            kubernetes=cluster.kubernetes,
            addons=addons,
            alarm_topic_arn=alarm_topic_arn,
        )
        build_signing_keys(context)
        ingress = build_ingress(context, api_logs)
        build_audit_bucket(context)
        build_reports_bucket(context)
        build_web_bucket(context)
        ledger = build_ledger(context)
        build_warehouse(context, ledger.member)
        global_cache_id = build_global_cache(context)
        build_local_cache(context)
        payments_key_arn = build_application_secrets(context)
        build_tables(context)
        build_orders(context, ledger)
        build_images(context)
        build_files(context)
        endpoints = ServiceEndpoints(ledger_reads=ledger.read_endpoint, payments_key_arn=payments_key_arn)
        build_services(context, ingress, endpoints)
        serving_checks = build_serving_checks(context, ingress)
        build_backups(context)

        self.contract = CellContract(
            vpc_id=network.vpc_id,
            route_table_ids=network.route_table_ids,
            load_balancer_dns_name=ingress.endpoint.dns_name,
            load_balancer_zone_id=ingress.endpoint.zone_id,
            api_dns_name=ingress.api.hosts.shared.dns_name,
            api_zone_id=ingress.api.hosts.shared.zone_id,
            key_ids=keys.ids,
            alarm_topic_arn=alarm_topic_arn,
            global_cache_id=global_cache_id if settings.is_birth else "",
            ledger_endpoint=ledger.endpoint,
            ledger_read_endpoint=ledger.read_endpoint,
            ledger_secret_arn=ledger.secret_arn,
            payments_key_arn=payments_key_arn,
            serving_check_ids=serving_checks.ids,
        )
        self.register_outputs({"vpc_id": network.vpc_id})
