"""References of a rule: the framework that its ids belong to, and the page that explains it."""

from __future__ import annotations

import re
from typing import Final

from controls.language.rules import Rule

_FSBP: Final = re.compile(r"^(?P<service>[A-Z][A-Za-z0-9]*)\.\d+$")
_CIS: Final = re.compile(r"^(?P<benchmark>CIS|EKS)-(?P<version>[\d.]+):(?P<section>[\d.,-]+)$")
_PSS: Final = re.compile(r"^PSS:(?P<level>\w+)$")

_SECURITY_HUB: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide"
_CIS_NAMES: Final = {"CIS": "CIS AWS Foundations Benchmark", "EKS": "CIS Amazon EKS Benchmark"}

_STANDARDS: Final = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"

# Pages for rules that no control of Security Hub covers, by the first word of the rule's name.
_DOCS: Final = "https://docs.aws.amazon.com"
_PULUMI: Final = "https://www.pulumi.com/docs/iac/concepts"
_PAGES: Final = {
    "account": f"{_DOCS}/accounts/latest/reference/manage-acct-update-contact-alternate.html",
    "acm": f"{_DOCS}/acm/latest/userguide/acm-certificate-characteristics.html",
    "alarm": f"{_DOCS}/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
    "alb": f"{_DOCS}/elasticloadbalancing/latest/application/introduction.html",
    "apigw": f"{_DOCS}/apigateway/latest/developerguide/security-best-practices.html",
    "aurora": f"{_DOCS}/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html",
    "backup": f"{_DOCS}/aws-backup/latest/devguide/vault-lock.html",
    "cis": f"{_DOCS}/securityhub/latest/userguide/cloudwatch-controls.html",
    "cloudfront": f"{_DOCS}/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
    "cloudtrail": f"{_DOCS}/awscloudtrail/latest/userguide/best-practices-security.html",
    "cross": f"{_DOCS}/kms/latest/developerguide/multi-region-keys-overview.html",
    "data": f"{_DOCS}/controltower/latest/controlreference/data-residency-controls.html",
    "dynamodb": f"{_DOCS}/amazondynamodb/latest/developerguide/V2globaltables_reqs_bestpractices.html",
    "ebs": f"{_DOCS}/ebs/latest/userguide/ebs-encryption.html",
    "ec2": f"{_DOCS}/AWSEC2/latest/UserGuide/ec2-security.html",
    "ecr": f"{_DOCS}/AmazonECR/latest/userguide/repository-policies.html",
    "efs": f"{_DOCS}/efs/latest/ug/security-considerations.html",
    "eks": f"{_DOCS}/eks/latest/best-practices/security.html",
    "elasticache": f"{_DOCS}/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html",
    "exceptions": "https://www.pulumi.com/docs/iac/crossguard/core-concepts/",
    "failover": f"{_DOCS}/Route53/latest/DeveloperGuide/dns-failover.html",
    "ga": f"{_DOCS}/global-accelerator/latest/dg/about-endpoint-groups.html",
    "grafana": f"{_DOCS}/grafana/latest/userguide/authentication-in-AMG.html",
    "iam": f"{_DOCS}/IAM/latest/UserGuide/best-practices.html",
    "k8s": "https://kubernetes.io/docs/concepts/security/",
    "kms": f"{_DOCS}/kms/latest/developerguide/key-policies.html",
    "lambda": f"{_DOCS}/lambda/latest/dg/lambda-permissions.html",
    "launch": f"{_DOCS}/AWSEC2/latest/UserGuide/ec2-launch-templates.html",
    "log": f"{_DOCS}/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html",
    "network": f"{_DOCS}/vpc/latest/userguide/vpc-network-acls.html",
    "no": f"{_PULUMI}/secrets/",
    "provider": f"{_PULUMI}/resources/providers/",
    "opensearch": f"{_DOCS}/opensearch-service/latest/developerguide/ac.html",
    "rds": f"{_DOCS}/AmazonRDS/latest/UserGuide/CHAP_BestPractices.Security.html",
    "redshift": f"{_DOCS}/redshift/latest/mgmt/security.html",
    "region": f"{_DOCS}/whitepapers/latest/aws-fault-isolation-boundaries/regions.html",
    "route": f"{_DOCS}/vpc/latest/userguide/VPC_Route_Tables.html",
    "route53": f"{_DOCS}/Route53/latest/DeveloperGuide/dns-failover.html",
    "s3": f"{_DOCS}/AmazonS3/latest/userguide/security-best-practices.html",
    "secret": f"{_DOCS}/secretsmanager/latest/userguide/best-practices.html",
    "security": f"{_DOCS}/vpc/latest/userguide/security-group-rules.html",
    "securityhub": f"{_DOCS}/securityhub/latest/userguide/fsbp-standard.html",
    "shield": f"{_DOCS}/waf/latest/developerguide/ddos-advanced-summary.html",
    "sns": f"{_DOCS}/sns/latest/dg/sns-security-best-practices.html",
    "stateful": f"{_PULUMI}/options/protect/",
    "type": f"{_PULUMI}/resources/names/#resource-types",
    "vpc": f"{_DOCS}/vpc/latest/userguide/vpc-security-best-practices.html",
    "waf": f"{_DOCS}/waf/latest/developerguide/waf-rules.html",
}


def url(rule: Rule) -> str:
    """Page on the rule: that of its Security Hub control, else its service's."""
    for it in rule.ids.split():
        if found := _FSBP.match(it):
            return f"{_SECURITY_HUB}/{found['service'].lower()}-controls.html#{it.lower().replace('.', '-')}"
    return _PAGES[rule.name.partition("-")[0]]


def framework(rule: Rule) -> dict[str, str] | None:
    """Fields of the SDK's framework object: the first FSBP id, else the newest CIS section, else the level of the
    pod security standards."""
    ids = rule.ids.split()
    if any(_FSBP.match(it) for it in ids):
        first = next(it for it in ids if _FSBP.match(it))
        return {
            "name": "AWS Foundational Security Best Practices",
            "version": "1.0.0",
            "reference": url(rule),
            "specification": first,
        }
    sections = [found for it in ids if (found := _CIS.match(it))]
    if not sections:
        return _standard(ids)
    newest = max(sections, key=lambda found: [int(part) for part in found["version"].split(".")])
    return {
        "name": _CIS_NAMES[newest["benchmark"]],
        "version": newest["version"],
        "reference": "https://www.cisecurity.org/benchmark/amazon_web_services",
        "specification": newest["section"],
    }


def _standard(ids: list[str]) -> dict[str, str] | None:
    level = next((found["level"] for it in ids if (found := _PSS.match(it))), None)
    if level is None:
        return None
    return {
        "name": "Pod Security Standards",
        "version": "latest",  # they have no numbers: each version of Kubernetes has its own
        "reference": f"{_STANDARDS}#{level}",
        "specification": level,
    }
