"""Services of a cell, each on the runtime that the stack file gives it, behind the cell's load balancers."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi_aws as aws

from components.cell.context import CellContext
from components.cell.ingress.ingress import Ingress, app_cidrs
from components.cell.runtimes import deployed
from components.cell.services.access import role_statements
from components.cell.services.egress import egress_rules
from components.cell.services.environment import ServiceEndpoints, service_environment
from components.compute.eks.iam_roles import pod_trust
from components.compute.eks.service import EksPlacement, TradingService
from components.compute.fargate.cluster import FargateCluster
from components.compute.fargate.service import FargatePlacement, FargateService
from components.compute.service_args import ServiceArgs, ServiceTarget
from components.compute.service_role import ServiceRole, ServiceRoleArgs, task_trust
from components.network.subnet_cidrs import cidrs_by_zone
from components.service_conventions import SERVICE_HEALTH_PATH, SERVICE_PORT
from settings import ServiceSizes
from settings.catalogue import SERVICES

PRIORITY = "services"  # the priority class of pods that answer clients


def build_services(context: CellContext, ingress: Ingress, endpoints: ServiceEndpoints) -> None:
    """Builds every service that has an image, as pods or as tasks on Fargate."""
    pods, tasks = deployed(context.settings, "eks"), deployed(context.settings, "fargate")
    targets = {service: _targets(context, ingress, service) for service in (*pods, *tasks)}
    _admit_to_cluster(context, {name: it for service in pods for name, it in targets[service].items()})
    for service, sizes in pods.items():
        args = _service_args(context, service, sizes, targets[service], endpoints)
        TradingService(f"{context.name}-{service}", args, _cluster_place(context, service), context.child)
    if not tasks:
        return
    cluster = FargateCluster(f"{context.name}-fargate", context.names.cluster(), context.child)
    for service, sizes in tasks.items():
        args = _service_args(context, service, sizes, targets[service], endpoints)
        place = _fargate_place(context, service, cluster)
        FargateService(f"{context.name}-{service}", args, place, context.child)


def _service_args(
    context: CellContext,
    service: str,
    sizes: ServiceSizes,
    targets: Mapping[str, ServiceTarget],
    endpoints: ServiceEndpoints,
) -> ServiceArgs:
    settings, account = context.settings, context.names.account
    role = ServiceRole(
        f"{context.name}-{service}-may",
        ServiceRoleArgs(
            role=context.names.role(service),
            trust=_trust(context, service, sizes),
            statements=role_statements(context, service, endpoints.payments_key_arn),
        ),
        context.child,
    )
    return ServiceArgs(
        service=service,
        account=account,
        region=settings.region,
        repository=f"{settings.platform.name}/{service}",
        digest=settings.images[service],
        port=SERVICE_PORT,
        health_path=SERVICE_HEALTH_PATH,
        environment={"PORT": str(SERVICE_PORT), **service_environment(context, service, endpoints)},
        role_arn=role.arn,
        cpu=sizes.cpu,
        memory=sizes.memory,
        least=sizes.least,
        most=sizes.most,
        requests=sizes.requests,
        spot=sizes.spot,
        targets=targets,
        egress=egress_rules(context, service),
        key_arn=context.key_arn("logs"),
        log_days=settings.sizes.log_days,
        alarm_topic_arn=context.alarm_topic_arn,
    )


def _trust(context: CellContext, service: str, sizes: ServiceSizes) -> dict[str, object]:
    account, region = context.names.account, context.settings.region
    if sizes.runtime == "fargate":
        return task_trust(account, region)
    namespace = SERVICES[service].namespace
    return pod_trust(account, region, context.names.cluster(), namespace=namespace, service_account=service)


def _targets(context: CellContext, ingress: Ingress, service: str) -> dict[str, ServiceTarget]:
    """Targets by load balancer: that of the API connects from app subnets, that of sockets from public ones."""
    cidrs = cidrs_by_zone(context.settings.cell.cidr, context.settings.sizes.zones)
    sources = {
        "api": app_cidrs(context),
        "stream": {zone: each.public for zone, each in cidrs.items()},
    }
    return {
        balancer: ServiceTarget(
            arn=target.arn,
            metrics_name=target.metrics_name,
            balancer_metrics_name=target.balancer_metrics_name,
            balancer_group_id=target.balancer_group_id,
            balancer_cidrs=sources[balancer],
        )
        for balancer, target in ingress.targets(service).items()
    }


def _admit_to_cluster(context: CellContext, targets: Mapping[str, ServiceTarget]) -> None:
    """Ingress rules of the cluster's security group, one for each load balancer.

    All pods have that security group; their network policies decide which of them a load balancer reaches.
    """
    for balancer, target in targets.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{context.name}-services-from-{balancer}",
            security_group_id=context.workload_groups["cluster"],
            description=f"From the load balancer {balancer}, to services",
            ip_protocol="tcp",
            from_port=SERVICE_PORT,
            to_port=SERVICE_PORT,
            referenced_security_group_id=target.balancer_group_id,
            opts=context.child,
        )


def _cluster_place(context: CellContext, service: str) -> EksPlacement:
    facts = SERVICES[service]
    namespace = context.addons.namespaces[facts.namespace]
    return EksPlacement(
        cluster=context.cluster,
        kubernetes=context.kubernetes,
        namespace=namespace.name,
        confined_namespace=namespace.ready,
        pool=facts.node_pool,
        node_pools=context.addons.node_pools,
        priority_class=context.addons.priorities[PRIORITY],
        keda=context.addons.keda,
    )


def _fargate_place(context: CellContext, service: str, cluster: FargateCluster) -> FargatePlacement:
    cell = f"{context.settings.platform.name}-{context.settings.stack}"
    return FargatePlacement(
        cluster=cluster.name,
        subnet_ids=context.network.app_subnet_ids,
        group_id=context.workload_groups[service],
        execution_role=context.names.role(f"{service}-start"),
        log_group=f"/aws/ecs/{cell}/{service}",
    )
