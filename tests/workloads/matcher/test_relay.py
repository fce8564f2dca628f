from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

import pytest
from pg8000.native import Connection

from tests.workloads.matcher.lab import HERE, THERE, Ledger, Market
from tests.workloads.matcher.published import Published, ledger_balances
from tests.workloads.matcher.steps import KilledError, killed_at
from tests.workloads.postgres import Server
from workloads.matcher import homes
from workloads.matcher.homes import UnknownHomeError
from workloads.matcher.relay.projections import Item
from workloads.matcher.relay.publisher import PublishError
from workloads.matcher.session import Session
from workloads.matcher.transaction import Matcher


@pytest.fixture
def published() -> Iterator[Published]:
    with Published.new() as published:
        yield published


@pytest.fixture
def ledger(postgres: Server, superuser: Connection) -> Iterator[Ledger]:
    """A ledger for each test, since there is one relay a ledger."""
    with Ledger.new(postgres, superuser) as ledger:
        yield ledger


def trade(market: Market, matcher: Matcher) -> None:
    matcher.commit([market.buy("b"), market.sell("s", quantity=2)])
    matcher.commit([market.sell("t", quantity=2), market.buy("x", price=2**31 - 1, quantity=2**31 - 1)])


def test_projections_follow_the_ledger_and_trades_and_alerts_are_published(
    ledger: Ledger, market: Market, matcher: Matcher, published: Published
) -> None:
    relay = published.relay(ledger.session, HERE)
    trade(market, matcher)
    assert relay.relay_outbox() == 3  # with the home's own
    assert relay.relay_outbox() == 0
    assert published.balances() == ledger_balances(ledger.session)
    assert published.outcomes() == market.order_states()
    assert published.homes() == {market.terms.instrument: (HERE, 1)}
    assert [(one["maker"], one["taker"], one["quantity"]) for one in published.trades()] == [
        ("b", "s", 2),
        ("b", "t", 2),
    ]
    assert [(one["kind"], one["order"]) for one in published.alerts()] == [("rejected", "x")]


def test_what_was_told_without_being_ticked_off_is_told_again_and_changes_nothing(
    ledger: Ledger, market: Market, matcher: Matcher, published: Published
) -> None:
    relay = published.relay(ledger.session, HERE)
    relay.relay_outbox()
    trade(market, matcher)
    with killed_at(3), pytest.raises(KilledError):  # after the lease and what waits
        relay.relay_outbox()
    before = published.balances()
    assert relay.relay_outbox() == 2
    assert published.balances() == before == ledger_balances(ledger.session)
    messages = [message["id"] for message in published.trades()]
    assert len(messages) == 4
    assert len(set(messages)) == 2


def test_older_entry_is_refused(
    ledger: Ledger, market: Market, matcher: Matcher, published: Published
) -> None:
    trade(market, matcher)
    published.relay(ledger.session, HERE).relay_outbox()
    before = ledger_balances(ledger.session)
    published.projections.write_balances(
        1, [{"account": "ann", "asset": market.terms.base, "available": 0, "held": 0, "entry": 1}]
    )
    assert published.balances() == before


def test_one_relay_tells_and_another_takes_over_when_its_lease_has_run_out(
    ledger: Ledger, market: Market, matcher: Matcher, published: Published
) -> None:
    one, two = (published.relay(ledger.session, HERE, holder) for holder in ("one", "two"))
    assert one.relay_outbox() == 1
    trade(market, matcher)
    assert two.relay_outbox() is None
    assert published.relay(ledger.session, THERE, "far").relay_outbox() is None
    ledger.session.run("UPDATE ledger.relay SET until = now() - interval '1 second'")
    assert two.relay_outbox() == 2
    assert one.relay_outbox() is None


