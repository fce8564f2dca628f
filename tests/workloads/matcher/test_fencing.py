"""Matchers of different epochs on one instrument, in every order in which their statements can be forced."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.workloads.matcher.lab import HERE, THERE, Ledger, Market
from tests.workloads.matcher.steps import WAIT, Actor, in_turns
from workloads.matcher import homes
from workloads.matcher.session import Session
from workloads.matcher.transaction import HOME_IS_ELSEWHERE

BATCH = 7  # statements, from BEGIN to COMMIT
MOVE = 4


class Rivals:
    """Matchers of the old home, which has its book in memory, and of the new one."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.old, self.new = ledger.matcher(HERE), ledger.matcher(THERE)
        self.moving, self.watch = (Session(ledger.server.connect()) for _ in range(2))
        self.old.commit([ledger.market().buy("first")])
        self.new.commit([ledger.market(THERE).buy("first")])

    def move(self, market: Market) -> None:
        homes.move(self.moving, market.terms.instrument, THERE)

    def close(self) -> None:
        for opened in (self.old, self.new, self.moving, self.watch):
            opened.close()


@pytest.fixture(scope="module")
def rivals(ledger: Ledger) -> Iterator[Rivals]:
    rivals = Rivals(ledger)
    yield rivals
    rivals.close()


def interleaved(
    watch: Session, first: tuple[Callable[[], object], int], second: tuple[Callable[[], object], int]
) -> bool:
    """Runs so many statements of the first, then of the second, then the rest of the first, then of the second.

    False if the second had to wait for a lock of the first before: more statements would come to the same.
    """
    free = True
    with in_turns():
        actors = [Actor(watch, work) for work, _ in (first, second)]
        for actor, (_, statements) in zip(actors, (first, second), strict=True):
            free = all(actor.step() for _ in range(statements))
        until = time.monotonic() + WAIT
        while not all(actor.ended for actor in actors):
            assert time.monotonic() < until, "each waits for the other"
            for actor in actors:
                while actor.step():
                    pass
        for actor in actors:
            actor.join()
    return free


@pytest.mark.parametrize("before", range(BATCH + 1))
def test_batch_against_a_move_and_a_batch_of_the_new_home_leave_one_history(
    rivals: Rivals, before: int
) -> None:
    for there in range(MOVE + BATCH + 1):
        market = rivals.ledger.market(HERE)
        rivals.old.commit([market.buy("b", quantity=9)])

        def takes_over(market: Market = market) -> None:
            rivals.move(market)
            rivals.new.commit([market.sell("new", quantity=4, account="cy")])

        def goes_on(market: Market = market) -> None:
            rivals.old.commit([market.sell("old", quantity=2)])

        free = interleaved(rivals.watch, (goes_on, before), (takes_over, there))

        kept = market.order_states()
        assert kept["new"] == ("filled", 0)
        if kept["old"] == ("filled", 0):  # it was before the move
            assert market.trades() == [("b", "old", "ann", "bob", 10, 2), ("b", "new", "ann", "cy", 10, 4)]
            assert kept["b"] == ("open", 3)
            assert market.home() == [THERE, 2, 3]
        else:
            assert (kept["old"], market.reasons()["old"]) == (("rejected", 2), HOME_IS_ELSEWHERE)
            assert market.trades() == [("b", "new", "ann", "cy", 10, 4)]
            assert kept["b"] == ("open", 5)
            assert market.home() == [THERE, 2, 2]
        market.check_all()
        if not free:
            break


@pytest.mark.parametrize("before", range(BATCH + 1))
def test_same_batch_at_two_matchers_of_one_epoch_is_done_once(rivals: Rivals, before: int) -> None:
    """SQS delivers a batch twice when its visibility timeout passes before the matcher is done."""
    twin = rivals.ledger.matcher(HERE)
    for there in range(BATCH + 1):
        market = rivals.ledger.market(HERE)
        orders = [market.buy("b"), market.sell("s", quantity=2)]
        works = [lambda one=one, orders=orders: one.commit(orders) for one in (rivals.old, twin)]
        free = interleaved(rivals.watch, (works[0], before), (works[1], there))
        assert market.trades() == [("b", "s", "ann", "bob", 10, 2)]
        market.check_all()
        if not free:
            break
    twin.close()
