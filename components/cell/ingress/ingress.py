"""Ingress of a cell: sockets by the public load balancer, everything else by the API, both behind the firewall."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.cell.context import CellContext
from components.cell.ingress.api import CellApi, build_api
from components.ingress.balancers.internal_balancer import InternalBalancer, InternalBalancerArgs
from components.ingress.balancers.public_endpoint import PublicEndpoint, PublicEndpointArgs
from components.ingress.balancers.target_group import TargetGroup
from components.ingress.dns.hosts import SHARED_HOSTS, STREAM_PATH
from components.ingress.dns.serving_checks import ServedTargets, ServingChecks, ServingChecksArgs
from components.ingress.web_acl import PathRate, WebAcl, WebAclArgs
from components.network.subnet_cidrs import cidrs_by_zone
from settings.catalogue import SERVICES

(STREAMS,) = (name for name, service in SERVICES.items() if service.streams)


@dataclass(frozen=True, kw_only=True)
class Ingress:
    endpoint: PublicEndpoint
    internal: InternalBalancer
    api: CellApi

    def targets(self, service: str) -> dict[str, TargetGroup]:
        """Target groups of a service, by the load balancer that forwards to them."""
        stream = {"stream": self.endpoint.stream} if service == STREAMS else {}
        return {"api": self.internal.targets[service], **stream}


def build_ingress(context: CellContext, may_log: pulumi.Resource) -> Ingress:
    """Builds load balancers, API and firewall. `may_log` lets API Gateway write logs in the region."""
    endpoint = _build_public_endpoint(context)
    internal = _build_internal_balancer(context, endpoint)
    api = build_api(context, internal, endpoint.certificate_arn, may_log)
    endpoint.add_alias_record("api", api.hosts.own.dns_name, api.hosts.own.zone_id)
    firewall = _build_firewall(context)
    firewall.associate("endpoint", endpoint.arn)
    firewall.associate("api", api.stage_arn)
    return Ingress(endpoint=endpoint, internal=internal, api=api)


def build_serving_checks(context: CellContext, ingress: Ingress) -> ServingChecks:
    """Builds a health check for each service behind each shared host."""
    targets: dict[str, list[ServedTargets]] = {host: [] for host in SHARED_HOSTS}
    for service in SERVICES:
        for host, target in ingress.targets(service).items():
            targets[host].append(
                ServedTargets(
                    service=service,
                    deployed=service in context.settings.images,
                    metrics_name=target.metrics_name,
                    balancer_metrics_name=target.balancer_metrics_name,
                )
            )
    return ServingChecks(
        f"{context.name}-serving",
        ServingChecksArgs(
            region=context.settings.region,
            targets=targets,
            alarm_topic_arn=context.alarm_topic_arn,
            retire=context.settings.retire,
        ),
        context.child,
    )


def app_cidrs(context: CellContext) -> dict[str, str]:
    """CIDRs of the app subnets, where services run, by zone letter."""
    cidrs = cidrs_by_zone(context.settings.cell.cidr, context.settings.sizes.zones)
    return {zone: each.app for zone, each in cidrs.items()}


def _build_public_endpoint(context: CellContext) -> PublicEndpoint:
    settings = context.settings
    return PublicEndpoint(
        f"{context.name}-endpoint",
        PublicEndpointArgs(
            cell=settings.stack,
            domain=settings.platform.domain,
            zone_id=settings.platform.zone_id,
            owns_shared_validation=settings.is_birth,
            vpc_id=context.network.vpc_id,
            public_subnet_ids=context.network.public_subnet_ids,
            app_cidrs=app_cidrs(context),
            cluster=context.names.cluster(),
            streams=STREAMS,
            log_bucket=context.logs.name,
            alarm_topic_arn=context.alarm_topic_arn,
            retire=settings.retire,
        ),
        context.child,
    )


def _build_internal_balancer(context: CellContext, endpoint: PublicEndpoint) -> InternalBalancer:
    return InternalBalancer(
        f"{context.name}-inside",
        InternalBalancerArgs(
            cluster=context.names.cluster(),
            vpc_id=context.network.vpc_id,
            app_subnet_ids=context.network.app_subnet_ids,
            app_cidrs=app_cidrs(context),
            certificate_arn=endpoint.certificate_arn,
            log_bucket=context.logs.name,
            alarm_topic_arn=context.alarm_topic_arn,
            retire=context.settings.retire,
        ),
        context.child,
    )


def _build_firewall(context: CellContext) -> WebAcl:
    settings = context.settings
    return WebAcl(
        f"{context.name}-firewall",
        WebAclArgs(
            scope="REGIONAL",
            region=settings.region,
            account=settings.platform.account,
            rate=settings.sizes.waf.rate,
            rates={"handshakes": PathRate(STREAM_PATH, settings.sizes.waf.handshakes)},
            log_group=context.names.web_log(),
            log_days=settings.sizes.log_days,
            key_arn=context.key_arn("logs"),
        ),
        context.child,
    )
