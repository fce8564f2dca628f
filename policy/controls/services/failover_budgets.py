"""Rule on failover budgets: the failover times of Route 53 and CloudFront that a program declares."""

from __future__ import annotations

from typing import Final

from controls.language.facts import UNKNOWN, Node
from controls.language.failover import (
    dns_estimates,
    has_routing_policy,
    origin_estimates,
    service_estimates,
)
from controls.language.graph import Graph
from controls.language.rules import HIGH, Config, Param, stack_rule
from controls.language.tokens import DISTRIBUTION, HEALTH_CHECK, METRIC_ALARM, RECORD
from controls.language.verdicts import Fail, Undecided, Verdicts


def within_budget(graph: Graph, config: Config) -> Verdicts:
    """Failover times stay within their budgets; without a budget nothing is judged."""
    dns, services, origin = config["api"], config["services"], config["web"]
    for record in graph.of(RECORD) if dns else ():
        if has_routing_policy(record):
            yield from _by_dns(graph, record, dns)
    if services:
        yield from _by_service(graph, services)
    for distribution in graph.of(DISTRIBUTION) if origin else ():
        yield from _by_origin(distribution, origin)


def _by_dns(graph: Graph, record: Node, budget: int) -> Verdicts:
    for where, estimate in dns_estimates(graph, record):
        if estimate is None:
            yield Undecided("requestInterval", where)
        elif estimate.seconds > budget:
            yield Fail(
                f"{estimate.source}, over the budget of {budget} s: lower requestInterval of its health check to"
                " 10, or failureThreshold, or the TTL",
                record.urn,
            )


def _by_service(graph: Graph, budget: int) -> Verdicts:
    for where, estimate in service_estimates(graph, graph.of(HEALTH_CHECK)):
        if estimate is None:
            yield Undecided("requestInterval", where)
        elif estimate.seconds > budget:
            yield Fail(
                f"{estimate.source}, over the budget of {budget} s: lower the period or evaluationPeriods of its"
                " alarm, or requestInterval or failureThreshold where it has none",
                where,
            )


def _by_origin(distribution: Node, budget: int) -> Verdicts:
    groups = distribution.get("originGroups")
    if groups is UNKNOWN or distribution.get("origins") is UNKNOWN:
        yield Undecided("originGroups" if groups is UNKNOWN else "origins", distribution.urn)
        return
    for where, estimate in origin_estimates(distribution):
        if estimate is None:
            yield Undecided(where, distribution.urn)
        elif estimate.seconds > budget:
            yield Fail(
                f"`{where}`: {estimate.source}, over the budget of {budget} s: lower connectionAttempts,"
                " connectionTimeout and originReadTimeout",
                distribution.urn,
            )


RULES: Final = (
    stack_rule(
        "failover-budget",
        HIGH,
        RECORD + HEALTH_CHECK + METRIC_ALARM + DISTRIBUTION,
        within_budget,
        asks="What is declared lets each failover finish within its budget",
        fix="Use fast health checks and short TTLs; let CloudFront give up on an origin early",
        reads="requestInterval failureThreshold invertHealthcheck period evaluationPeriods ttl originGroups origins",
        config={
            "web": Param(0, "Budget of CloudFront's origin failover, in seconds; 0 for none"),
            "api": Param(0, "Budget of a failover by Route 53, in seconds; 0 for none"),
            "services": Param(
                0, "Budget of a failover by Route 53 away from services that are gone, in seconds; 0 for none"
            ),
        },
    ),
)
