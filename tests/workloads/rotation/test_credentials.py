from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.rotation.credentials import PASSWORD_LENGTH, Credentials, RotationError, new_password

RIGHT: dict[str, object] = {
    "engine": "aurora-postgresql",
    "host": "castle.global-x.global.rds.amazonaws.com",
    "port": 5432,
    "dbname": "trading",
    "username": "platform_admin",
    "password": "Secret",
}
texts = st.text(min_size=1)


def parse(fields: object) -> Credentials:
    return Credentials.parse(json.dumps(fields), "the secret, AWSCURRENT")


@given(fields=st.fixed_dictionaries(dict.fromkeys(("host", "dbname", "username", "password", "note"), texts)))
def test_text_of_a_login_says_what_it_was_parsed_from(fields: dict[str, str]) -> None:
    assert json.loads(parse({**RIGHT, **fields}).to_json()) == {**RIGHT, **fields}


def test_port_may_be_written_as_text() -> None:
    assert parse({**RIGHT, "port": "5432"}) == parse(RIGHT)


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_login_that_lacks_something_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(
        RotationError, match=f"the secret, AWSCURRENT: missing or wrong: {name}.*; write an object"
    ):
        parse({key: value for key, value in RIGHT.items() if key != name})


@pytest.mark.parametrize(
    "wrong", [{"port": -1}, {"port": 5432.5}, {"host": ""}, {"password": 7}, {"engine": "mysql"}]
)
def test_wrong_value_is_refused_by_its_name(wrong: dict[str, object]) -> None:
    (name,) = wrong
    with pytest.raises(RotationError, match=f"missing or wrong: {name}"):
        parse({**RIGHT, **wrong})


@pytest.mark.parametrize("text", ["Secret", '["Secret"]', '{"password": "Secret"', ""])
def test_text_that_is_no_login_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(RotationError, match=r"not JSON|not an object") as refusal:
        Credentials.parse(text, "the secret")
    assert "Secret" not in str(refusal.value)


def test_repr_shows_no_password() -> None:
    login = parse({**RIGHT, "another": "Secret"})
    assert "Secret" not in repr(login)
    assert "platform_admin" in repr(login)


def test_passwords_are_long_unlike_and_need_no_quoting() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(
        re.fullmatch(r"[A-Za-z0-9]+", password) and len(password) == PASSWORD_LENGTH for password in made
    )
    assert set("".join(made)) == set(string.ascii_letters + string.digits)
