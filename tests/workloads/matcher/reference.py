"""Reference model of the order book: one list, searched anew for each trade. And strategies of orders for both."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from workloads.matcher.book import Fill, Placement

ACCOUNTS = ("ann", "bob", "cy")


@dataclass
class ReferenceOrder:
    order: str
    account: str
    buy: bool
    price: int
    remaining: int


@dataclass(frozen=True)
class OrderRequest:
    """Order, or cancellation of the order `cancels`."""

    order: str
    account: str = ""
    buy: bool = True
    price: int | None = None
    quantity: int = 0
    cancels: str | None = None


class ReferenceBook:
    """Order book as one list of resting orders, in the order in which they came."""

    def __init__(self) -> None:
        self.resting: list[ReferenceOrder] = []

    def place(self, request: OrderRequest) -> Placement:
        left, fills = request.quantity, []
        while left:
            others = [other for other in self.resting if other.buy is not request.buy]
            if request.price is not None:
                others = [
                    other
                    for other in others
                    if (other.price <= request.price if request.buy else other.price >= request.price)
                ]
            if not others:
                break
            # min and max give the first of equals, which came first
            best = (min if request.buy else max)(others, key=lambda other: other.price)
            if best.account == request.account:
                return Placement(fills, 0, left, self_trade_prevented=True)
            quantity = min(left, best.remaining)
            best.remaining -= quantity
            left -= quantity
            fills.append(Fill(best.order, best.account, best.price, quantity, best.remaining))
            if not best.remaining:
                self.resting.remove(best)
        if left and request.price is not None:
            self.resting.append(
                ReferenceOrder(request.order, request.account, request.buy, request.price, left)
            )
            return Placement(fills, left, 0, self_trade_prevented=False)
        return Placement(fills, 0, left, self_trade_prevented=False)

    def cancel(self, order: str) -> int | None:
        for resting in self.resting:
            if resting.order == order:
                self.resting.remove(resting)
                return resting.remaining
        return None


PRICES = (None, 8, 9, 10, 10, 11, 12)  # none is a market order
KINDS = 5  # one in five cancels


def _decoded(numbers: list[int]) -> list[OrderRequest]:
    request: list[OrderRequest] = []
    for index, number in enumerate(numbers):
        order = f"o{index}"
        rest, kind = divmod(number, KINDS)
        rest, account = divmod(rest, len(ACCOUNTS))
        if kind == KINDS - 1 and index:
            request.append(OrderRequest(order, ACCOUNTS[account], cancels=f"o{rest % index}"))
            continue
        rest, buy = divmod(rest, 2)
        rest, price = divmod(rest, len(PRICES))
        request.append(OrderRequest(order, ACCOUNTS[account], bool(buy), PRICES[price], rest % 9 + 1))
    return request


def flows(most: int = 40) -> st.SearchStrategy[list[OrderRequest]]:
    """Orders of few accounts at few prices, so that much happens; some cancel an earlier one, whatever it became.

    Each is made of one number: drawing many is what takes the time.
    """
    return st.lists(st.integers(0, 10**6), min_size=1, max_size=most).map(_decoded)
