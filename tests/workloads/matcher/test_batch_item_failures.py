from __future__ import annotations

import json

import pytest

from tests.workloads.matcher.lab import Ledger, Market, failed_orders, sqs_event
from workloads.matcher import clearing
from workloads.matcher.batch_item_failures import DEAD_LETTERED, QueueConsumer
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
    """Makes the ledger refuse each batch with an order `bad`."""
    take = clearing.Clearing.apply

    def taking(self: clearing.Clearing, order: Order) -> None:
        take(self, order)
        if order.order == "bad":
            self.changes.orders["bad"].unfilled = -1

    monkeypatch.setattr(clearing.Clearing, "apply", taking)


def test_first_failure_of_a_group_returns_the_rest_of_it_and_other_groups_go_on(
    ledger: Ledger, matcher: Matcher, poison: None
) -> None:
    sick, well = ledger.market(), ledger.market()
    batch = [sick.buy("b"), well.buy("b"), sick.buy("bad"), well.sell("s"), sick.sell("s")]
    assert failed_orders(matcher, batch) == ["bad", "s"]
    assert sick.order_states() == {"b": ("open", 5)}
    assert len(well.trades()) == 1
    for market in (sick, well):
        market.check_all()


def test_group_goes_on_when_its_failure_was_dead_lettered(
    market: Market, matcher: Matcher, poison: None
) -> None:
    batch = [market.buy("bad"), market.buy("b")]
    assert failed_orders(matcher, batch) == ["bad", "b"]
    assert QueueConsumer(matcher).dead_letters(sqs_event(batch[:1])) == {"batchItemFailures": []}
    assert failed_orders(matcher, batch) == []
    assert market.order_states() == {"bad": ("rejected", 5), "b": ("open", 5)}
    assert market.reasons()["bad"] == DEAD_LETTERED
    assert [alert["order"] for body in market.outbox() for alert in body["alerts"]] == ["bad"]


def test_dead_letter_that_the_ledger_knows_changes_nothing(market: Market, matcher: Matcher) -> None:
    matcher.commit([market.buy("b")])
    QueueConsumer(matcher).dead_letters(sqs_event([market.buy("b")]))
    assert market.order_states() == {"b": ("open", 5)}
    assert len(market.outbox()) == 1


@pytest.mark.parametrize("dead", [False, True])
def test_message_that_cannot_be_read_is_rejected_by_its_attributes_and_blocks_nobody(
    market: Market, matcher: Matcher, dead: bool
) -> None:
    bodies = {"odd": "{", "swapped": market.buy("other").text()}
    batch = [market.buy("odd"), market.buy("swapped"), market.buy("b")]
    if dead:
        QueueConsumer(matcher).dead_letters(sqs_event(batch[:2], bodies))
    else:
        assert failed_orders(matcher, batch, bodies) == []
        assert market.order_states()["b"] == ("open", 5)
    assert market.order_states()["odd"] == market.order_states()["swapped"] == ("rejected", 0)
    alerts = {alert["order"]: alert["reason"] for body in market.outbox() for alert in body["alerts"]}
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
