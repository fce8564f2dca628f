"""Custom domain names of the API: the shared host, and the cell's own, which health checks use."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.dns.hosts import own_host


@dataclass(frozen=True, kw_only=True)
class ApiHostsArgs:
    cell: str
    domain: str
    certificate_arn: pulumi.Input[str]  # of this region, for both hosts, known once it is valid

    api_id: pulumi.Input[str]
    stage_name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Alias:
    """Target of an alias record."""

    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]


class ApiHosts(pulumi.ComponentResource):
    """Regional custom domain names of the one stage; the shared host is one in every cell."""

    shared: Alias
    own: Alias

    def __init__(self, name: str, args: ApiHostsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:ApiHosts", name, None, opts)
        self._args = args
        self.shared = self._host(f"{name}-shared", "api")
        self.own = self._host(f"{name}-own", own_host("api", args.cell))
        self.register_outputs({"dns_name": self.shared.dns_name, "zone_id": self.shared.zone_id})

    def _host(self, name: str, host: str) -> Alias:
        args, child = self._args, pulumi.ResourceOptions(parent=self)
        domain = aws.apigateway.DomainName(
            name,
            domain_name=f"{host}.{args.domain}",
            regional_certificate_arn=args.certificate_arn,
            endpoint_configuration=aws.apigateway.DomainNameEndpointConfigurationArgs(types="REGIONAL"),
            security_policy="TLS_1_2",  # or newer; Route 53's health checkers still need it
            opts=child,
        )
        aws.apigateway.BasePathMapping(
            name, domain_name=domain.domain_name, rest_api=args.api_id, stage_name=args.stage_name, opts=child
        )
        return Alias(dns_name=domain.regional_domain_name, zone_id=domain.regional_zone_id)
