"""Interrupted anywhere, or overtaken, a rotation leaves a password that works, and ends well when tried again."""

from __future__ import annotations

import itertools

import pytest
from pg8000.exceptions import InterfaceError
from pg8000.native import Connection

from tests.workloads.rotation.effects import KilledError, before_effect, kill
from tests.workloads.rotation.lab import CURRENT, FIRST_PASSWORD, PENDING, PREVIOUS, Lab, succeeds, token
from workloads.ledger_login import endpoint
from workloads.rotation import database
from workloads.rotation.credentials import RotationError
from workloads.rotation.handler import STEPS

CREATE = ("DescribeSecret", "GetSecretValue", "GetSecretValue", "PutSecretValue")
SET = (
    *("DescribeSecret", "GetSecretValue", "GetSecretValue", "GetSecretValue"),
    *("BEGIN", "SET LOCAL lock_timeout", "SET LOCAL idle_in_transaction_session_timeout"),
    *("SELECT pg_advisory_xact_lock", "DescribeSecret", "ALTER ROLE CURRENT_USER", "COMMIT"),
)
TEST = ("DescribeSecret", "GetSecretValue", "GetSecretValue")
FINISH = (*TEST, "DescribeSecret", "UpdateSecretVersionStage")
EFFECTS = (*CREATE, *SET, *TEST, *FINISH)


def numbered(effects: tuple[str, ...], but: str = "") -> list[object]:
    named = enumerate(effects, start=1)
    return [
        pytest.param(number, id=f"{number}-{name}") for number, name in named if not (but and but in name)
    ]


def test_effects_of_a_rotation_are_all_listed(lab: Lab) -> None:
    with before_effect(0, kill) as seen:
        lab.rotate()
    assert tuple(seen) == EFFECTS


@pytest.mark.parametrize("number", numbered(EFFECTS))
def test_killed_rotation_leaves_a_working_password_and_converges(lab: Lab, number: int) -> None:
    version = lab.start(token())
    with before_effect(number, kill), pytest.raises(KilledError):
        lab.attempt(version)

    committed = number > len(CREATE) + len(SET)
    assert lab.version(CURRENT) != version
    assert lab.opens(lab.password(CURRENT)) is not committed
    assert lab.opens(lab.password(PENDING)) is committed

    lab.attempt(version)
    assert lab.version(CURRENT) == version
    assert lab.opens(lab.password(CURRENT))
    assert lab.password(PREVIOUS) == FIRST_PASSWORD
    assert not lab.opens(FIRST_PASSWORD)


def test_rotation_killed_again_and_again_converges(lab: Lab) -> None:
    """Each attempt gets one effect further than the one before."""
    version = lab.start(token())
    for number in range(1, len(EFFECTS) + 1):
        try:
            with before_effect(number, kill):
                lab.attempt(version)
        except KilledError:
            assert lab.opens(lab.password(CURRENT)) or lab.opens(lab.password(PENDING))
        else:
            break
    assert lab.version(CURRENT) == version
    assert lab.opens(lab.password(CURRENT))


def test_change_whose_answer_was_lost_is_found_made(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Connection.run

    def losing(self: Connection, statement: str) -> object:
        answer = run(self, statement)
        if statement == "COMMIT":
            raise InterfaceError("network error")
        return answer

    version = lab.start(token())
    lab.step("createSecret", version)
    with monkeypatch.context() as patch, pytest.raises(RotationError, match="the connection was lost"):
        patch.setattr(Connection, "run", losing)
        lab.step("setSecret", version)
    with before_effect(0, kill) as seen:
        lab.step("setSecret", version)
    assert not [name for name in seen if name.startswith("ALTER")]
    lab.attempt(version)
    assert lab.opens(lab.password(CURRENT))


@pytest.mark.parametrize("number", numbered(CREATE))
def test_two_attempts_at_the_first_step_agree_on_one_password(lab: Lab, number: int) -> None:
    version = lab.start(token())
    with before_effect(number, lambda: lab.step("createSecret", version)):
        lab.step("createSecret", version)
    made = lab.password(PENDING)
    lab.step("createSecret", version)
    assert lab.password(PENDING) == made != FIRST_PASSWORD


@pytest.mark.parametrize("number", numbered(FINISH))
def test_two_attempts_at_the_last_step_both_end_well(lab: Lab, number: int) -> None:
    version = lab.start(token())
    for step in ("createSecret", "setSecret", "testSecret"):
        lab.step(step, version)
    with before_effect(number, lambda: lab.step("finishSecret", version)):
        lab.step("finishSecret", version)
    assert lab.version(CURRENT) == version
    assert lab.password(PREVIOUS) == FIRST_PASSWORD


@pytest.mark.parametrize("number", numbered(SET, but="SET LOCAL"))
def test_attempt_that_was_overtaken_by_a_whole_rotation_changes_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """An attempt stands still before an effect of setSecret; others end its rotation and make another; it goes on."""
    monkeypatch.setattr(database, "LOCK_TIMEOUT_SECONDS", 0.05)
    old, new = lab.start(token()), token()
    lab.step("createSecret", old)

    def overtake() -> None:
        lab.attempt(old)
        lab.attempt(lab.start(new))

    overtaken = False

    def try_to_overtake() -> None:
        nonlocal overtaken
        overtaken = succeeds(overtake)

    with before_effect(number, try_to_overtake):
        went_on = succeeds(lambda: lab.step("setSecret", old))

    assert went_on is not overtaken
    assert overtaken is (number <= SET.index("SELECT pg_advisory_xact_lock") + 1)
    assert lab.opens(lab.password(CURRENT)) or lab.opens(lab.password(PENDING))
    if not overtaken:
        overtake()
    assert lab.version(CURRENT) == new
    assert lab.opens(lab.password(CURRENT))


def test_attempt_that_stands_still_with_the_lock_loses_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    version = lab.start(token())
    lab.step("createSecret", version)
    monkeypatch.setattr(database, "IDLE_TIMEOUT_SECONDS", 1)

    def overtake() -> None:
        monkeypatch.setattr(database, "IDLE_TIMEOUT_SECONDS", 60)
        monkeypatch.setattr(database, "LOCK_TIMEOUT_SECONDS", 60)
        monkeypatch.setattr(endpoint, "RESPONSE_TIMEOUT_SECONDS", 120)
        lab.attempt(version)

    before_altering = before_effect(SET.index("ALTER ROLE CURRENT_USER") + 1, overtake)
    with before_altering, pytest.raises(RotationError, match="the password wasn't changed"):
        lab.step("setSecret", version)
    assert lab.version(CURRENT) == version
    assert lab.opens(lab.password(CURRENT))


def test_token_of_no_rotation_is_refused(lab: Lab) -> None:
    lab.rotate()
    lab.rotate()
    before = lab.stages()
    for version, step in itertools.product((lab.version(PREVIOUS) or "", token()), STEPS):
        with pytest.raises(RotationError, match="isn't AWSPENDING"):
            lab.step(step, version)
    assert lab.stages() == before
