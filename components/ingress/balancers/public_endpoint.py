"""Public endpoint of a cell: load balancer for sockets, certificate, and DNS records of the cell's own hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.balancers.alarms import balancer_alarms, target_alarms
from components.ingress.balancers.listener import build_https_listener, build_redirect_to_https
from components.ingress.balancers.load_balancer import (
    LoadBalancerArgs,
    build_egress_to_services,
    build_load_balancer,
)
from components.ingress.balancers.target_group import ForwardArgs, TargetGroup, build_target_group
from components.ingress.dns.certificates import CertificateArgs, build_certificate
from components.ingress.dns.hosts import PUBLIC_HEALTH_PATH, SHARED_HOSTS, STREAM_PATH, own_host
from components.security_group_rules import ANYWHERE

HSTS_SECONDS = 31536000  # a year
# Sockets that are idle for longer are dead, since the service pings each of them every 30 s. It is less than the
# 340 s after which Global Accelerator drops an idle connection.
# https://docs.aws.amazon.com/global-accelerator/latest/dg/introduction-how-it-works.html
IDLE_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class PublicEndpointArgs:
    cell: str
    domain: str
    zone_id: pulumi.Input[str]
    owns_shared_validation: bool  # a shared host's validation record is the same in all cells: one makes it

    vpc_id: pulumi.Input[str]
    public_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    app_cidrs: Mapping[str, str]  # of the subnets where services run, by zone letter
    cluster: str  # the name of the EKS cluster that runs them
    streams: str  # the service to which sockets are forwarded
    log_bucket: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class PublicEndpoint(pulumi.ComponentResource):
    """Public load balancer: HTTPS for sockets, by the shared host and by the cell's own, and a redirect from HTTP.

    `GET /healthz` is answered with an empty 200, for health checks by the cell's own host. Sockets of one path are
    forwarded to one service. Anything else is 404.
    """

    arn: pulumi.Output[str]  # the load balancer's
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]  # the load balancer's, for alias records
    certificate_arn: pulumi.Output[str]  # for every host, shared and own, once it is valid
    stream: TargetGroup

    def __init__(
        self, name: str, args: PublicEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:ingress:PublicEndpoint", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        group = self._security_group()
        balancer = build_load_balancer(
            name,
            LoadBalancerArgs(
                internal=False,
                subnet_ids=args.public_subnet_ids,
                group_id=group.id,
                log_bucket=args.log_bucket,
                retire=args.retire,
                idle_seconds=IDLE_SECONDS,
                # The policy pack lets no other load balancer face the internet.
                tags={"public-entry": "true"},
            ),
            self._child,
        )
        self.certificate_arn = self._certificate_arn()
        build_redirect_to_https(name, balancer, self._child)
        listener = build_https_listener(
            name, balancer, self.certificate_arn, self._child, hsts_seconds=HSTS_SECONDS
        )
        self._health_rule(listener)
        self.stream = self._stream(listener, balancer, group)
        self.arn, self.dns_name, self.zone_id = balancer.arn, balancer.dns_name, balancer.zone_id
        self.add_alias_record("stream", self.dns_name, self.zone_id)
        balancer_alarms(
            name, "The public load balancer", balancer.arn_suffix, args.alarm_topic_arn, self._child
        )
        target_alarms(name, {args.streams: self.stream}, args.alarm_topic_arn, self._child)
        self.register_outputs({"dns_name": self.dns_name, "zone_id": self.zone_id})

    def add_alias_record(self, host: str, dns_name: pulumi.Input[str], zone_id: pulumi.Input[str]) -> None:
        """Make the alias record of the cell's own form of a shared host; once for each host."""
        own = own_host(host, self._args.cell)
        aws.route53.Record(
            f"{self._name}-alias-{own}",
            zone_id=self._args.zone_id,
            name=f"{own}.{self._args.domain}",
            type="A",
            aliases=[
                aws.route53.RecordAliasArgs(name=dns_name, zone_id=zone_id, evaluate_target_health=False)
            ],
            opts=self._child,
        )

    @property
    def _own_hosts(self) -> Sequence[str]:
        return [own_host(host, self._args.cell) for host in SHARED_HOSTS]

    def _security_group(self) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-group",
            vpc_id=self._args.vpc_id,
            description="The public load balancer",
            tags={"Name": self._name},
            opts=self._child,
        )
        for port in (80, 443):
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-from-internet-{port}",
                security_group_id=group.id,
                description="From the internet" if port == 443 else "From the internet, to be redirected",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ipv4=ANYWHERE,
                opts=self._child,
            )
        build_egress_to_services(self._name, group.id, self._args.app_cidrs, self._child)
        return group

    def _certificate_arn(self) -> pulumi.Output[str]:
        hosts = [*SHARED_HOSTS, *self._own_hosts]
        args = CertificateArgs(
            names={host: f"{host}.{self._args.domain}" for host in hosts},
            recorded=hosts if self._args.owns_shared_validation else self._own_hosts,
            zone_id=self._args.zone_id,
        )
        return build_certificate(self._name, args, self._child)

    def _health_rule(self, listener: aws.lb.Listener) -> None:
        aws.lb.ListenerRule(
            f"{self._name}-health",
            listener_arn=listener.arn,
            priority=1,
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[PUBLIC_HEALTH_PATH])
                ),
                aws.lb.ListenerRuleConditionArgs(
                    http_request_method=aws.lb.ListenerRuleConditionHttpRequestMethodArgs(values=["GET"])
                ),
            ],
            actions=[
                aws.lb.ListenerRuleActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerRuleActionFixedResponseArgs(
                        content_type="text/plain", status_code="200"
                    ),
                )
            ],
            opts=self._child,
        )

    def _stream(
        self, listener: aws.lb.Listener, balancer: aws.lb.LoadBalancer, group: aws.ec2.SecurityGroup
    ) -> TargetGroup:
        """Target group of sockets, which clients open by a GET."""
        hosts = [f"{host}.{self._args.domain}" for host in ("stream", own_host("stream", self._args.cell))]
        return build_target_group(
            self._name,
            "stream",
            ForwardArgs(
                vpc_id=self._args.vpc_id,
                cluster=self._args.cluster,
                balancer=balancer,
                balancer_group_id=group.id,
                listener=listener,
                priority=2,
                conditions=[
                    aws.lb.ListenerRuleConditionArgs(
                        host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=hosts)
                    ),
                    aws.lb.ListenerRuleConditionArgs(
                        path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[STREAM_PATH])
                    ),
                    aws.lb.ListenerRuleConditionArgs(
                        http_request_method=aws.lb.ListenerRuleConditionHttpRequestMethodArgs(values=["GET"])
                    ),
                ],
            ),
            self._child,
        )
