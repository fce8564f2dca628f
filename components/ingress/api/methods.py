"""Methods of the API: the one table from which the API, its throttles and the authorizer's scopes are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.ingress.dns.hosts import HEALTH_PATH, VERSION


@dataclass(frozen=True, kw_only=True)
class ApiMethod:
    """Method of the API. `scope` is required of a caller's token; None makes the method public, without a token."""

    verb: Literal["DELETE", "GET", "POST"]
    path: str
    scope: str | None
    body: str = ""  # the name of the model that a request's body must fit
    query: Mapping[str, bool] = field(default_factory=dict)  # parameters, and whether each must be given
    cached_seconds: int = 0  # how long an answer is kept for others; only of what anybody may see
    share: float = 1.0  # of the API's throttles

    def __post_init__(self) -> None:
        if self.cached_seconds and (self.scope is not None or self.verb != "GET"):
            raise ValueError(f"{self.name}: cached, but not what anybody may read; take one of the two away")

    @property
    def name(self) -> str:
        """Name of the method for API Gateway and the authorizer: `GET /v1/orders/{orderId}`."""
        return f"{self.verb} {self.path}"

    @property
    def spelled(self) -> str:
        """Method in a logical name: `get-v1-orders-orderId`."""
        return f"{self.verb.lower()}{spelled(self.path)}"

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the path, which are in braces."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


# For Route 53's health checkers; answered by API Gateway itself.
HEALTH = ApiMethod(verb="GET", path=HEALTH_PATH, scope=None)

PAGE = {"after": False, "limit": False}  # of a list: what it begins behind, and how long it is
DEPTH = {"depth": False}
_MARKET = f"/{VERSION}/markets/{{instrument}}"

# The first segment after the version says whose the path is: see `components/service_conventions.py`.
METHODS = (
    ApiMethod(verb="POST", path=f"/{VERSION}/orders", scope="orders:write", body="Order"),
    ApiMethod(
        verb="GET", path=f"/{VERSION}/orders", scope="orders:read", query={"instrument": False, **PAGE}
    ),
    ApiMethod(verb="GET", path=f"/{VERSION}/orders/{{orderId}}", scope="orders:read"),
    ApiMethod(
        verb="DELETE",
        path=f"/{VERSION}/orders/{{orderId}}",
        scope="orders:write",
        query={"instrument": True},  # whose book it is in; books have homes, orders alone haven't
    ),
    ApiMethod(verb="GET", path=f"/{VERSION}/markets", scope=None, cached_seconds=60),
    ApiMethod(verb="GET", path=f"{_MARKET}/book", scope=None, query=DEPTH, cached_seconds=1),
    ApiMethod(verb="GET", path=f"{_MARKET}/trades", scope=None, query=PAGE, cached_seconds=1),
    ApiMethod(verb="GET", path=f"/{VERSION}/accounts/me", scope="accounts:read"),
    ApiMethod(verb="GET", path=f"/{VERSION}/accounts/me/balances", scope="accounts:read"),
    # Who signs in, or up, has no token yet.
    ApiMethod(verb="POST", path=f"/{VERSION}/accounts", scope=None, body="Account", share=0.01),
    ApiMethod(verb="POST", path=f"/{VERSION}/sessions", scope=None, body="Session", share=0.05),
    ApiMethod(verb="DELETE", path=f"/{VERSION}/sessions/current", scope="accounts:write"),
    ApiMethod(verb="GET", path=f"/{VERSION}/payments", scope="payments:read", query=PAGE),
    ApiMethod(verb="GET", path=f"/{VERSION}/payments/{{paymentId}}", scope="payments:read"),
    ApiMethod(verb="POST", path=f"/{VERSION}/payments", scope="payments:write", body="Payment", share=0.1),
)


def spelled(path: str) -> str:
    """Path in a logical name: `-v1-orders-orderId`."""
    return path.replace("{", "").replace("}", "").replace("/", "-")


def scopes(methods: Iterable[ApiMethod]) -> dict[str, str]:
    """Scopes that the authorizer requires, by method. It denies any other method."""
    return {method.name: method.scope for method in methods if method.scope is not None}
