"""Rule on failover budgets: the failover times of Route 53 and CloudFront that a program declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from controls.language import failover
from controls.language.facts import MISSING, UNKNOWN, Node, Value, comparable
from controls.language.graph import Graph
from controls.language.rules import HIGH, Config, Param, stack_rule
from controls.language.shapes import number
from controls.language.tokens import DISTRIBUTION, HEALTH_CHECK, RECORD
from controls.language.verdicts import Fail, Undecided, Verdicts
from controls.services.cloudfront import origin_kind
from controls.services.route53 import health_checks, routed


def within_budget(graph: Graph, config: Config) -> Verdicts:
    """Failover times stay within their budgets; without a budget nothing is judged."""
    dns, origin = config["api"], config["web"]
    for record in graph.of(RECORD) if dns else ():
        if routed(record):
            yield from _by_dns(graph, record, dns)
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


def dns_estimates(graph: Graph, record: Node) -> Iterator[tuple[str, failover.Estimate | None]]:
    """Failover time of a record for each of its health checks, with the check's URN; None while unknown.

    A record without a health check, or with one of another stack, yields none; other rules demand one.
    """
    for check in health_checks(graph, record):
        interval = _number(check.get("requestInterval"), failover.HEALTH_CHECK_INTERVAL)
        threshold = _number(check.get("failureThreshold"), failover.HEALTH_CHECK_THRESHOLD)
        ttl = None if record.has("aliases") else _number(record.get("ttl"), failover.ALIAS_TTL)
        if interval is None or threshold is None or (ttl is None and not record.has("aliases")):
            yield check.urn, None
        else:
            yield check.urn, failover.dns_failover(interval, threshold, ttl)


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


def origin_estimates(distribution: Node) -> Iterator[tuple[str, failover.Estimate | None]]:
    """Failover time of each origin of a group, with its path; None while unknown."""
    members = comparable(value for _, value in distribution.find("originGroups.*.members.*.originId"))
    for where, origin in distribution.find("origins.*"):
        if isinstance(origin, dict) and members & {*comparable([origin.get("originId")]), UNKNOWN}:
            yield where, _origin_estimate(origin)


def _origin_estimate(origin: dict[str, Any]) -> failover.Estimate | None:
    """Failover time of an origin. For a bucket only the connection counts: CloudFront has no setting for how long
    it waits once a bucket has taken the connection, and in a lost region none does."""
    custom = origin.get("customOriginConfig", {})
    if not isinstance(custom, dict):
        return None
    waits = 0 if origin_kind(origin) is True else failover.RESPONSE_TIMEOUT
    attempts = _number(origin.get("connectionAttempts", MISSING), failover.CONNECTION_ATTEMPTS)
    connect = _number(origin.get("connectionTimeout", MISSING), failover.CONNECTION_TIMEOUT)
    response = _number(custom.get("originReadTimeout", MISSING), waits)
    if attempts is None or connect is None or response is None:
        return None
    return failover.origin_failover(attempts, connect, response)


def _number(value: Value, default: int) -> int | None:
    """A number, also one that is written as text; None when it is unknown."""
    if value is UNKNOWN:
        return None
    if isinstance(value, str) and value.isdecimal():
        return number(value)
    return value if isinstance(value, int) else default


RULES: Final = (
    stack_rule(
        "failover-budget",
        HIGH,
        RECORD + HEALTH_CHECK + DISTRIBUTION,
        within_budget,
        asks="What is declared lets each failover finish within its budget",
        fix="Use fast health checks and short TTLs; let CloudFront give up on an origin early",
        reads="requestInterval failureThreshold ttl originGroups origins",
        config={
            "web": Param(0, "Budget of CloudFront's origin failover, in seconds; 0 for none"),
            "api": Param(0, "Budget of a failover by Route 53, in seconds; 0 for none"),
        },
    ),
)
