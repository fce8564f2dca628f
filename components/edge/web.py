"""Web interface at the edge: the log bucket, the firewall, and CloudFront over the web buckets of two cells."""

from __future__ import annotations

from components.data.buckets.logs import LogBucket, LogBucketArgs
from components.edge.inputs import EdgeInputs
from components.ingress.dns.hosts import WEB_HOST
from components.ingress.web_acl import WebAcl, WebAclArgs
from components.ingress.web_distribution import WebDistribution, WebDistributionArgs
from settings import CellFacts


def build_log_bucket(edge: EdgeInputs) -> LogBucket:
    """Builds the bucket to which CloudFront delivers its logs."""
    return LogBucket(
        f"{edge.name}-logs",
        LogBucketArgs(
            bucket=edge.names.bucket("logs"),
            account=edge.platform.account,
            region=edge.settings.region,
            key_arn=edge.log_key_arn,
            retention_days={"cloudfront": edge.settings.sizes.log_days},
            retire=edge.settings.retire,
        ),
        edge.child,
    )


def build_firewall(edge: EdgeInputs) -> WebAcl:
    """Builds the web ACL before CloudFront; its rate is `castle:sizes.waf`."""
    sizes = edge.settings.sizes
    return WebAcl(
        f"{edge.name}-firewall",
        WebAclArgs(
            scope="CLOUDFRONT",
            region=edge.settings.region,
            account=edge.platform.account,
            rate=sizes.waf.rate,
            log_group=edge.names.web_log(),
            log_days=sizes.log_days,
            key_arn=edge.log_key_arn,
        ),
        edge.child,
    )


def build_web_distribution(edge: EdgeInputs, logs: LogBucket, firewall: WebAcl) -> WebDistribution:
    """Builds the distribution, whose origin group is the two cells of `castle:origins`."""
    return WebDistribution(
        f"{edge.name}-web",
        WebDistributionArgs(
            region=edge.settings.region,
            host=f"{WEB_HOST}.{edge.platform.domain}",
            zone_id=edge.platform.zone_id,
            buckets={cell.name: _bucket_host(edge, cell) for cell in edge.settings.origins},
            price_class=edge.settings.sizes.price_class,
            connects=[f"https://api.{edge.platform.domain}", f"wss://stream.{edge.platform.domain}"],
            web_acl_arn=firewall.arn,
            log_delivery=edge.names.log_delivery("web"),
            log_bucket_arn=logs.arn,
        ),
        edge.child,
    )


def _bucket_host(edge: EdgeInputs, cell: CellFacts) -> str:
    """Regional host name of a cell's web bucket: the global one redirects until it has spread."""
    return f"{edge.names_of(cell).bucket('web')}.s3.{cell.region}.amazonaws.com"
