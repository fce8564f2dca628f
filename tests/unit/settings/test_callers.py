"""Partners and token keys: the callers of the API, their quotas, and the keys that sign their tokens."""

from __future__ import annotations

import pytest

from tests.unit.settings.given import cell, refusal, sizes

BROKER = {"name": "broker", "rate": 50, "burst": 100, "daily": 1000}


def test_a_partner_twice() -> None:
    assert refusal(partners=[BROKER, BROKER]) == (
        "castle:partners[1].name: broker is listed twice; delete one of the two"
    )


def test_a_partner_that_may_call_nothing() -> None:
    assert refusal(partners=[BROKER | {"rate": 0}]) == (
        "castle:partners[0].rate: 0 is not requests a second, a whole number from 1 to 10000; write for example 50"
    )


def test_no_partners_at_all() -> None:
    assert cell(partners=[]).platform.partners == ()


def test_a_key_of_tokens_twice() -> None:
    assert refusal(tokenKeys=[{"name": "first"}, {"name": "first"}]) == (
        "castle:tokenKeys[1].name: first is listed twice; delete one of the two"
    )


@pytest.mark.parametrize("signer", ["second", "old"])
def test_a_signer_that_is_no_key_or_leaves(signer: str) -> None:
    keys = [{"name": "first"}, {"name": "old", "leaving": True}]
    assert refusal(tokenKeys=keys, tokenSigner=signer) == (
        f"castle:tokenSigner: {signer} is no key of castle:tokenKeys that stays; write one of first"
    )


def test_a_cache_of_a_size_that_aws_hasnt() -> None:
    assert refusal(sizes=sizes(api={"cacheGb": "1"})) == (
        "castle:sizes.api.cacheGb: 1 is not one of none, 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237 in quotes; "
        "write for example 0.5"
    )


def test_an_api_without_a_cache() -> None:
    assert cell(sizes=sizes(api={"cacheGb": "none"})).sizes.api.cache_gb == "none"


def test_more_at_once_than_an_account_has() -> None:
    assert refusal(sizes=sizes(api={"burst": 5001})) == (
        "castle:sizes.api.burst: 5001 is not a whole number from 1 to 5000; write for example 5000"
    )


def test_the_edge_opens_no_sockets() -> None:
    assert refusal("global", sizes={"waf": {"handshakes": 300}}).startswith(
        "castle:sizes.waf.handshakes: unknown key"
    )
