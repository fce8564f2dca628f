"""Listeners of a load balancer: HTTPS with 404 as its default, and the redirect from HTTP."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

# TLS 1.3, and 1.2 with forward secrecy and AEAD ciphers only. Route 53's health checkers still need 1.2:
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"


def build_https_listener(
    name: str,
    balancer: aws.lb.LoadBalancer,
    certificate_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    hsts_seconds: int | None = None,
) -> aws.lb.Listener:
    """HTTPS listener that answers 404 unless a rule matches. `hsts_seconds` adds Strict-Transport-Security."""
    return aws.lb.Listener(
        f"{name}-https",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        ssl_policy=TLS_POLICY,
        certificate_arn=certificate_arn,
        routing_http_response_server_enabled=False,
        routing_http_response_strict_transport_security_header_value=None
        if hsts_seconds is None
        else f"max-age={hsts_seconds}",
        default_actions=[
            aws.lb.ListenerDefaultActionArgs(
                type="fixed-response",
                fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                    content_type="text/plain", status_code="404"
                ),
            )
        ],
        opts=opts,
    )


def build_redirect_to_https(name: str, balancer: aws.lb.LoadBalancer, opts: pulumi.ResourceOptions) -> None:
    """HTTP listener that redirects every request to HTTPS."""
    aws.lb.Listener(
        f"{name}-http",
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
        opts=opts,
    )
