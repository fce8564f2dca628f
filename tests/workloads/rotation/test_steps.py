from __future__ import annotations

import pytest

from tests.workloads.rotation.lab import CURRENT, FIRST_PASSWORD, PENDING, PREVIOUS, Lab, token
from workloads.rotation.credentials import RotationError
from workloads.rotation.handler import STEPS


def test_first_rotation_ends_the_first_password(lab: Lab) -> None:
    version = lab.rotate()
    assert lab.version(CURRENT) == version
    assert lab.opens(lab.password(CURRENT))
    assert not lab.opens(FIRST_PASSWORD)
    assert lab.password(PREVIOUS) == FIRST_PASSWORD


def test_rotation_changes_nothing_but_the_password(lab: Lab) -> None:
    lab.write({"password": FIRST_PASSWORD, "note": "kept"})
    before = lab.login(CURRENT)
    lab.rotate()
    after = lab.login(CURRENT)
    assert after.pop("password") != before.pop("password")
    assert after == before


def test_every_rotation_makes_another_password(lab: Lab) -> None:
    lab.rotate()
    before = lab.password(CURRENT)
    lab.rotate()
    assert lab.password(CURRENT) not in (before, FIRST_PASSWORD)


def test_effects_of_each_step(lab: Lab) -> None:
    version = lab.start(token())

    lab.step("createSecret", version)
    assert lab.password(PENDING) not in (None, FIRST_PASSWORD)
    assert lab.opens(FIRST_PASSWORD)
    assert not lab.opens(lab.password(PENDING))

    lab.step("setSecret", version)
    assert lab.opens(lab.password(PENDING))
    assert not lab.opens(FIRST_PASSWORD)

    lab.step("testSecret", version)
    assert lab.version(CURRENT) != version

    lab.step("finishSecret", version)
    assert lab.version(CURRENT) == version


def test_each_step_may_come_again_before_the_next(lab: Lab) -> None:
    version = lab.start(token())
    for step in STEPS:
        lab.step(step, version)
        made = lab.password(PENDING)
        lab.step(step, version)
        assert lab.password(PENDING) == made
    assert lab.version(CURRENT) == version
    assert lab.opens(lab.password(CURRENT))


def test_steps_of_a_finished_rotation_change_nothing(lab: Lab) -> None:
    version = lab.rotate()
    before = lab.stages()
    for step in STEPS:
        lab.step(step, version)
    assert lab.stages() == before
    assert lab.opens(lab.password(CURRENT))


def test_password_that_a_failover_lost_is_set_again_through_the_previous_one(lab: Lab) -> None:
    """An unplanned failover may lose the ledger's last second, and with it the change of a password."""
    lab.rotate()
    lab.rotate()
    lab.set_password(lab.password(PREVIOUS) or "")
    assert not lab.opens(lab.password(CURRENT))
    lab.rotate()
    assert lab.opens(lab.password(CURRENT))


def test_rotation_stops_where_no_known_password_opens(lab: Lab) -> None:
    lab.set_password("ByHand")
    version = lab.start(token())
    lab.step("createSecret", version)
    with pytest.raises(RotationError, match=r"neither .* opens; write one that does .* ModifyDBCluster"):
        lab.step("setSecret", version)
    assert lab.opens("ByHand")

    lab.write({"password": "ByHand"})
    lab.attempt(version)
    assert lab.opens(lab.password(CURRENT))


def test_pending_password_that_opens_nothing_is_never_made_current(lab: Lab) -> None:
    version = lab.start(token())
    lab.step("createSecret", version)
    with pytest.raises(RotationError, match="the pending password doesn't open"):
        lab.step("testSecret", version)
    assert lab.version(CURRENT) != version


@pytest.mark.parametrize("step", ["setSecret", "testSecret"])
def test_working_password_is_not_told_to_another_host(lab: Lab, step: str) -> None:
    version = lab.start(token())
    lab.write({"password": "Made", "host": "elsewhere.example.com"}, version)
    with pytest.raises(RotationError, match="differs from AWSCURRENT in more than the password"):
        lab.step(step, version)


@pytest.mark.parametrize("step", ["setSecret", "testSecret", "finishSecret"])
def test_steps_after_the_first_need_it(lab: Lab, step: str) -> None:
    version = lab.start(token())
    with pytest.raises(RotationError, match="has no login yet; createSecret comes first"):
        lab.step(step, version)


def test_change_that_a_failover_loses_before_the_end_is_not_made_current(lab: Lab) -> None:
    version = lab.start(token())
    for step in ("createSecret", "setSecret", "testSecret"):
        lab.step(step, version)
    lab.set_password(FIRST_PASSWORD)
    with pytest.raises(RotationError, match="the pending password doesn't open"):
        lab.step("finishSecret", version)
    assert lab.opens(lab.password(CURRENT))

    lab.attempt(version)
    assert lab.version(CURRENT) == version
    assert lab.opens(lab.password(CURRENT))


def test_secret_without_a_current_version_is_refused(lab: Lab) -> None:
    empty = Lab.empty(lab.server, lab.superuser, lab.role)
    version = empty.start(token())
    with pytest.raises(RotationError, match="no version is AWSCURRENT; write one"):
        empty.step("createSecret", version)


def test_role_with_an_odd_name_is_rotated(lab: Lab) -> None:
    odd = Lab.new(lab.server, lab.superuser, 'it\'s "odd"; DROP ROLE x --')
    odd.rotate()
    assert odd.opens(odd.password(CURRENT))
