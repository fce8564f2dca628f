"""What a book must do, said as plainly as can be: one list, searched anew for each trade. And orders to feed both."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from workloads.matcher.book import Fill, Placement

# How long a test takes says nothing on a busy machine.
patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

ACCOUNTS = ("ann", "bob", "cy")


@dataclass
class Standing:
    order: str
    account: str
    buy: bool
    price: int
    remaining: int


@dataclass(frozen=True)
class Asked:
    """An order, or the cancellation of the order `cancels`."""

    order: str
    account: str = ""
    buy: bool = True
    price: int | None = None
    quantity: int = 0
    cancels: str | None = None


class Reference:
    """A book."""

    def __init__(self) -> None:
        self.standing: list[Standing] = []

    def place(self, asked: Asked) -> Placement:
        left, fills = asked.quantity, []
        while left:
            others = [other for other in self.standing if other.buy is not asked.buy]
            if asked.price is not None:
                others = [
                    other
                    for other in others
                    if (other.price <= asked.price if asked.buy else other.price >= asked.price)
                ]
            if not others:
                break
            # min and max give the first of equals, which came first
            best = (min if asked.buy else max)(others, key=lambda other: other.price)
            if best.account == asked.account:
                return Placement(fills, 0, left, met_own=True)
            quantity = min(left, best.remaining)
            best.remaining -= quantity
            left -= quantity
            fills.append(Fill(best.order, best.account, best.price, quantity, best.remaining))
            if not best.remaining:
                self.standing.remove(best)
        if left and asked.price is not None:
            self.standing.append(Standing(asked.order, asked.account, asked.buy, asked.price, left))
            return Placement(fills, left, 0, met_own=False)
        return Placement(fills, 0, left, met_own=False)

    def cancel(self, order: str) -> int | None:
        for standing in self.standing:
            if standing.order == order:
                self.standing.remove(standing)
                return standing.remaining
        return None


PRICES = (None, 8, 9, 10, 10, 11, 12)  # none is a market order
KINDS = 5  # one in five cancels


def _decoded(numbers: list[int]) -> list[Asked]:
    asked: list[Asked] = []
    for index, number in enumerate(numbers):
        order = f"o{index}"
        rest, kind = divmod(number, KINDS)
        rest, account = divmod(rest, len(ACCOUNTS))
        if kind == KINDS - 1 and index:
            asked.append(Asked(order, ACCOUNTS[account], cancels=f"o{rest % index}"))
            continue
        rest, buy = divmod(rest, 2)
        rest, price = divmod(rest, len(PRICES))
        asked.append(Asked(order, ACCOUNTS[account], bool(buy), PRICES[price], rest % 9 + 1))
    return asked


def flows(most: int = 40) -> st.SearchStrategy[list[Asked]]:
    """Orders of few accounts at few prices, so that much happens; some cancel an earlier one, whatever it became.

    Each is made of one number: drawing many is what takes the time.
    """
    return st.lists(st.integers(0, 10**6), min_size=1, max_size=most).map(_decoded)
