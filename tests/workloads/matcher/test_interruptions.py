"""Batches that are killed at any statement and delivered again neither lose nor duplicate a trade."""

from __future__ import annotations

import pytest

from tests.workloads.matcher.lab import Ledger, Market, failed_orders
from tests.workloads.matcher.reference import OrderRequest
from tests.workloads.matcher.steps import KilledError, killed_at, lose_answers
from workloads.matcher.orders import Order
from workloads.matcher.transaction import Matcher

STATEMENTS = (
    *("BEGIN", "SELECT instrument,", "SELECT known.instrument,", "SELECT account,"),
    *("SELECT FROM", "WITH home", "COMMIT"),
)
PLACES = [
    pytest.param(number, after, id=f"{'after' if after else 'before'}-{number}-{name}")
    for number, name in enumerate(STATEMENTS, start=1)
    for after in (False, True)
]


def batch(market: Market) -> list[Order]:
    """Orders for trades, a partial fill, a cancellation, and an order that is rejected."""
    return [
        market.sell("s1", quantity=3),
        market.buy("b2", quantity=9),
        market.order(OrderRequest("x1", "cy", cancels="b0")),
        market.order(OrderRequest("x2", "cy", cancels="nothing")),
        market.sell("s2", price=None, quantity=20, account="cy"),
    ]


def started(market: Market, matcher: Matcher) -> None:
    matcher.commit([market.buy("b1"), market.buy("b0", price=9, account="cy")])


@pytest.fixture
def expected(market: Market, lasting: Matcher) -> tuple[object, ...]:
    """History without any interruption."""
    started(market, lasting)
    lasting.commit(batch(market))
    return history(market)


def history(market: Market) -> tuple[object, ...]:
    market.check_all()
    outbox = [[{**body, "batch": None, "instrument": None, "balances": None} for body in market.outbox()]]
    return (market.trades(), market.order_states(), market.balances(), market.home(), outbox)


def test_statements_of_a_batch_are_all_listed(market: Market, lasting: Matcher) -> None:
    started(market, lasting)
    with killed_at(0) as seen:
        lasting.commit(batch(market))
    assert tuple(seen) == STATEMENTS


@pytest.mark.parametrize(("number", "after"), PLACES)
def test_killed_batch_that_comes_again_leaves_the_same_history(
    ledger: Ledger, expected: tuple[object, ...], lasting: Matcher, number: int, after: bool
) -> None:
    market, killed = ledger.market(), ledger.matcher()
    started(market, killed)
    with killed_at(number, after), pytest.raises(KilledError):
        killed.commit(batch(market))
    committed = (number, after) == (len(STATEMENTS), True)
    assert (market.home()[2] == 2) is committed
    market.check_all()

    assert failed_orders(lasting, batch(market)) == []
    assert history(market) == expected
    killed.close()


def test_batch_whose_answer_is_lost_is_found_done(
    ledger: Ledger, expected: tuple[object, ...], matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = ledger.market()
    started(market, matcher)
    with monkeypatch.context() as patch:
        lose_answers(patch)
        assert failed_orders(matcher, batch(market)) == []
    assert history(market) == expected


def test_batch_comes_again_whole_when_the_ledger_stays_away(
    ledger: Ledger, market: Market, matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        lose_answers(patch, times=2)
        assert failed_orders(matcher, [market.buy("b"), market.sell("s")]) == ["b", "s"]
    assert failed_orders(matcher, [market.buy("b"), market.sell("s")]) == []
    assert len(market.trades()) == 1
    market.check_all()


def test_session_that_the_server_ended_is_replaced(ledger: Ledger, market: Market, matcher: Matcher) -> None:
    matcher.commit([market.buy("b")])
    ledger.session.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert failed_orders(matcher, [market.sell("s")]) == []
    assert len(market.trades()) == 1