def test_relay_that_lost_its_lease_ticks_nothing_off(
    ledger: Ledger, market: Market, matcher: Matcher, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = published.relay(ledger.session, HERE)
    relay.relay_outbox()
    trade(market, matcher)
    publish = published.publisher.publish

    def slowly(topic: str, messages: Iterable[Item]) -> None:
        publish(topic, messages)
        homes.follow_writer(ledger.session, THERE)

    monkeypatch.setattr(published.publisher, "publish", slowly)
    assert relay.relay_outbox() == 2
    assert len(market.outbox()) == 2


def test_message_that_sns_did_not_take_is_published_again(
    ledger: Ledger, market: Market, matcher: Matcher, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(market, matcher)
    client = published.publisher._client
    with monkeypatch.context() as patch:
        patch.setattr(client, "publish_batch", lambda **_: {"Failed": [{"Id": "0", "Message": "throttled"}]})
        with pytest.raises(PublishError, match="1 of 2 weren't taken: throttled"):
            published.relay(ledger.session, HERE).relay_outbox()
    published.relay(ledger.session, HERE).relay_outbox()
    assert len(published.trades()) == 2


def test_move_raises_the_epoch_and_is_told(ledger: Ledger, market: Market, published: Published) -> None:
    homes.move(ledger.session, market.terms.instrument, THERE)
    assert market.home() == [THERE, 2, 0]
    published.relay(ledger.session, HERE).relay_outbox()
    assert published.homes() == {market.terms.instrument: (THERE, 2)}
    with pytest.raises(UnknownHomeError, match="nowhere has no home"):
        homes.move(ledger.session, "nowhere", THERE)


NOTHING: Item = {"account": "new", "asset": "asset", "available": 0, "held": 0, "entry": 0}


def before_the_failover(ledger: Ledger, market: Market, published: Published) -> None:
    """Makes the history that both the ledger and its copy have, and that is published."""
    with closing(ledger.matcher(HERE)) as matcher:
        matcher.commit([market.buy("kept"), market.buy("half", price=9), market.buy("done", quantity=1)])
        matcher.commit([market.sell("early", quantity=5), market.sell("later", price=20)])
    published.relay(ledger.session, HERE).relay_outbox()
    ledger.session.close()  # so that it can be copied


def lost_second(ledger: Ledger, session: Session, market: Market, published: Published) -> None:
    """Makes the history that only the lost ledger has, and that is published."""
    with closing(ledger.matcher(HERE)) as matcher:
        matcher.commit([market.sell("gone", price=9, quantity=3), market.buy("gone too", price=1)])
        matcher.commit([market.buy("big", price=2, quantity=2, account="cy")])
    published.relay(session, HERE).relay_outbox()
    published.projections.write_balances(1, [{**NOTHING, "available": 7, "entry": 1}])


STATEMENTS_OF_REWINDING = 10


@pytest.mark.parametrize(
    "case", [(0, True), *((number, False) for number in range(STATEMENTS_OF_REWINDING + 1))], ids=str
)
def test_relay_after_a_lost_second_rewinds_the_projections_and_reports_what_is_gone(
    ledger: Ledger, market: Market, published: Published, superuser: Connection, case: tuple[int, bool]
) -> None:
    killed, goes_on = case  # at which statement, or 0
    before_the_failover(ledger, market, published)
    with (
        Ledger.new(ledger.server, superuser, of=ledger.server.database) as new,
        closing(Session(ledger.server.connect())) as late,
        closing(new.matcher(THERE)) as matcher,
    ):
        lost_second(ledger, late, market, published)
        ahead = published.balances()
        survivor = Market(new, market.terms, market.funds)

        if goes_on:  # the old home's matcher, as if nothing had happened, by a sequence that was told before
            with closing(new.matcher(HERE)) as before_the_move:
                before_the_move.commit([survivor.buy("between", price=1)])
        homes.follow_writer(new.session, THERE)
        matcher.commit([survivor.sell("anew", price=9, quantity=1)])  # before any relay is there
        relay = published.relay(new.session, THERE, "two")
        if killed:
            with killed_at(killed), pytest.raises(KilledError):
                relay.relay_outbox()
        relay.relay_outbox()

        nothing = {("new", "asset"): (0, 0, 0)}
        assert published.balances() == ledger_balances(new.session) | nothing != ahead
        lost = {"gone": ("lost", 0), "gone too": ("lost", 5), "big": ("lost", 2)}
        assert published.outcomes() == {**survivor.order_states(), **lost}
        ((report,),) = new.session.run("SELECT report FROM ledger.reconciliations WHERE epoch = 2")
        expected = {
            "gone": ("filled", None),
            "gone too": ("open", None),
            "big": ("open", None),
            "half": ("open", "open"),
            "done": ("filled", "filled"),  # by another order
        }
        assert {order["id"]: (order["status"], order["now"]) for order in report} == expected
        assert {alert["order"] for alert in published.alerts() if alert["kind"] == "lost"} == expected.keys()

        # The relay of the lost ledger tells late, and nothing comes of it.
        before = published.balances()
        published.projections.write_balances(
            1, [{**NOTHING, "account": "ann", "asset": market.terms.base, "entry": 99}]
        )
        assert published.balances() == before
        # The next relay has nothing more to report.
        homes.follow_writer(new.session, HERE)
        published.relay(new.session, HERE, "three").relay_outbox()
        assert new.session.run("SELECT report FROM ledger.reconciliations WHERE epoch = 3") == [[[]]]
        survivor.check()
