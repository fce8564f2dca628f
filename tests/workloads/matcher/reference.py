"""What a book must do, said as plainly as can be: one list, searched anew for each trade. And orders to feed both."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from workloads.matcher.book import Fill, Placement

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


@st.composite
def flows(draw: st.DrawFn, most: int = 40) -> list[Asked]:
    """Orders of few accounts at few prices, so that much happens; some cancel an earlier one, whatever it became."""
    asked: list[Asked] = []
    for number in range(draw(st.integers(1, most))):
        order = f"o{number}"
        account = draw(st.sampled_from(ACCOUNTS))
        if number and draw(st.integers(0, 4)) == 0:
            cancels = f"o{draw(st.integers(0, number - 1))}"
            asked.append(Asked(order, account, cancels=cancels))
        else:
            price = draw(st.none() | st.integers(8, 12) | st.integers(8, 12))
            asked.append(Asked(order, account, draw(st.booleans()), price, draw(st.integers(1, 9))))
    return asked
