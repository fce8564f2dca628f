"""The arithmetic of failovers."""

from __future__ import annotations

from controls.language.failover import dns_failover, origin_failover
from hypothesis import given
from hypothesis import strategies as st

SECONDS = st.integers(min_value=0, max_value=3600)


def test_an_alias_counts_sixty_seconds() -> None:
    assert dns_failover(10, 3).seconds == 90
    assert dns_failover(10, 3, ttl=60).seconds == dns_failover(10, 3).seconds


def test_what_aws_takes_when_nothing_is_said_is_slow() -> None:
    assert dns_failover().seconds == 150
    assert origin_failover().seconds == 60


def test_the_source_shows_the_sum() -> None:
    assert dns_failover(10, 3).source == (
        "10 s between health checks x 3 failures + 60 s of an alias's TTL = 90 s"
    )
    assert origin_failover(2, 3, 4).source == "2 attempts x 3 s to connect + 4 s for a response = 10 s"


@given(SECONDS, st.integers(1, 10), SECONDS)
def test_dns_failover_waits_for_every_failure_and_then_for_the_ttl(
    interval: int, threshold: int, ttl: int
) -> None:
    assert dns_failover(interval, threshold, ttl).seconds == interval * threshold + ttl


@given(st.integers(1, 3), st.integers(1, 10), SECONDS)
def test_origin_failover_waits_for_every_attempt_and_then_for_the_answer(
    attempts: int, connect: int, response: int
) -> None:
    assert origin_failover(attempts, connect, response).seconds == attempts * connect + response
