"""The site: its load balancer, its distribution, its names and its firewall."""

import network
import pulumi
import pulumi_aws as aws
import storage

certificate = aws.acm.Certificate(
    "certificate",
    domain_name="shop.example",
    validation_method="EMAIL",
)

# ---- load balancers ---------------------------------------------------------------------------------

front = aws.lb.LoadBalancer(
    "front",
    load_balancer_type="application",
    subnets=[network.public_a.id, network.public_b.id],
    security_groups=[network.website.id],
    tags={"public-entry": "true"},
)
shops = aws.lb.TargetGroup("shops", vpc_id=network.vpc.id, port=8080, protocol="HTTP", target_type="instance")
plain = aws.lb.Listener(
    "plain",
    load_balancer_arn=front.arn,
    port=80,
    protocol="HTTP",
    default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=shops.arn)],
)
secure = aws.lb.Listener(
    "secure",
    load_balancer_arn=front.arn,
    port=443,
    protocol="HTTPS",
    certificate_arn=certificate.arn,
    ssl_policy="ELBSecurityPolicy-2016-08",
    default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=shops.arn)],
)
back = aws.lb.LoadBalancer(
    "back",
    load_balancer_type="application",
    internal=True,
    subnets=[network.private_a.id, network.private_b.id],
    security_groups=[network.inside.id],
    drop_invalid_header_fields=True,
    enable_deletion_protection=True,
    access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=storage.logs.bucket, enabled=True),
    opts=pulumi.ResourceOptions(depends_on=[storage.logs_policy]),
)
admin = aws.lb.LoadBalancer(
    "admin",
    load_balancer_type="network",
    subnets=[network.public_a.id],
    enable_deletion_protection=True,
)

firewall = aws.wafv2.WebAcl(
    "firewall",
    scope="REGIONAL",
    default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
    visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
        cloudwatch_metrics_enabled=False, metric_name="firewall", sampled_requests_enabled=False
    ),
)

# ---- distribution -----------------------------------------------------------------------------------

site = aws.cloudfront.Distribution(
    "site",
    enabled=True,
    origins=[
        aws.cloudfront.DistributionOriginArgs(
            origin_id="photos", domain_name=storage.photos.bucket_regional_domain_name
        ),
        aws.cloudfront.DistributionOriginArgs(
            origin_id="front",
            domain_name=front.dns_name,
            custom_origin_config=aws.cloudfront.DistributionOriginCustomOriginConfigArgs(
                http_port=80,
                https_port=443,
                origin_protocol_policy="http-only",
                origin_ssl_protocols=["TLSv1"],
            ),
        ),
    ],
    default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
        target_origin_id="photos",
        viewer_protocol_policy="allow-all",
        allowed_methods=["GET", "HEAD"],
        cached_methods=["GET", "HEAD"],
        cache_policy_id="658327ea-f89d-4fab-a63d-7e88639e58f6",
    ),
    restrictions=aws.cloudfront.DistributionRestrictionsArgs(
        geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
    ),
    viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True),
)

# ---- names ------------------------------------------------------------------------------------------

zone = aws.route53.Zone("zone", name="shop.example")
www = aws.route53.Record(
    "www",
    zone_id=zone.id,
    name="www.shop.example",
    type="A",
    aliases=[
        aws.route53.RecordAliasArgs(
            name=site.domain_name, zone_id=site.hosted_zone_id, evaluate_target_health=False
        )
    ],
)
old_server = aws.route53.Record(
    "old-server", zone_id=zone.id, name="old.shop.example", type="A", ttl=300, records=["198.51.100.7"]
)
slow_check = aws.route53.HealthCheck(
    "slow-check", fqdn="www.shop.example", type="HTTPS", port=443, request_interval=30, failure_threshold=5
)
half = aws.route53.Record(
    "half",
    zone_id=zone.id,
    name="try.shop.example",
    type="CNAME",
    ttl=300,
    records=["www.shop.example"],
    set_identifier="half",
    health_check_id=slow_check.id,
    weighted_routing_policies=[aws.route53.RecordWeightedRoutingPolicyArgs(weight=50)],
)
other_half = aws.route53.Record(
    "other-half",
    zone_id=zone.id,
    name="try.shop.example",
    type="CNAME",
    ttl=300,
    records=["new.shop.example"],
    set_identifier="other-half",
    weighted_routing_policies=[aws.route53.RecordWeightedRoutingPolicyArgs(weight=50)],
)
