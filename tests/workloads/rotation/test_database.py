from __future__ import annotations

import pytest

from tests.workloads.rotation.lab import Lab
from workloads.rotation.database import scram_verifier


@pytest.mark.parametrize("password", ["simple", 'it\'s; -- "odd"', "пароль", "x" * 200])
def test_server_takes_a_verifier_for_the_password(lab: Lab, password: str) -> None:
    lab.set_password(password)
    assert lab.opens(password)
    assert not lab.opens(password + "x")


def test_verifiers_of_one_password_differ_by_their_salt() -> None:
    assert scram_verifier("same") != scram_verifier("same")
