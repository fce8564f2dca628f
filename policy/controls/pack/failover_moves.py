"""Failovers of a platform and their durations, read from what all its stacks declare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controls.language import failover
from controls.language.failover import (
    dns_estimates,
    has_routing_policy,
    health_checks,
    origin_estimates,
    service_estimates,
)
from controls.language.graph import Platform
from controls.language.tokens import DISTRIBUTION, GLOBAL_CLUSTER, GLOBAL_DATASTORE, RECORD


@dataclass(frozen=True)
class Move:
    """Failover of one host, or of the writer of one store. `name` is the host, or the id of the store."""

    mechanism: str  # route53, route53 services, cloudfront, aurora or elasticache
    name: str
    urn: str  # whose properties say how long it takes
    detection: int  # seconds
    shift: int  # seconds
    source: str


def moves(platform: Platform) -> Iterator[Move]:
    """Moves that the platform declares; what isn't known yet is left out."""
    for record in platform.graph.of(RECORD):
        if has_routing_policy(record):
            for urn, estimate in dns_estimates(platform.graph, record):
                yield from _move("route53", str(record.get("name")), urn, estimate)
            checks = health_checks(platform.graph, record)
            for urn, estimate in service_estimates(platform.graph, checks, record):
                yield from _move("route53 services", str(record.get("name")), urn, estimate)
    for distribution in platform.graph.of(DISTRIBUTION):
        hosts = ", ".join(str(host) for _, host in distribution.find("aliases.*"))
        for where, estimate in origin_estimates(distribution):
            yield from _move("cloudfront", hosts, f"{distribution.urn} {where}", estimate)
    for database in platform.graph.of(GLOBAL_CLUSTER):
        yield from _move("aurora", str(database.get("id")), database.urn, failover.ledger_promotion())
    for datastore in platform.graph.of(GLOBAL_DATASTORE):
        yield from _move("elasticache", str(datastore.get("id")), datastore.urn, failover.cache_promotion())


def _move(mechanism: str, name: str, urn: str, estimate: failover.Estimate | None) -> Iterator[Move]:
    if estimate is not None:
        yield Move(mechanism, name, urn, estimate.detection, estimate.shift, estimate.source)
