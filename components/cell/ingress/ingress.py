"""The ways into a cell: sockets by the public load balancer, everything else by the API, both behind the firewall."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.cell.context import Ground
from components.cell.ingress.api import CellApi, api
from components.ingress.balancers.internal_balancer import InternalBalancer, InternalBalancerArgs
from components.ingress.balancers.public_endpoint import PublicEndpoint, PublicEndpointArgs
from components.ingress.balancers.target_group import Target
from components.ingress.dns.hosts import STREAM_PATH
from components.ingress.web_acl import PathRate, WebAcl, WebAclArgs
from components.network.cidr_layout import layout
from components.service_conventions import SERVICES

(STREAMS,) = (name for name, service in SERVICES.items() if service.streams)


@dataclass(frozen=True, kw_only=True)
class WaysIn:
    endpoint: PublicEndpoint
    inside: InternalBalancer
    api: CellApi

    def targets(self, service: str) -> dict[str, Target]:
        """The target groups in which a service's addresses have to be, by what leads to them."""
        stream = {"stream": self.endpoint.stream} if service == STREAMS else {}
        return {"api": self.inside.targets[service], **stream}


def ways_in(ground: Ground, may_log: pulumi.Resource) -> WaysIn:
    """`may_log` lets API Gateway write logs in the region."""
    endpoint = _endpoint(ground)
    inside = _inside(ground, endpoint)
    made = api(ground, inside, endpoint.certificate_arn, may_log)
    endpoint.lead("api", made.hosts.own.dns_name, made.hosts.own.zone_id)
    firewall = _firewall(ground)
    firewall.protect("endpoint", endpoint.arn)
    firewall.protect("api", made.stage_arn)
    return WaysIn(endpoint=endpoint, inside=inside, api=made)


def app_cidrs(ground: Ground) -> dict[str, str]:
    """The app subnets, where services run, by zone letter."""
    cidrs = layout(ground.settings.cell.cidr, ground.settings.sizes.zones)
    return {zone: each.app for zone, each in cidrs.items()}


def _endpoint(ground: Ground) -> PublicEndpoint:
    settings = ground.settings
    return PublicEndpoint(
        f"{ground.name}-endpoint",
        PublicEndpointArgs(
            cell=settings.stack,
            domain=settings.platform.domain,
            zone_id=settings.platform.zone_id,
            owns_shared_validation=settings.is_birth,
            vpc_id=ground.network.vpc_id,
            public_subnet_ids=ground.network.public_subnet_ids,
            app_cidrs=app_cidrs(ground),
            cluster=ground.names.cluster(),
            streams=STREAMS,
            log_bucket=ground.logs.name,
            alarm_topic_arn=ground.alarm_topic_arn,
            retire=settings.retire,
        ),
        ground.child,
    )


def _inside(ground: Ground, endpoint: PublicEndpoint) -> InternalBalancer:
    return InternalBalancer(
        f"{ground.name}-inside",
        InternalBalancerArgs(
            cluster=ground.names.cluster(),
            vpc_id=ground.network.vpc_id,
            app_subnet_ids=ground.network.app_subnet_ids,
            app_cidrs=app_cidrs(ground),
            certificate_arn=endpoint.certificate_arn,
            log_bucket=ground.logs.name,
            alarm_topic_arn=ground.alarm_topic_arn,
            retire=ground.settings.retire,
        ),
        ground.child,
    )


def _firewall(ground: Ground) -> WebAcl:
    settings = ground.settings
    return WebAcl(
        f"{ground.name}-firewall",
        WebAclArgs(
            scope="REGIONAL",
            region=settings.region,
            account=settings.platform.account,
            rate=settings.sizes.waf.rate,
            rates={"handshakes": PathRate(STREAM_PATH, settings.sizes.waf.handshakes)},
            log_group=ground.names.web_log(),
            log_days=settings.sizes.log_days,
            key_arn=ground.key_arn("logs"),
        ),
        ground.child,
    )
