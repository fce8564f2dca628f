from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tests.workloads.matcher.lab import HERE, LOT, RICH, THERE, TICK, Ledger, Market, failed_orders
from tests.workloads.matcher.reference import OrderRequest, ReferenceBook, flows
from workloads.matcher import homes
from workloads.matcher import ledger as statements
from workloads.matcher.clearing import Balance, BatchChanges
from workloads.matcher.ledger import FencedError, Home
from workloads.matcher.migration import migrate
from workloads.matcher.session import Session
from workloads.matcher.transaction import HOME_IS_ELSEWHERE, NO_HOME, Matcher


def test_migration_is_done_once(ledger: Ledger) -> None:
    market = ledger.market()
    migrate(ledger.session)
    assert market.home() == [HERE, 1, 0]
    assert ledger.session.run("SELECT version FROM ledger.versions") == [[1], [2]]


@examples(25)
@given(flow=flows(), sizes=st.lists(st.integers(1, 10), min_size=1, max_size=5))
def test_ledger_holds_what_the_plain_model_does_however_orders_are_batched(
    ledger: Ledger, lasting: Matcher, flow: list[OrderRequest], sizes: list[int]
) -> None:
    market, model = ledger.market(), ReferenceBook()
    owners, expected = {asked.order: asked.account for asked in flow}, []
    for asked in flow:
        if asked.cancels is not None:
            if owners[asked.cancels] == asked.account:
                model.cancel(asked.cancels)
            continue
        for fill in model.place(asked).fills:
            sides = (asked.account, fill.account) if asked.buy else (fill.account, asked.account)
            expected.append((fill.maker, asked.order, *sides, fill.price, fill.quantity))
    orders, number = market.orders(flow), 0
    while orders:
        size = sizes[number % len(sizes)]
        lasting.commit(orders[:size])
        orders, number = orders[size:], number + 1

    assert market.trades() == expected
    open_orders = {order: left for order, (status, left) in market.order_states().items() if status == "open"}
    assert open_orders == {standing.order: standing.remaining for standing in model.resting}
    market.check_all()


@examples(10)
@given(flow=flows(25))
def test_replay_gives_the_same_trades_and_balances(
    ledger: Ledger, lasting: Matcher, flow: list[OrderRequest]
) -> None:
    histories = []
    for anew in (False, True):  # in the replay, each order finds a book that was just built from the ledger
        market = ledger.market(funds=600)
        for order in market.orders(flow):
            lasting.commit([order])
            if anew:
                lasting._books.clear()
        market.check_all()
        histories.append((market.trades(), market.order_states(), market.balances()))
    assert histories[0] == histories[1]


def test_funds_are_held_at_the_price_asked_and_what_was_too_much_is_given_back(
    market: Market, matcher: Matcher
) -> None:
    matcher.commit([market.buy("b", price=12, quantity=5)])
    assert market.balances()["ann", "quote"] == (RICH - 60 * TICK, 60 * TICK)
    matcher.commit([market.sell("s", price=11, quantity=2)])
    assert market.balances()["ann", "quote"] == (
        RICH - 60 * TICK,
        36 * TICK,
    )  # at 12, the price of who rested
    assert market.balances()["bob", "base"] == (RICH - 2 * LOT, 0)
    matcher.commit(
        [market.sell("t", price=14, quantity=1), market.buy("c", price=15, quantity=1, account="cy")]
    )
    assert market.balances()["cy", "quote"] == (RICH - 14 * TICK, 0)
    matcher.commit([market.order(OrderRequest("x", "ann", cancels="b"))])
    assert market.balances()["ann", "quote"] == (RICH - 24 * TICK, 0)
    market.check_all()


def test_order_that_cannot_be_paid_is_rejected_whole_with_an_alert(ledger: Ledger, matcher: Matcher) -> None:
    market = ledger.market(funds=10 * TICK * 5)
    matcher.commit([market.buy("fits"), market.buy("not", price=1, quantity=1)])
    assert market.order_states() == {"fits": ("open", 5), "not": ("rejected", 1)}
    (message,) = market.outbox()
    assert message["alerts"] == [{"order": "not", "account": "ann", "reason": "not enough funds"}]
    market.check_all()


def test_market_order_to_buy_must_be_able_to_pay_all_of_it(ledger: Ledger, matcher: Matcher) -> None:
    market = ledger.market(funds=100)
    matcher.commit([market.sell("s", price=10, quantity=9), market.sell("t", price=11, quantity=9)])
    matcher.commit([market.buy("poor", price=None, quantity=6), market.buy("b", price=None, quantity=5)])
    assert market.order_states()["poor"] == ("rejected", 6)
    assert market.order_states()["b"] == ("filled", 0)
    assert market.balances()["ann", "quote"] == (0, 0)
    market.check_all()


def test_only_its_own_account_cancels_an_order(market: Market, matcher: Matcher) -> None:
    matcher.commit([market.buy("b"), market.order(OrderRequest("x", "bob", cancels="b"))])
    assert market.order_states() == {"b": ("open", 5), "x": ("rejected", 0)}
    market.check_all()


