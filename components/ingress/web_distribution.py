"""CloudFront distribution of the web interface, with the web buckets of two cells as its origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.ingress.dns.certificates import CertificateArgs, build_certificate

# CloudFront fails over to the other origin after attempts x connect timeout. A bucket that accepts the connection has
# 30 s to answer, which no argument of this resource changes; one whose region is lost accepts none.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
CONNECT_ATTEMPTS = 2
CONNECT_SECONDS = 2
# A bucket that may be read but not listed answers 403 for a missing object.
FAILOVER_STATUSES = [403, 500, 502, 503, 504]
# CachingOptimized, AWS's own:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ORIGIN_GROUP = "cells"
HSTS_SECONDS = 31536000  # a year


@dataclass(frozen=True, kw_only=True)
class WebDistributionArgs:
    region: str  # where CloudFront's certificates and log deliveries have to be

    host: str
    zone_id: pulumi.Input[str]
    buckets: Mapping[
        str, str
    ]  # regional domain names by cell: of the primary origin, and of the one to fail over to
    price_class: Literal["100", "200", "all"]
    connects: Sequence[str]  # origins that the page calls, with their schemes

    web_acl_arn: pulumi.Input[str]  # of scope CLOUDFRONT
    log_delivery: str  # the name of the delivery's source and destination
    log_bucket_arn: pulumi.Input[str]


def security_policy(connects: Sequence[str]) -> str:
    """Content security policy of the page. `'self'` covers neither another host nor the scheme of a socket.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/connect-src
    """
    called = " ".join(["'self'", *connects])
    return f"default-src 'self'; connect-src {called}; frame-ancestors 'none'"


class WebDistribution(pulumi.ComponentResource):
    """Distribution of GET, HEAD and OPTIONS, the methods that fail over from one origin to the other."""

    distribution_id: pulumi.Output[str]
    domain_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: WebDistributionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:ingress:WebDistribution", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        distribution = self._distribution(self._certificate_arn())
        self._alias_records(distribution)
        self._logs(distribution)

        self.distribution_id, self.domain_name = distribution.id, distribution.domain_name
        self.register_outputs({"distribution_id": self.distribution_id, "domain_name": self.domain_name})

    def _certificate_arn(self) -> pulumi.Output[str]:
        args = self._args
        return build_certificate(
            self._name,
            CertificateArgs(
                names={"app": args.host}, recorded=["app"], zone_id=args.zone_id, region=args.region
            ),
            self._child,
        )

    def _distribution(self, certificate_arn: pulumi.Input[str]) -> aws.cloudfront.Distribution:
        args = self._args
        access = aws.cloudfront.OriginAccessControl(
            f"{self._name}-access",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        return aws.cloudfront.Distribution(
            f"{self._name}-distribution",
            enabled=True,
            comment=args.host,
            aliases=[args.host],
            is_ipv6_enabled=True,
            http_version="http2and3",
            default_root_object="index.html",
            web_acl_id=args.web_acl_arn,  # WAFv2 takes an ARN here, only WAF Classic an id
            price_class="PriceClass_All" if args.price_class == "all" else f"PriceClass_{args.price_class}",
            origins=[
                aws.cloudfront.DistributionOriginArgs(
                    origin_id=cell,
                    domain_name=bucket,
                    origin_access_control_id=access.id,
                    connection_attempts=CONNECT_ATTEMPTS,
                    connection_timeout=CONNECT_SECONDS,
                )
                for cell, bucket in args.buckets.items()
            ],
            origin_groups=[
                aws.cloudfront.DistributionOriginGroupArgs(
                    origin_id=ORIGIN_GROUP,
                    failover_criteria=aws.cloudfront.DistributionOriginGroupFailoverCriteriaArgs(
                        status_codes=FAILOVER_STATUSES
                    ),
                    members=[
                        aws.cloudfront.DistributionOriginGroupMemberArgs(origin_id=cell)
                        for cell in args.buckets
                    ],
                )
            ],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                target_origin_id=ORIGIN_GROUP,
                allowed_methods=["GET", "HEAD", "OPTIONS"],
                cached_methods=["GET", "HEAD"],
                cache_policy_id=CACHING_OPTIMIZED,
                response_headers_policy_id=self._headers().id,
                viewer_protocol_policy="redirect-to-https",
                compress=True,
            ),
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(
                    restriction_type="none"
                )
            ),
            viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(
                acm_certificate_arn=certificate_arn,
                ssl_support_method="sni-only",
                minimum_protocol_version="TLSv1.2_2021",
            ),
            opts=self._child,
        )

    def _headers(self) -> aws.cloudfront.ResponseHeadersPolicy:
        config = aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs
        part = aws.cloudfront
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-headers",
            comment="What browsers must not do with the web interface",
            security_headers_config=config(
                strict_transport_security=part.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
                    access_control_max_age_sec=HSTS_SECONDS,
                    include_subdomains=True,
                    preload=True,
                    override=True,
                ),
                content_security_policy=part.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
                    content_security_policy=security_policy(self._args.connects), override=True
                ),
                content_type_options=part.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
                    override=True
                ),
                frame_options=part.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
                    frame_option="DENY", override=True
                ),
                referrer_policy=part.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
                    referrer_policy="no-referrer", override=True
                ),
            ),
            opts=self._child,
        )

    def _alias_records(self, distribution: aws.cloudfront.Distribution) -> None:
        for record_type in ("A", "AAAA"):
            aws.route53.Record(
                f"{self._name}-app-{record_type.lower()}",
                zone_id=self._args.zone_id,
                name=self._args.host,
                type=record_type,
                aliases=[
                    aws.route53.RecordAliasArgs(
                        name=distribution.domain_name,
                        zone_id=distribution.hosted_zone_id,
                        evaluate_target_health=False,  # not supported for CloudFront
                    )
                ],
                opts=self._child,
            )

    def _logs(self, distribution: aws.cloudfront.Distribution) -> None:
        """Standard logging v2, which needs no ACL on the bucket.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
        """
        source = aws.cloudwatch.LogDeliverySource(
            f"{self._name}-log-source",
            region=self._args.region,
            name=self._args.log_delivery,
            log_type="ACCESS_LOGS",
            resource_arn=distribution.arn,
            opts=self._child,
        )
        destination = aws.cloudwatch.LogDeliveryDestination(
            f"{self._name}-log-destination",
            region=self._args.region,
            name=self._args.log_delivery,
            output_format="parquet",
            delivery_destination_configuration=(
                aws.cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs(
                    destination_resource_arn=pulumi.Output.concat(self._args.log_bucket_arn, "/cloudfront")
                )
            ),
            opts=self._child,
        )
        aws.cloudwatch.LogDelivery(
            f"{self._name}-log-delivery",
            region=self._args.region,
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            s3_delivery_configurations=[
                aws.cloudwatch.LogDeliveryS3DeliveryConfigurationArgs(
                    suffix_path="/{yyyy}/{MM}/{dd}/{HH}", enable_hive_compatible_path=False
                )
            ],
            opts=self._child,
        )
