from __future__ import annotations

import pytest

from components.data.ledger.alarms import alarm_specs, max_connections


# The figures of AWS's own table of what an instance takes, which are never less than what is reckoned with here.
@pytest.mark.parametrize(
    ("acu", "takes"), [(1, 189), (4, 823), (8, 1669), (16, 3360), (32, 5000), (64, 5000)]
)
def test_connections_are_at_most_what_aws_says_an_instance_takes(acu: float, takes: int) -> None:
    assert 0.85 * takes <= max_connections(8, acu) <= takes


def test_the_smallest_minimum_holds_connections_down_whatever_the_maximum() -> None:
    assert max_connections(0.5, 256) == 2000
    assert max_connections(1, 256) == 5000


def test_memory_is_alarming_when_a_twentieth_of_the_maximum_is_left() -> None:
    memory = alarm_specs("ledger", min_acu=8, max_acu=64)["memory"]
    assert (memory.comparison, memory.statistic) == ("below", "Minimum")
    assert memory.threshold == pytest.approx(6.4 * 1024**3)


def test_one_deadlock_is_alarming_and_a_lag_only_if_it_stays() -> None:
    found = alarm_specs("ledger", min_acu=8, max_acu=64)
    assert (found["deadlocks"].threshold, found["deadlocks"].periods) == (0, 1)
    assert found["lag"].periods > 1


def test_a_member_that_copies_nothing_raises_no_alarm_by_its_silence() -> None:
    found = alarm_specs("ledger", min_acu=8, max_acu=64)
    assert {found[name].missing for name in ("lag", "rpo-lag")} == {"notBreaching"}
