"""The private half of the API: the link by which API Gateway comes into the network, and the balancer behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.balancers.alarms import balancer_alarms, target_alarms
from components.ingress.balancers.target_group import Target, target, target_group, ways_to_services
from components.ingress.dns.hosts import API_STAGE, TLS_POLICY, VERSION
from settings.catalogue import SERVICES


@dataclass(frozen=True, kw_only=True)
class InternalBalancerArgs:
    cluster: str  # the name of the one that runs services

    vpc_id: pulumi.Input[str]
    app_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    app_cidrs: Mapping[str, str]  # the same
    certificate_arn: pulumi.Input[str]  # for the name that API Gateway expects
    log_bucket: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class InternalBalancer(pulumi.ComponentResource):
    """API Gateway alone reaches it, over TLS, and it leads each service's paths to that service; all else is 404."""

    arn: pulumi.Output[str]
    link_id: pulumi.Output[str]  # of the VPC link, by which integrations come
    targets: Mapping[str, Target]  # by service

    def __init__(
        self, name: str, args: InternalBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:ingress:InternalBalancer", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        group, link_group = self._groups()
        self.link_id = aws.apigatewayv2.VpcLink(
            f"{name}-link",
            subnet_ids=list(args.app_subnet_ids.values()),
            security_group_ids=[link_group.id],
            tags={"Name": name},
            opts=self._child,
        ).id
        balancer = self._load_balancer(group)
        self.arn = balancer.arn
        listener = self._listener(balancer)
        self.targets = {
            service: self._target(service, priority, listener, balancer, group)
            for priority, service in enumerate(SERVICES, 1)
        }
        balancer_alarms(
            name, "The internal load balancer", balancer.arn_suffix, args.alarm_topic_arn, self._child
        )
        target_alarms(name, self.targets, args.alarm_topic_arn, self._child)
        self.register_outputs({"arn": self.arn})

    def _groups(self) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup]:
        """The load balancer's, and the link's."""
        group = self._group("group", "The internal load balancer")
        link_group = self._group("link-group", "API Gateway's link to the internal load balancer")
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-link",
            security_group_id=group.id,
            description="From API Gateway's link",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            referenced_security_group_id=link_group.id,
            opts=self._child,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-link-to-balancer",
            security_group_id=link_group.id,
            description="To the internal load balancer",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            referenced_security_group_id=group.id,
            opts=self._child,
        )
        ways_to_services(self._name, group.id, self._args.app_cidrs, self._child)
        return group, link_group

    def _group(self, thing: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._name}-{thing}",
            vpc_id=self._args.vpc_id,
            description=description,
            tags={"Name": f"{self._name}-{thing}"},
            opts=self._child,
        )

    def _load_balancer(self, group: aws.ec2.SecurityGroup) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            f"{self._name}-alb",
            load_balancer_type="application",
            internal=True,
            subnets=list(self._args.app_subnet_ids.values()),
            security_groups=[group.id],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            enable_deletion_protection=not self._args.retire,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(
                enabled=True, bucket=self._args.log_bucket, prefix="alb"
            ),
            opts=self._child,
        )

    def _listener(self, balancer: aws.lb.LoadBalancer) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._args.certificate_arn,
            routing_http_response_server_enabled=False,
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

    def _target(
        self,
        service: str,
        priority: int,
        listener: aws.lb.Listener,
        balancer: aws.lb.LoadBalancer,
        group: aws.ec2.SecurityGroup,
    ) -> Target:
        behind = target_group(
            f"{self._name}-{service}",
            vpc_id=self._args.vpc_id,
            cluster=self._args.cluster,
            opts=self._child,
        )
        rule = aws.lb.ListenerRule(
            f"{self._name}-to-{service}",
            listener_arn=listener.arn,
            priority=priority,
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(
                        regex_values=[path_pattern(SERVICES[service].paths)]
                    )
                )
            ],
            transforms=[without_stage()],
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=behind.arn)],
            opts=self._child,
        )
        return target(behind, rule, balancer, group)


def without_stage() -> aws.lb.ListenerRuleTransformArgs:
    """API Gateway puts the stage's name before the path of what comes by a link; a service needn't know of it.

    With or without, the rules here lead on.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
    """
    rewrite = aws.lb.ListenerRuleTransformUrlRewriteConfigRewriteArgs(regex=f"^/{API_STAGE}/", replace="/")
    return aws.lb.ListenerRuleTransformArgs(
        type="url-rewrite",
        url_rewrite_config=aws.lb.ListenerRuleTransformUrlRewriteConfigArgs(rewrite=rewrite),
    )


def path_pattern(paths: tuple[str, ...]) -> str:
    """A regular expression for a service's paths, and for all below them."""
    return f"^/({API_STAGE}/)?{VERSION}/({'|'.join(paths)})(/.*)?$"
