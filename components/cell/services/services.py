"""The services of a cell, each on the runtime that the stack file says, behind the cell's load balancers."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.cell.context import Ground
from components.cell.ingress.ingress import WaysIn, app_cidrs
from components.cell.services.access import REACH, Hosts, environment, statements, ways
from components.compute.eks.roles import pod_trust
from components.compute.eks.trading_service import ClusterPlace, TradingService
from components.compute.fargate.cluster import FargateCluster
from components.compute.fargate.service import FargatePlace, FargateService
from components.compute.service import ServiceArgs, Target
from components.compute.service_role import ServiceRole, ServiceRoleArgs, task_trust
from components.network.cidr_layout import layout
from components.network.network import Network
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


def services(ground: Ground, entries: WaysIn, hosts: Hosts) -> None:
    """`entries` are the ways in that lead to them, `hosts` what they reach."""
    pods, tasks = deployed(ground.settings, "eks"), deployed(ground.settings, "fargate")
    targets = {service: _targets(ground, entries, service) for service in (*pods, *tasks)}
    _let_into_cluster(ground, {name: it for service in pods for name, it in targets[service].items()})
    for service, sizes in pods.items():
        args = _args(ground, service, sizes, targets[service], hosts)
        TradingService(f"{ground.name}-{service}", args, _in_cluster(ground, service), ground.child)
    if not tasks:
        return
    cluster = FargateCluster(f"{ground.name}-fargate", ground.names.cluster(), ground.child)
    for service, sizes in tasks.items():
        args = _args(ground, service, sizes, targets[service], hosts)
        FargateService(f"{ground.name}-{service}", args, _on_fargate(ground, service, cluster), ground.child)


def _args(
    ground: Ground, service: str, sizes: ServiceSizes, targets: Mapping[str, Target], hosts: Hosts
) -> ServiceArgs:
    settings, account = ground.settings, ground.names.account
    assert sizes.image is not None, "only what has an image is deployed"
    reach = REACH[service]
    role = ServiceRole(
        f"{ground.name}-{service}-may",
        ServiceRoleArgs(
            role=ground.names.role(service),
            trust=_trust(ground, service, sizes),
            statements=statements(ground, reach, hosts.payments_key_arn),
        ),
        ground.child,
    )
    return ServiceArgs(
        service=service,
        account=account,
        region=settings.region,
        repository=f"{settings.platform.name}/{service}",
        digest=sizes.image,
        port=PORT,
        health_path=HEALTH_PATH,
        environment={"PORT": str(PORT), **environment(ground, reach, hosts)},
        role_arn=role.arn,
        cpu=sizes.cpu,
        memory=sizes.memory,
        least=sizes.least,
        most=sizes.most,
        requests=sizes.requests,
        spot=sizes.spot,
        targets=targets,
        ways=ways(ground, reach),
        key_arn=ground.key_arn("logs"),
        log_days=settings.sizes.log_days,
        alarm_topic_arn=ground.alarm_topic_arn,
    )


def _trust(ground: Ground, service: str, sizes: ServiceSizes) -> dict[str, object]:
    account, region = ground.names.account, ground.settings.region
    if sizes.runtime == "fargate":
        return task_trust(account, region)
    namespace = SERVICES[service].namespace
    return pod_trust(account, region, ground.names.cluster(), namespace=namespace, service_account=service)


def _targets(ground: Ground, entries: WaysIn, service: str) -> dict[str, Target]:
    """By load balancer: the one for the API connects from app subnets, the one for sockets from public ones."""
    cidrs = layout(ground.settings.cell.cidr, ground.settings.sizes.zones)
    from_ = {
        "api": app_cidrs(ground),
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


def _let_into_cluster(ground: Ground, targets: Mapping[str, Target]) -> None:
    """Once for each load balancer: all pods have the cluster's security group. Which of them is reached, their
    network policies say.
    """
    for balancer, target in targets.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{ground.name}-services-from-{balancer}",
            security_group_id=ground.workload_groups["cluster"],
            description=f"From the load balancer {balancer}, to services",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=target.balancer_group_id,
            opts=ground.child,
        )


def _in_cluster(ground: Ground, service: str) -> ClusterPlace:
    facts = SERVICES[service]
    return ClusterPlace(
        cluster=ground.cluster,
        kubernetes=ground.kubernetes,
        namespace=ground.namespaces[facts.namespace],
        pool=facts.pool,
        priority_class=PRIORITY,
        needs=ground.services_need,
    )


def _on_fargate(ground: Ground, service: str, cluster: FargateCluster) -> FargatePlace:
    cell = f"{ground.settings.platform.name}-{ground.settings.stack}"
    return FargatePlace(
        cluster=cluster.name,
        subnet_ids=ground.network.app_subnet_ids,
        group_id=ground.workload_groups[service],
        execution_role=ground.names.role(f"{service}-start"),
        log_group=f"/aws/ecs/{cell}/{service}",
    )
