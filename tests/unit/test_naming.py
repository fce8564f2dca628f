from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naming import KEY_ALIAS, Names, NamingError

NAMES = Names("castle", "eu-west-1", "123456789012")
# The longest names that settings let through, and the longest thing that the program names.
PLATFORMS = st.from_regex(r"[a-z][a-z0-9]{0,11}", fullmatch=True)
CELLS = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)


def test_a_bucket_is_named_after_platform_cell_thing_and_account() -> None:
    assert NAMES.bucket("web") == "castle-eu-west-1-web-123456789012"


def test_a_cluster_is_named_after_platform_cell_and_thing() -> None:
    assert NAMES.database("ledger") == "castle-eu-west-1-ledger"


def test_queues_topics_and_schedules_are_named_after_platform_cell_and_thing() -> None:
    assert NAMES.queue("orders.fifo") == "castle-eu-west-1-orders.fifo"
    assert NAMES.topic("trades") == "castle-eu-west-1-trades"
    assert NAMES.schedules("relay") == "castle-eu-west-1-relay"


def test_a_queue_with_another_dot_is_refused() -> None:
    with pytest.raises(NamingError, match=r"queue castle-eu-west-1-a\.b: allowed are letters"):
        NAMES.queue("a.b")


def test_images_and_the_boundary_are_named_alike_from_every_cell() -> None:
    assert NAMES.repository("trading-api") == "castle/trading-api"
    assert NAMES.boundary() == "castle-boundary"


def test_a_function_is_named_after_platform_cell_and_thing() -> None:
    assert NAMES.function("ledger-rotation") == "castle-eu-west-1-ledger-rotation"


def test_the_global_database_has_one_name_from_every_cell() -> None:
    assert NAMES.global_database("ledger") == Names("castle", "us-east-1", "1").global_database("ledger")


def test_a_key_alias_has_one_name_in_every_region() -> None:
    assert NAMES.key_alias("ledger-global") == "alias/castle-ledger-global"


def test_a_bucket_name_that_is_too_long_says_what_to_shorten() -> None:
    with pytest.raises(NamingError) as raised:
        NAMES.bucket("a" * 40)
    assert str(raised.value) == (
        f"bucket castle-eu-west-1-{'a' * 40}-123456789012: 70 characters, at most 63 are allowed; "
        "shorten castle:name or the cell's name"
    )


def test_a_letter_that_aws_refuses_is_refused() -> None:
    with pytest.raises(NamingError) as raised:
        NAMES.bucket("Web")
    assert str(raised.value) == (
        "bucket castle-eu-west-1-Web-123456789012: allowed are small letters, digits and hyphens"
    )


def test_a_cluster_name_has_no_double_hyphen() -> None:
    with pytest.raises(NamingError, match="allowed are small letters, digits and single hyphens"):
        NAMES.database("the--ledger")


def test_an_alias_of_aws_cant_be_taken() -> None:
    with pytest.raises(NamingError):
        KEY_ALIAS.check("alias/aws/s3")


@given(PLATFORMS, CELLS)
def test_whatever_settings_allow_has_a_name_that_s3_takes(platform: str, cell: str) -> None:
    bucket = Names(platform, cell, "123456789012").bucket("logs")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", bucket)


@given(PLATFORMS, CELLS)
def test_whatever_settings_allow_has_a_name_that_rds_takes(platform: str, cell: str) -> None:
    names = Names(platform, cell, "123456789012")
    for identifier in (names.database("ledger"), names.global_database("ledger")):
        assert re.fullmatch(r"[a-z](-?[a-z0-9]){0,62}", identifier)
