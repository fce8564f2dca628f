"""Rules on Route 53: health checks, routing between regions, dangling records, query logs, domains."""

from __future__ import annotations

import re
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, as_bool, comparable
from controls.language.failover import ROUTED, has_routing_policy
from controls.language.graph import Platform, urn_type
from controls.language.remediation import Remedy
from controls.language.rules import HIGH, MEDIUM, Rule, platform_rule, require_not_false
from controls.language.shapes import require_companion
from controls.language.tokens import QUERY_LOG, RECORD, REGISTERED_DOMAIN, ZONE
from controls.language.verdicts import Fail, Undecided, Verdicts

# Names that AWS gives to what it runs. One that outlives its resource can be taken by somebody else.
_TAKEABLE: Final = re.compile(
    r"\.(amazonaws\.com|cloudfront\.net|elasticbeanstalk\.com|awsglobalaccelerator\.com)\.?$"
)


def private(node: Node) -> Truth:
    """Returns whether a hosted zone is private."""
    vpcs = node.get("vpcs")
    return UNKNOWN if vpcs is UNKNOWN else vpcs not in (MISSING, [])


def health_checked(node: Node) -> Verdicts:
    if not has_routing_policy(node) or node.has("healthCheckId"):
        return
    aliases = node.get("aliases")
    follows = [as_bool(value) for _, value in node.find("aliases.*.evaluateTargetHealth")]
    if aliases is UNKNOWN or UNKNOWN in follows:
        yield Undecided("aliases")
    elif not follows or not all(it is True for it in follows):
        yield Fail("`healthCheckId` is missing: name a health check, or let the alias evaluate its target")


def in_two_regions(platform: Platform) -> Verdicts:
    """Records with a routing policy lead to two regions: for latency, those that the records name; for other
    policies, two records with one name."""
    sets: dict[tuple[str, str], list[Node]] = {}
    for record in platform.graph.of(RECORD):
        name, kind = record.get("name"), record.get("type")
        if not has_routing_policy(record):
            continue
        if UNKNOWN in (name, kind):
            yield Undecided("name", record.urn)
        else:
            sets.setdefault((str(name), str(kind)), []).append(record)
    for records in sets.values():
        regions = comparable(
            region for it in records for _, region in it.find("latencyRoutingPolicies.*.region")
        )
        routes = regions or {str(it.get("setIdentifier")) for it in records}
        if len(routes) < 2 and UNKNOWN not in routes:
            yield Fail("the name is routed to one place: add a record for a second region", records[0].urn)


def targets_owned(platform: Platform) -> Verdicts:
    """Targets of records belong to a resource, of the record's stack or of another.

    Addresses and AWS's own names, written by hand, outlive their resource; names of other owners and text
    records are not judged.
    """
    known = {
        _normal_name(value)
        for node in platform.graph.nodes
        if node.type not in RECORD
        for name in ("dnsName", "domainName", "publicIp", "regionalDomainName", "cloudfrontDomainName")
        if isinstance(value := node.get(name), str)
    }
    for record in platform.graph.of(RECORD):
        for name, path in (("records", "records.*"), ("aliases", "aliases.*.name")):
            if any(urn_type(urn) not in RECORD for urn in record.property_dependencies.get(name, ())):
                continue
            for where, value in record.find(path):
                if value is UNKNOWN:
                    yield Undecided(where, record.urn)
                elif _normal_name(str(value)) not in known and (
                    name == "aliases" or _takeable(record, str(value))
                ):
                    yield Fail(
                        f"`{where}` belongs to no resource: take it from one, or from a stack", record.urn
                    )


def _normal_name(name: str) -> str:
    """Normal form of a DNS name: Route 53 adds a final dot, and load balancers have two names."""
    return name.lower().rstrip(".").removeprefix("dualstack.")


def _takeable(record: Node, value: str) -> bool:
    return record.get("type") in ("A", "AAAA") or (
        record.get("type") == "CNAME"
        and bool(_TAKEABLE.search(value))
        and not value.rstrip(".").endswith("acm-validations.aws")
    )


RULES: Final = (
    Rule(
        "route53-routing-records-health-checked",
        HIGH,
        RECORD,
        health_checked,
        asks="Records that Route 53 chooses between carry a health check or evaluate their target",
        fix="Name a HealthCheck in healthCheckId",
        reads=f"healthCheckId aliases {' '.join(ROUTED)}",
    ),
    require_companion(
        "route53-query-logging",
        MEDIUM,
        ZONE,
        QUERY_LOG,
        "zoneId",
        unless=private,
        message="nothing logs what is asked: add a QueryLog",
        asks="Public zones log what is asked",
        fix="Add a QueryLog with a log group in us-east-1",
        ids="Route53.2 CKV2_AWS_39",
    ),
    require_not_false(
        "route53-domain-transfer-lock",
        HIGH,
        REGISTERED_DOMAIN,
        "transferLock",
        asks="Registered domains can't be moved away",
        fix="Leave transferLock out",
        ids="CKV_AWS_377",
        remedy=Remedy({"transferLock": True}),
    ),
    platform_rule(
        "route53-routing-records-multi-region",
        HIGH,
        RECORD,
        in_two_regions,
        asks="A routed name has records for at least two regions",
        fix="Add a record with the same name and another region",
        reads=f"setIdentifier {' '.join(ROUTED)}",
    ),
    platform_rule(
        "route53-no-dangling-records",
        HIGH,
        RECORD,
        targets_owned,
        asks="Records point at what the program owns, not at loose addresses",
        fix="Take the target from the resource's output, or from a stack reference",
        ids="CKV2_AWS_23",
        reads="records aliases",
    ),
)
