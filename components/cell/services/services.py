"""The services of a cell, each on the runtime that the stack file says, behind the cell's load balancers."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.cell.context import CellContext
from components.cell.ingress.ingress import WaysIn, app_cidrs
from components.cell.services.access import REACH, Hosts, environment, statements, ways
from components.compute.eks.iam_roles import pod_trust
from components.compute.eks.service import ClusterPlace, TradingService
from components.compute.fargate.cluster import FargateCluster
from components.compute.fargate.service import FargatePlace, FargateService
from components.compute.service_args import ServiceArgs, Target
from components.compute.service_role import ServiceRole, ServiceRoleArgs, task_trust
from components.network.network import Network
from components.network.subnet_cidrs import layout
from components.service_conventions import HEALTH_PATH, PORT, SERVICES
from settings import CellSettings, ServiceSizes

PRIORITY = "services"  # the priority class of what answers clients


def deployed(settings: CellSettings, runtime: str) -> dict[str, ServiceSizes]:
    """The services that have an image, by name, as far as this is their runtime."""
    sizes = settings.sizes.services.by_name()
    return {name: it for name, it in sizes.items() if it.image is not None and it.runtime == runtime}


def task_groups(
    name: str, settings: CellSettings, network: Network, child: pulumi.ResourceOptions
) -> Mapping[str, pulumi.Output[str]]:
    """The security groups of services on Fargate, by service: before the stores, which let them in.

    The rules are the service's.
    """
    return {
        service: aws.ec2.SecurityGroup(
            f"{name}-{service}-group",
            vpc_id=network.vpc_id,
            description=f"Tasks of {service}",
            tags={"Name": f"{name}-{service}"},
            opts=child,
        ).id
        for service in deployed(settings, "fargate")
    }


def services(context: CellContext, entries: WaysIn, hosts: Hosts) -> None:
    """`entries` are the ways in that lead to them, `hosts` what they reach."""
    pods, tasks = deployed(context.settings, "eks"), deployed(context.settings, "fargate")
    targets = {service: _targets(context, entries, service) for service in (*pods, *tasks)}
    _let_into_cluster(context, {name: it for service in pods for name, it in targets[service].items()})
    for service, sizes in pods.items():
        args = _args(context, service, sizes, targets[service], hosts)
        TradingService(f"{context.name}-{service}", args, _in_cluster(context, service), context.child)
    if not tasks:
        return
    cluster = FargateCluster(f"{context.name}-fargate", context.names.cluster(), context.child)
    for service, sizes in tasks.items():
        args = _args(context, service, sizes, targets[service], hosts)
        FargateService(
            f"{context.name}-{service}", args, _on_fargate(context, service, cluster), context.child
        )


def _args(
    context: CellContext, service: str, sizes: ServiceSizes, targets: Mapping[str, Target], hosts: Hosts
) -> ServiceArgs:
    settings, account = context.settings, context.names.account
    assert sizes.image is not None, "only what has an image is deployed"
    reach = REACH[service]
    role = ServiceRole(
        f"{context.name}-{service}-may",
        ServiceRoleArgs(
            role=context.names.role(service),
            trust=_trust(context, service, sizes),
            statements=statements(context, reach, hosts.payments_key_arn),
        ),
        context.child,
    )
    return ServiceArgs(
        service=service,
        account=account,
        region=settings.region,
        repository=f"{settings.platform.name}/{service}",
        digest=sizes.image,
        port=PORT,
        health_path=HEALTH_PATH,
        environment={"PORT": str(PORT), **environment(context, reach, hosts)},
        role_arn=role.arn,
        cpu=sizes.cpu,
        memory=sizes.memory,
        least=sizes.least,
        most=sizes.most,
        requests=sizes.requests,
        spot=sizes.spot,
        targets=targets,
        egress=ways(context, reach),
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


def _targets(context: CellContext, entries: WaysIn, service: str) -> dict[str, Target]:
    """By load balancer: the one for the API connects from app subnets, the one for sockets from public ones."""
    cidrs = layout(context.settings.cell.cidr, context.settings.sizes.zones)
    from_ = {
        "api": app_cidrs(context),
        "stream": {zone: each.public for zone, each in cidrs.items()},
    }
    return {
        balancer: Target(
            arn=target.arn,
            metrics_name=target.metrics_name,
            balancer_metrics_name=target.balancer_metrics_name,
            balancer_group_id=target.balancer_group_id,
            balancer_cidrs=from_[balancer],
        )
        for balancer, target in entries.targets(service).items()
    }


def _let_into_cluster(context: CellContext, targets: Mapping[str, Target]) -> None:
    """Once for each load balancer: all pods have the cluster's security group. Which of them is reached, their
    network policies say.
    """
    for balancer, target in targets.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{context.name}-services-from-{balancer}",
            security_group_id=context.workload_groups["cluster"],
            description=f"From the load balancer {balancer}, to services",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=target.balancer_group_id,
            opts=context.child,
        )


def _in_cluster(context: CellContext, service: str) -> ClusterPlace:
    facts = SERVICES[service]
    return ClusterPlace(
        cluster=context.cluster,
        kubernetes=context.kubernetes,
        namespace=context.namespaces[facts.namespace],
        pool=facts.pool,
        priority_class=PRIORITY,
        needs=context.services_need,
    )


def _on_fargate(context: CellContext, service: str, cluster: FargateCluster) -> FargatePlace:
    cell = f"{context.settings.platform.name}-{context.settings.stack}"
    return FargatePlace(
        cluster=cluster.name,
        subnet_ids=context.network.app_subnet_ids,
        group_id=context.workload_groups[service],
        execution_role=context.names.role(f"{service}-start"),
        log_group=f"/aws/ecs/{cell}/{service}",
    )
