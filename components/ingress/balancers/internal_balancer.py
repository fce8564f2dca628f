"""Internal load balancer of the API, with the VPC link by which API Gateway reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.balancers.alarms import balancer_alarms, target_alarms
from components.ingress.balancers.listener import build_https_listener
from components.ingress.balancers.load_balancer import (
    LoadBalancerArgs,
    build_egress_to_services,
    build_load_balancer,
)
from components.ingress.balancers.target_group import ForwardArgs, TargetGroup, build_target_group
from components.ingress.dns.hosts import API_STAGE, API_VERSION
from settings.catalogue import SERVICES


@dataclass(frozen=True, kw_only=True)
class InternalBalancerArgs:
    cluster: str  # the name of the EKS cluster that runs services

    vpc_id: pulumi.Input[str]
    app_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    app_cidrs: Mapping[str, str]  # by zone letter
    certificate_arn: pulumi.Input[str]  # for the name that API Gateway expects
    log_bucket: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class InternalBalancer(pulumi.ComponentResource):
    """Load balancer that only API Gateway's VPC link may reach. It forwards by path to services, or answers 404."""

    arn: pulumi.Output[str]
    link_id: pulumi.Output[str]  # of the VPC link, for integrations
    targets: Mapping[str, TargetGroup]  # by service

    def __init__(
        self, name: str, args: InternalBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:ingress:InternalBalancer", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        group, link_group = self._security_groups()
        self.link_id = aws.apigatewayv2.VpcLink(
            f"{name}-link",
            subnet_ids=list(args.app_subnet_ids.values()),
            security_group_ids=[link_group.id],
            tags={"Name": name},
            opts=self._child,
        ).id
        balancer = build_load_balancer(
            name,
            LoadBalancerArgs(
                internal=True,
                subnet_ids=args.app_subnet_ids,
                group_id=group.id,
                log_bucket=args.log_bucket,
                retire=args.retire,
            ),
            self._child,
        )
        self.arn = balancer.arn
        listener = build_https_listener(name, balancer, args.certificate_arn, self._child)
        self.targets = {
            service: build_target_group(
                name,
                service,
                ForwardArgs(
                    vpc_id=args.vpc_id,
                    cluster=args.cluster,
                    balancer=balancer,
                    balancer_group_id=group.id,
                    listener=listener,
                    priority=priority,
                    conditions=[_path_condition(SERVICES[service].paths)],
                    transforms=[without_stage()],
                ),
                self._child,
            )
            for priority, service in enumerate(SERVICES, 1)
        }
        balancer_alarms(
            name, "The internal load balancer", balancer.arn_suffix, args.alarm_topic_arn, self._child
        )
        target_alarms(name, self.targets, args.alarm_topic_arn, self._child)
        self.register_outputs({"arn": self.arn})

    def _security_groups(self) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup]:
        """Security groups of the load balancer and of the VPC link."""
        group = self._group("group", "The internal load balancer")
        link_group = self._group("link-group", "The VPC link to the internal load balancer")
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-link",
            security_group_id=group.id,
            description="From the VPC link",
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
        build_egress_to_services(self._name, group.id, self._args.app_cidrs, self._child)
        return group, link_group

    def _group(self, key: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._name}-{key}",
            vpc_id=self._args.vpc_id,
            description=description,
            tags={"Name": f"{self._name}-{key}"},
            opts=self._child,
        )


def _path_condition(paths: tuple[str, ...]) -> aws.lb.ListenerRuleConditionArgs:
    return aws.lb.ListenerRuleConditionArgs(
        path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(regex_values=[path_pattern(paths)])
    )


def without_stage() -> aws.lb.ListenerRuleTransformArgs:
    """URL rewrite that removes the stage's name, which API Gateway puts before the path of requests by a VPC link.

    The listener rules match paths with and without it.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
    """
    rewrite = aws.lb.ListenerRuleTransformUrlRewriteConfigRewriteArgs(regex=f"^/{API_STAGE}/", replace="/")
    return aws.lb.ListenerRuleTransformArgs(
        type="url-rewrite",
        url_rewrite_config=aws.lb.ListenerRuleTransformUrlRewriteConfigArgs(rewrite=rewrite),
    )


def path_pattern(paths: tuple[str, ...]) -> str:
    """Regular expression of a service's paths, and of all below them."""
    return f"^/({API_STAGE}/)?{API_VERSION}/({'|'.join(paths)})(/.*)?$"
