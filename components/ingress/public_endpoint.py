"""The cell's public way in: a certificate, a load balancer, and the names that lead to it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.hosts import HEALTH_PATH, SHARED_HOSTS, own_host
from components.ingress.validation import proof

# TLS 1.3, and 1.2 with forward secrecy and AEAD ciphers only. Route 53's health checkers still need 1.2:
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
YEAR_SECONDS = 31536000


@dataclass(frozen=True, kw_only=True)
class PublicEndpointArgs:
    cell: str
    domain: str
    zone_id: pulumi.Input[str]
    owns_shared_validation: bool  # the validation record of a shared name is the same in all cells: one owner

    vpc_id: pulumi.Input[str]
    public_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    log_bucket: pulumi.Input[str]

    retire: bool


class PublicEndpoint(pulumi.ComponentResource):
    """Answers HTTPS for the shared hosts and for the cell's own, and redirects HTTP.

    `GET /healthz` says 200 and nothing else: health checks ask it by the cell's own name. Any other path is 404
    until a service has a rule of its own.
    """

    arn: pulumi.Output[str]  # the load balancer's
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]  # the load balancer's, for alias records

    def __init__(
        self, name: str, args: PublicEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:ingress:PublicEndpoint", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        balancer = self._load_balancer(self._security_group())
        certificate_arn = self._certificate_arn()
        self._redirect(balancer)
        self._https(balancer, certificate_arn)
        self._own_names(balancer)

        self.arn, self.dns_name, self.zone_id = balancer.arn, balancer.dns_name, balancer.zone_id
        self.register_outputs({"dns_name": self.dns_name, "zone_id": self.zone_id})

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

    def _https(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Input[str]) -> None:
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

    def _own_names(self, balancer: aws.lb.LoadBalancer) -> None:
        for host in self._own_hosts:
            aws.route53.Record(
                f"{self._name}-alias-{host}",
                zone_id=self._args.zone_id,
                name=f"{host}.{self._args.domain}",
                type="A",
                aliases=[
                    aws.route53.RecordAliasArgs(
                        name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=False
                    )
                ],
                opts=self._child,
            )
