from __future__ import annotations

import json

import pytest

from tests.workloads.matcher.lab import Ledger, Market, event, failed
from workloads.matcher import clearing
from workloads.matcher.handler import DEAD, Handler
from workloads.matcher.orders import Order, OrderError
from workloads.matcher.transaction import Matcher

LIMIT = {
    "order": "o",
    "instrument": "I",
    "account": "a",
    "kind": "limit",
    "side": "buy",
    "price": 1,
    "quantity": 1,
}


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order `bad`, at which the ledger refuses the whole batch that it is in."""
    take = clearing.Clearing.take

    def taking(self: clearing.Clearing, order: Order) -> None:
        take(self, order)
        if order.order == "bad":
            self.cleared.orders["bad"].unfilled = -1

    monkeypatch.setattr(clearing.Clearing, "take", taking)


def test_first_failure_of_a_group_returns_the_rest_of_it_and_other_groups_go_on(
    ledger: Ledger, matcher: Matcher, poison: None
) -> None:
    sick, well = ledger.market(), ledger.market()
    batch = [sick.buy("b"), well.buy("b"), sick.buy("bad"), well.sell("s"), sick.sell("s")]
    assert failed(matcher, batch) == ["bad", "s"]
    assert sick.orders_kept() == {"b": ("open", 5)}
    assert len(well.trades()) == 1
    for market in (sick, well):
        market.check_all()


def test_group_goes_on_when_its_failure_was_dead_lettered(
    market: Market, matcher: Matcher, poison: None
) -> None:
    batch = [market.buy("bad"), market.buy("b")]
    assert failed(matcher, batch) == ["bad", "b"]
    assert Handler(matcher).dead(event(batch[:1])) == {"batchItemFailures": []}
    assert failed(matcher, batch) == []
    assert market.orders_kept() == {"bad": ("rejected", 5), "b": ("open", 5)}
    assert market.reasons()["bad"] == DEAD
    assert [alert["order"] for body in market.told() for alert in body["alerts"]] == ["bad"]


def test_dead_letter_that_the_ledger_knows_changes_nothing(market: Market, matcher: Matcher) -> None:
    matcher.commit([market.buy("b")])
    Handler(matcher).dead(event([market.buy("b")]))
    assert market.orders_kept() == {"b": ("open", 5)}
    assert len(market.told()) == 1


@pytest.mark.parametrize("dead", [False, True])
def test_message_that_cannot_be_read_is_rejected_by_its_attributes_and_blocks_nobody(
    market: Market, matcher: Matcher, dead: bool
) -> None:
    bodies = {"odd": "{", "swapped": market.buy("other").text()}
    batch = [market.buy("odd"), market.buy("swapped"), market.buy("b")]
    if dead:
        Handler(matcher).dead(event(batch[:2], bodies))
    else:
        assert failed(matcher, batch, bodies) == []
        assert market.orders_kept()["b"] == ("open", 5)
    assert market.orders_kept()["odd"] == market.orders_kept()["swapped"] == ("rejected", 0)
    alerts = {alert["order"]: alert["reason"] for body in market.told() for alert in body["alerts"]}
    assert "not JSON" in alerts["odd"]
    assert "must be the message's group" in alerts["swapped"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "stop"}, "kind: 'stop'; write one of limit, market, cancel"),
        ({"side": "both"}, "side: 'both'; write one of buy, sell"),
        ({"price": 0}, "price: 0; write a whole number from 1 to 2147483647"),
        ({"price": 1.5}, "price: 1.5"),
        ({"price": None}, "price: None"),
        ({"quantity": True}, "quantity: True"),
        ({"quantity": 2**31}, "quantity: 2147483648"),
        ({"order": ""}, "order: ''; write 1 to 64"),
        ({"account": "a b"}, "account: 'a b'"),
        ({"instrument": "x" * 65}, "instrument: "),
        ({"kind": "cancel"}, "target: None"),
    ],
)
def test_wrong_order_is_told_what_to_write(change: dict[str, object], said: str) -> None:
    with pytest.raises(OrderError) as error:
        Order.parse(json.dumps({**LIMIT, **change}))
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("text", ["", "[]", "null"])
def test_what_is_no_object_is_told_so(text: str) -> None:
    with pytest.raises(OrderError, match="with order, instrument, account and kind"):
        Order.parse(text)


@pytest.mark.parametrize(
    "order",
    [
        Order("o", "I", "a", "limit", buy=False, price=3, quantity=4),
        Order("o", "I", "a", "market", buy=True, quantity=4),
        Order("o", "I", "a", "cancel", target="p"),
    ],
)
def test_order_is_read_as_it_was_written(order: Order) -> None:
    assert Order.parse(order.text()) == order
