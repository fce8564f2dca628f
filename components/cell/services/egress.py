"""Service egress: the networks and ports to which a service may connect, derived from its row in the catalogue."""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.data.caches import cache_members
from components.data.cache.network import PORT as CACHE_PORT
from components.data.ledger.read_proxy import PORT as LEDGER_PORT
from components.network.subnet_cidrs import cidrs_by_zone, possible_data_cidrs
from components.security_group_rules import ANYWHERE, EgressRule
from settings.catalogue import SERVICES


def egress_rules(context: CellContext, service: str) -> dict[str, EgressRule]:
    """Egress rules by name: to stores in their subnets, and to AWS and partners, whose addresses nobody can list."""
    facts, settings = SERVICES[service], context.settings
    rules = {"internet": EgressRule(443, ANYWHERE)}
    for zone, cidrs in cidrs_by_zone(settings.cell.cidr, settings.sizes.zones).items():
        if settings.sizes.endpoints:
            rules[f"endpoints-{zone}"] = EgressRule(443, cidrs.app)
        if context.may_hold("sessions") or (facts.market_cache and settings.global_cache is not None):
            rules[f"caches-{zone}"] = EgressRule(CACHE_PORT, cidrs.data)
        if facts.reads_ledger and settings.ledger is not None:
            rules[f"ledger-{zone}"] = EgressRule(LEDGER_PORT, cidrs.data)
    if facts.market_cache == "writes":
        for cell in cache_members(context):
            if cell.name != settings.stack:
                for slot, cidr in possible_data_cidrs(cell.cidr).items():
                    rules[f"market-{cell.name}-{slot}"] = EgressRule(CACHE_PORT, cidr)
    return rules
