from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given

from tests.effort import examples
from tests.workloads.matcher.reference import OrderRequest, ReferenceBook, flows
from workloads.matcher.book import DuplicateOrderError, Fill, Level, OrderBook, Placement, RestingOrder


def fed(book: OrderBook, asked: OrderRequest) -> Placement | int | None:
    if asked.cancels is not None:
        resting = book.cancel(asked.cancels)
        return resting and resting.remaining
    return book.place(asked.order, asked.account, asked.buy, asked.price, asked.quantity)


@examples(60)
@given(flows())
def test_book_does_what_the_plain_model_does(flow: list[OrderRequest]) -> None:
    book, model = OrderBook(), ReferenceBook()
    for asked in flow:
        expected = model.cancel(asked.cancels) if asked.cancels else model.place(asked)
        assert fed(book, asked) == expected
    for buy in (True, False):
        levels: dict[int, int] = defaultdict(int)
        for standing in model.resting:
            if standing.buy is buy:
                levels[standing.price] += standing.remaining
        assert book.depth(buy) == [Level(*level) for level in sorted(levels.items(), reverse=buy)]


@examples(60)
@given(flows())
def test_quantity_is_conserved_and_the_book_never_crossed(flow: list[OrderRequest]) -> None:
    book = OrderBook()
    came = traded = gone = 0
    for asked in flow:
        became = fed(book, asked)
        if isinstance(became, Placement):
            filled = sum(fill.quantity for fill in became.fills)
            assert filled + became.rests + became.cancelled == asked.quantity
            came, traded, gone = came + asked.quantity, traded + filled, gone + became.cancelled
        else:
            gone += became or 0
        bids, asks = book.depth(buy=True), book.depth(buy=False)
        assert not bids or not asks or bids[0].price < asks[0].price
        resting = sum(level.quantity for level in bids + asks)
        assert came == 2 * traded + gone + resting  # each trade takes from two orders


@examples(60)
@given(flows())
def test_nobody_is_filled_before_who_was_better_or_earlier(flow: list[OrderRequest]) -> None:
    book, numbers = OrderBook(), {asked.order: number for number, asked in enumerate(flow)}
    for asked in flow:
        before = book.resting()
        became = fed(book, asked)
        if not isinstance(became, Placement) or not became.fills:
            continue
        sign = 1 if asked.buy else -1
        queue = sorted(
            (order for order in before if order.buy is not asked.buy),
            key=lambda order: (sign * order.price, numbers[order.order]),
        )
        assert [fill.maker for fill in became.fills] == [order.order for order in queue[: len(became.fills)]]
        assert all(fill.maker_remaining == 0 for fill in became.fills[:-1])


@examples(60)
@given(flows())
def test_cost_is_what_a_market_order_then_pays(flow: list[OrderRequest]) -> None:
    book = OrderBook()
    for asked in flow:
        if asked.cancels is None and asked.buy and asked.price is None:
            cost = book.market_order_cost(asked.account, asked.quantity)
            became = book.place(asked.order, asked.account, asked.buy, asked.price, asked.quantity)
            assert cost == sum(fill.price * fill.quantity for fill in became.fills)
        else:
            fed(book, asked)


@examples(60)
@given(flows())
def test_book_that_is_built_anew_goes_on_the_same(flow: list[OrderRequest]) -> None:
    half = len(flow) // 2
    book, anew = OrderBook(), OrderBook()
    for asked in flow[:half]:
        fed(book, asked)
    for kept in book.resting():
        anew.rest(RestingOrder(kept.order, kept.account, kept.buy, kept.price, kept.remaining))
    assert [fed(book, asked) for asked in flow[half:]] == [fed(anew, asked) for asked in flow[half:]]


def test_trade_is_at_the_price_of_who_rested() -> None:
    book = OrderBook()
    book.place("sell", "ann", False, 10, 5)
    assert book.place("buy", "bob", True, 12, 3).fills == [Fill("sell", "ann", 10, 3, 2)]


def test_newer_order_is_cancelled_when_it_meets_its_own_account_and_keeps_what_it_traded() -> None:
    book = OrderBook()
    book.place("other", "bob", False, 10, 2)
    book.place("own", "ann", False, 11, 5)
    became = book.place("new", "ann", True, 11, 9)
    assert became == Placement(
        [Fill("other", "bob", 10, 2, 0)], rests=0, cancelled=7, self_trade_prevented=True
    )
    assert "own" in book
    assert "new" not in book


def test_id_that_rests_is_refused_and_changes_nothing() -> None:
    book = OrderBook()
    book.place("one", "ann", True, 10, 5)
    with pytest.raises(DuplicateOrderError, match="one"):
        book.place("one", "bob", False, 10, 5)
    assert book.depth(buy=True) == [Level(10, 5)]
    assert len(book) == 1
