"""Service environment: names and addresses for a service's process, derived from its row in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.cell.context import CellContext
from components.cell.orders.orders import has_orders
from components.cell.orders.queue import ORDERS
from components.cell.orders.topics import subscription_queue
from components.cell.services.access import market_caches
from components.cell.tokens import issuer, signing_alias
from components.ingress.dns.hosts import web_origin
from settings.catalogue import SERVICES


@dataclass(frozen=True, kw_only=True)
class ServiceEndpoints:
    """Addresses of things that services use and that AWS makes up; empty where the cell has no such thing."""

    ledger_reads: pulumi.Input[str]
    payments_key_arn: pulumi.Input[str]


def service_environment(
    context: CellContext, service: str, endpoints: ServiceEndpoints
) -> dict[str, pulumi.Input[str]]:
    """Environment of a service, without whatever AWS makes up and can be asked for by name."""
    settings, names, facts = context.settings, context.names, SERVICES[service]
    variables: dict[str, pulumi.Input[str]] = {
        "AWS_REGION": settings.region,
        "CELL": settings.stack,
        "PLATFORM": settings.platform.name,
        "WEB_ORIGIN": web_origin(settings.platform.domain),  # for Access-Control-Allow-Origin of its answers
        "CACHE_USER": service,
    }
    if context.may_hold("sessions"):
        variables["LOCAL_CACHE"] = names.cache("local")
    if caches := market_caches(context, facts):
        named = {cell.region: context.names_of(cell).cache("market") for cell in caches}
        variables["MARKET_CACHES"] = _listed(named)
    if facts.reads_ledger and settings.ledger is not None:
        variables["LEDGER_READS"] = endpoints.ledger_reads
    if facts.sends_orders:
        queues = {
            cell.name: _queue_url(context, cell.region, context.names_of(cell).queue(ORDERS))
            for cell in context.cells
        }
        variables["ORDER_QUEUES"] = _listed(queues)
    if facts.subscribes and has_orders(context):
        variables["TAKES"] = " ".join(
            _queue_url(context, settings.region, names.queue(subscription_queue(topic, service)))
            for topic in facts.subscribes
        )
    if facts.signs_tokens:
        variables |= {
            "TOKEN_KEY": signing_alias(context),
            "TOKEN_ISSUER": issuer(context),
            "TOKEN_AUDIENCE": issuer(context),
        }
    if facts.reads_payments_key and context.may_hold("secrets"):
        variables["PAYMENTS_KEY"] = endpoints.payments_key_arn
    return variables


def _queue_url(context: CellContext, region: str, queue: str) -> str:
    return f"https://sqs.{region}.amazonaws.com/{context.names.account}/{queue}"


def _listed(named: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in named.items())