def test_order_that_the_ledger_knows_is_dropped(market: Market, matcher: Matcher) -> None:
    matcher.commit([market.buy("b"), market.buy("b"), market.sell("s", quantity=2)])
    before = (market.trades(), market.balances())
    matcher.commit([market.sell("s", quantity=2), market.buy("b")])
    assert (market.trades(), market.balances()) == before == ([("b", "s", "ann", "bob", 10, 2)], before[1])
    market.check_all()


def test_one_transaction_takes_orders_of_many_instruments_and_one_account(
    ledger: Ledger, matcher: Matcher
) -> None:
    first, second = ledger.market(), ledger.market()
    matcher.commit([first.buy("b"), second.sell("s"), first.sell("s"), second.buy("b")])
    for market in (first, second):
        assert len(market.trades()) == 1
        market.check_all()


def test_money_that_another_batch_used_up_meanwhile_is_not_spent_twice(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two matchers read one balance; the second to write is refused, and finds out when it tries again."""
    market = ledger.market(funds=100)
    other = ledger.market()
    ledger.session.run(  # the same quote asset for both
        "UPDATE ledger.homes SET quote = :quote WHERE instrument = :instrument",
        quote=market.terms.quote,
        instrument=other.terms.instrument,
    )
    matcher, rival = ledger.matcher(), ledger.matcher()
    lock = statements.lock_funds

    def overtaken(session: Session, balances: Iterable[Balance]) -> None:
        monkeypatch.undo()
        rival.commit([other.buy("o", price=10, quantity=5)])
        lock(session, balances)

    monkeypatch.setattr(statements, "lock_funds", overtaken)
    assert failed_orders(matcher, [market.buy("b", price=10, quantity=5)]) == []
    assert market.order_states() == {"b": ("rejected", 5)}
    assert other.order_states() == {"o": ("open", 5)}
    assert market.balances()["ann", "quote"] == (0, 100)
    for one in (matcher, rival):
        one.close()


def test_book_of_a_sequence_that_passed_is_not_used(ledger: Ledger, market: Market) -> None:
    first, second = ledger.matcher(), ledger.matcher()
    first.commit([market.buy("b")])
    second.commit([market.sell("s")])  # first's book still has b
    first.commit([market.sell("t")])
    assert market.trades() == [("b", "s", "ann", "bob", 10, 5)]
    assert market.order_states()["t"] == ("open", 5)
    market.check_all()
    for matcher in (first, second):
        matcher.close()


def test_fence_holds_where_no_lock_did(
    market: Market, matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever got past the lock with another sequence writes nothing."""
    matcher.commit([market.buy("b")])
    write = statements.write_batch

    def late(session: Session, home: Home, cleared: BatchChanges) -> None:
        monkeypatch.undo()
        session.run(f"UPDATE ledger.homes SET sequence = 7 WHERE instrument = '{market.terms.instrument}'")
        write(session, home, cleared)

    monkeypatch.setattr(statements, "write_batch", late)
    with pytest.raises(FencedError, match="epoch 1, sequence 1"):
        matcher.commit([market.sell("s")])
    assert market.home() == [HERE, 1, 1]
    assert market.order_states() == {"b": ("open", 5)}
    matcher.commit([market.sell("s")])
    market.check_all()


def test_order_for_another_cells_instrument_is_rejected_with_an_alert(
    ledger: Ledger, matcher: Matcher
) -> None:
    market = ledger.market(THERE)
    matcher.commit([market.buy("b")])
    assert market.order_states() == {"b": ("rejected", 5)}
    assert market.reasons() == {"b": HOME_IS_ELSEWHERE}
    assert [body["alerts"] for body in market.outbox()] == [
        [{"order": "b", "account": "ann", "reason": HOME_IS_ELSEWHERE}]
    ]
    assert market.home() == [THERE, 1, 0]


def test_order_for_no_instrument_is_rejected_with_an_alert(
    ledger: Ledger, market: Market, matcher: Matcher
) -> None:
    ledger.session.run(f"DELETE FROM ledger.moves WHERE instrument = '{market.terms.instrument}'")
    ledger.session.run(f"DELETE FROM ledger.homes WHERE instrument = '{market.terms.instrument}'")
    matcher.commit([market.buy("b")])
    assert market.reasons() == {"b": NO_HOME}
    assert len(market.outbox()) == 1


def test_returned_cells_queue_is_matched_by_nobody_twice_and_lost_by_nobody(
    ledger: Ledger, market: Market
) -> None:
    """A cell dies with orders in its queue, of which the ledger knows some; it comes back when the home has moved."""
    dead, successor = ledger.matcher(HERE), ledger.matcher(THERE)
    dead.commit([market.buy("known")])
    homes.follow_writer(ledger.session, THERE)
    successor.commit([market.sell("s", quantity=2)])
    before = market.trades()
    dead.commit([market.buy("known"), market.buy("unknown")])
    assert market.trades() == before
    assert market.order_states() == {"known": ("open", 3), "s": ("filled", 0), "unknown": ("rejected", 5)}
    alerts = [alert["order"] for body in market.outbox() for alert in body["alerts"]]
    assert alerts == ["unknown"]
    successor.commit([market.sell("t", quantity=3)])
    market.check_all()
    for matcher in (dead, successor):
        matcher.close()
