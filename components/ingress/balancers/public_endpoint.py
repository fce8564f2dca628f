"""The cell's public way in: a certificate, a load balancer for sockets, and the cell's own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.balancers.alarms import balancer_alarms, target_alarms
from components.ingress.balancers.target_group import Target, target, target_group, ways_to_services
from components.ingress.dns.certificates import proof
from components.ingress.dns.hosts import HEALTH_PATH, SHARED_HOSTS, STREAM_PATH, TLS_POLICY, own_host

YEAR_SECONDS = 31536000
# A socket on which nothing went for so long is dead: the service pings each of them every 30 s. It is less than the
# 340 s after which an accelerator forgets a connection without a word.
# https://docs.aws.amazon.com/global-accelerator/latest/dg/introduction-how-it-works.html
IDLE_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class PublicEndpointArgs:
    cell: str
    domain: str
    zone_id: pulumi.Input[str]
    owns_shared_validation: bool  # the validation record of a shared name is the same in all cells: one owner

    vpc_id: pulumi.Input[str]
    public_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    app_cidrs: Mapping[str, str]  # of the subnets where services run, the same
    cluster: str  # the name of the one that runs them
    streams: str  # the service that sockets are for
    log_bucket: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class PublicEndpoint(pulumi.ComponentResource):
    """Answers HTTPS for sockets, by the shared host and by the cell's own, and redirects HTTP.

    `GET /healthz` says 200 and nothing else: health checks ask it by the cell's own name. Sockets of one path go to
    one service, any of its targets. Anything else is 404.
    """

    arn: pulumi.Output[str]  # the load balancer's
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]  # the load balancer's, for alias records
    certificate_arn: pulumi.Output[str]  # for every host, shared and own, once it is valid
    stream: Target

    def __init__(
        self, name: str, args: PublicEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:ingress:PublicEndpoint", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        group = self._security_group()
        balancer = self._load_balancer(group)
        self.certificate_arn = self._certificate_arn()
        self._redirect(balancer)
        self.stream = self._stream(self._https(balancer, self.certificate_arn), balancer, group)
        self.arn, self.dns_name, self.zone_id = balancer.arn, balancer.dns_name, balancer.zone_id
        self.lead("stream", self.dns_name, self.zone_id)
        balancer_alarms(
            name, "The public load balancer", balancer.arn_suffix, args.alarm_topic_arn, self._child
        )
        target_alarms(name, {args.streams: self.stream}, args.alarm_topic_arn, self._child)
        self.register_outputs({"dns_name": self.dns_name, "zone_id": self.zone_id})

    def lead(self, host: str, dns_name: pulumi.Input[str], zone_id: pulumi.Input[str]) -> None:
        """Have the cell's own form of a shared host lead somewhere; each host once."""
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
                cidr_ipv4="0.0.0.0/0",
                opts=self._child,
            )
        ways_to_services(self._name, group.id, self._args.app_cidrs, self._child)
        return group

    def _load_balancer(self, group: aws.ec2.SecurityGroup) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            f"{self._name}-alb",
            load_balancer_type="application",
            internal=False,
            subnets=list(self._args.public_subnet_ids.values()),
            security_groups=[group.id],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            idle_timeout=IDLE_SECONDS,
            enable_deletion_protection=not self._args.retire,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(
                enabled=True, bucket=self._args.log_bucket, prefix="alb"
            ),
            tags={"public-entry": "true"},  # without it the policies let no load balancer face the internet
            opts=self._child,
        )

    def _certificate_arn(self) -> pulumi.Output[str]:
        """The certificate's ARN, once it is valid."""
        hosts = [*SHARED_HOSTS, *self._own_hosts]
        names = {host: f"{host}.{self._args.domain}" for host in hosts}
        first, *others = names.values()
        certificate = aws.acm.Certificate(
            f"{self._name}-certificate",
            domain_name=first,
            subject_alternative_names=others,
            validation_method="DNS",
            key_algorithm="RSA_2048",
            tags={"Name": self._name},
            opts=self._child,
        )
        proofs = {host: proof(certificate, name) for host, name in names.items()}
        for host in hosts if self._args.owns_shared_validation else self._own_hosts:
            aws.route53.Record(
                f"{self._name}-validation-{host}",
                zone_id=self._args.zone_id,
                name=proofs[host].name,
                type=proofs[host].type,
                records=[proofs[host].value],
                ttl=300,
                opts=self._child,
            )
        valid = aws.acm.CertificateValidation(
            f"{self._name}-certificate-valid",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proofs[host].name for host in hosts],
            opts=self._child,
        )
        return valid.certificate_arn

    def _redirect(self, balancer: aws.lb.LoadBalancer) -> None:
        aws.lb.Listener(
            f"{self._name}-http",
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=aws.lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
            opts=self._child,
        )

    def _https(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Input[str]) -> aws.lb.Listener:
        listener = aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate_arn,
            routing_http_response_server_enabled=False,
            routing_http_response_strict_transport_security_header_value=f"max-age={YEAR_SECONDS}",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain", status_code="404"
                    ),
                )
            ],
            opts=self._child,
        )
        aws.lb.ListenerRule(
            f"{self._name}-health",
            listener_arn=listener.arn,
            priority=1,
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[HEALTH_PATH])
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
        return listener

    def _stream(
        self, listener: aws.lb.Listener, balancer: aws.lb.LoadBalancer, group: aws.ec2.SecurityGroup
    ) -> Target:
        """Sockets are opened by a GET, whatever goes through them afterwards."""
        behind = target_group(
            f"{self._name}-stream", vpc_id=self._args.vpc_id, cluster=self._args.cluster, opts=self._child
        )
        hosts = [f"{host}.{self._args.domain}" for host in ("stream", own_host("stream", self._args.cell))]
        rule = aws.lb.ListenerRule(
            f"{self._name}-to-stream",
            listener_arn=listener.arn,
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
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=behind.arn)],
            opts=self._child,
        )
        return target(behind, rule, balancer, group)
