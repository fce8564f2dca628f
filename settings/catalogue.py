"""Catalogue of services: one row for each, from which the rest of the program derives whatever a service needs.

A row is data: the API's methods, the place in the cluster, the stores, queues and keys that the service uses. What
such a use grants (IAM actions, cache commands, egress rules) is in `components/`. A service that is added here also
gets its sizes (`settings/service_sizes.py`) from this row, under its name in `castle:sizes.services`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Namespace = Literal["trading", "payments"]
NodePool = Literal["services", "payments"]


@dataclass(frozen=True, kw_only=True)
class ApiMethod:
    """Method of the REST API. `scope` is the one that a caller's token must have; None admits callers without one.

    Raises ValueError for a cached answer that isn't the same for every caller.
    """

    verb: Literal["DELETE", "GET", "POST"]
    path: str  # from the root: `/v1/orders/{orderId}`
    scope: str | None
    body: str = (
        ""  # the name of a model in `components/ingress/api/models.py`, which the request's body must fit
    )
    query: Mapping[str, bool] = field(default_factory=dict)  # query parameters; True for a required one
    cached_seconds: int = 0  # how long API Gateway keeps an answer for other callers; 0 is not at all
    share: float = 1.0  # of the stage's throttles, `castle:sizes.api`

    def __post_init__(self) -> None:
        if self.cached_seconds and (self.scope is not None or self.verb != "GET"):
            raise ValueError(f"{self.name}: cached, but not what anybody may read; take one of the two away")

    @property
    def name(self) -> str:
        """Name of the method for API Gateway and the authorizer: `GET /v1/orders/{orderId}`."""
        return f"{self.verb} {self.path}"

    @property
    def variables(self) -> tuple[str, ...]:
        """Path parameters, without their braces."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


@dataclass(frozen=True, kw_only=True)
class Service:
    """Row of the catalogue: facts of one service that are the same in every cell, on either runtime."""

    methods: tuple[ApiMethod, ...]  # their first segments after the version belong to this service alone
    namespace: Namespace
    node_pool: NodePool  # nodes that carry this value in the label `castle/pool`
    file_user: int  # uid and gid on the shared file system; it stays, since files belong to it
    streams: bool = False  # whether clients keep sockets to it open

    reads_tables: tuple[str, ...] = ()
    writes_tables: tuple[str, ...] = ()  # which it reads, too
    reads_ledger: bool = False  # by the cell's read-only endpoint; the matcher alone writes
    sessions: bool = False  # whether it sees the sessions in the cell's own cache
    market_cache: Literal["reads", "writes"] | None = (
        None  # reads the cell's member; writes to the primary, anywhere
    )
    sends_orders: bool = False  # to the queue of every cell, since an instrument's home may be any
    subscribes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # kinds of message, by topic
    signs_tokens: bool = False
    reads_payments_key: bool = False  # the key that signs notices to partners

    @property
    def paths(self) -> tuple[str, ...]:
        """First segments of its paths after the API's version: `orders` of `/v1/orders/{orderId}`."""
        return tuple(dict.fromkeys(method.path.split("/")[2] for method in self.methods))


_PAGE: Final = {
    "after": False,
    "limit": False,
}  # of a list: the cursor behind which it begins, and its length
_DEPTH: Final = {"depth": False}  # of a book: how many price levels

# Payments is apart from the others: a namespace and nodes of its own, no order, no ledger, no other cell's network.
SERVICES: Final[Mapping[str, Service]] = {
    "trading-api": Service(
        methods=(
            ApiMethod(verb="POST", path="/v1/orders", scope="orders:write", body="Order"),
            ApiMethod(
                verb="GET", path="/v1/orders", scope="orders:read", query={"instrument": False, **_PAGE}
            ),
            ApiMethod(verb="GET", path="/v1/orders/{orderId}", scope="orders:read"),
            ApiMethod(
                verb="DELETE",
                path="/v1/orders/{orderId}",
                scope="orders:write",
                query={"instrument": True},  # whose book holds the order: books have homes, orders have none
            ),
        ),
        namespace="trading",
        node_pool="services",
        file_user=10004,
        reads_tables=("balances", "instruments", "outcomes"),
        writes_tables=("idempotency",),
        reads_ledger=True,
        market_cache="reads",  # orders are checked against the last price
        sends_orders=True,
    ),
    "market-data": Service(
        methods=(
            ApiMethod(verb="GET", path="/v1/markets", scope=None, cached_seconds=60),
            ApiMethod(
                verb="GET", path="/v1/markets/{instrument}/book", scope=None, query=_DEPTH, cached_seconds=1
            ),
            ApiMethod(
                verb="GET", path="/v1/markets/{instrument}/trades", scope=None, query=_PAGE, cached_seconds=1
            ),
        ),
        namespace="trading",
        node_pool="services",
        file_user=10002,
        streams=True,
        reads_tables=("instruments",),
        market_cache="writes",
        subscribes={"trades": ("trade",)},
    ),
    "accounts": Service(
        methods=(
            ApiMethod(verb="GET", path="/v1/accounts/me", scope="accounts:read"),
            ApiMethod(verb="GET", path="/v1/accounts/me/balances", scope="accounts:read"),
            # Callers who sign up or in have no token yet.
            ApiMethod(verb="POST", path="/v1/accounts", scope=None, body="Account", share=0.01),
            ApiMethod(verb="POST", path="/v1/sessions", scope=None, body="Session", share=0.05),
            ApiMethod(verb="DELETE", path="/v1/sessions/current", scope="accounts:write"),
        ),
        namespace="trading",
        node_pool="services",
        file_user=10001,
        writes_tables=("profiles", "sessions"),
        sessions=True,
        subscribes={"order-alerts": ("rejected", "lost")},
        signs_tokens=True,
    ),
    "payments": Service(
        methods=(
            ApiMethod(verb="GET", path="/v1/payments", scope="payments:read", query=_PAGE),
            ApiMethod(verb="GET", path="/v1/payments/{paymentId}", scope="payments:read"),
            ApiMethod(verb="POST", path="/v1/payments", scope="payments:write", body="Payment", share=0.1),
        ),
        namespace="payments",
        node_pool="payments",
        file_user=10003,
        reads_tables=("balances",),
        writes_tables=("idempotency",),
        reads_payments_key=True,
    ),
}


def required_scopes(methods: Iterable[ApiMethod]) -> dict[str, str]:
    """Scopes by method's name, for the methods that ask for one; the authorizer denies every other method."""
    return {method.name: method.scope for method in methods if method.scope is not None}
