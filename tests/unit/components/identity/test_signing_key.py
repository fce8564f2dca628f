from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from components.identity.signing_key import Generation, SigningKey, SigningKeyArgs
from components.identity.signing_policy import signing_key_policy
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

DEPLOYER = "arn:aws:iam::123456789012:role/castle-deployer"
REGIONS = ("us-east-1", "eu-west-1", "us-west-2")


def form(generations: Sequence[Generation], signs: str, retire: bool = False) -> SigningKeyArgs:
    return SigningKeyArgs(
        alias="alias/castle-tokens",
        generations=generations,
        signing_generation=signs,
        account="123456789012",
        deployer=DEPLOYER,
        signers=["castle-*-accounts"],
        region=REGIONS[0],
        replicas=REGIONS[1:],
        retire=retire,
    )


def made_of(args: SigningKeyArgs) -> tuple[Run, SigningKey]:
    made: list[SigningKey] = []
    return run(lambda: made.append(SigningKey("tokens", args))), made[0]


@pytest.fixture(scope="module")
def one() -> Run:
    return made_of(form([Generation(name="a")], "a"))[0]


@pytest.fixture(scope="module")
def moving() -> tuple[Run, SigningKey]:
    return made_of(
        form([Generation(name="a", leaving=True), Generation(name="b"), Generation(name="c")], "c")
    )


def test_the_key_signs_by_rsa_in_every_region(one: Run) -> None:
    (key,) = one.of("Key")
    spec = {name: key.inputs[name] for name in ("region", "multiRegion", "keyUsage", "customerMasterKeySpec")}
    assert spec == {
        "region": "us-east-1",
        "multiRegion": True,
        "keyUsage": "SIGN_VERIFY",
        "customerMasterKeySpec": "RSA_3072",
    }
    primary = {each.inputs["region"]: each.inputs["primaryKeyArn"] for each in one.of("ReplicaKey")}
    assert primary == dict.fromkeys(REGIONS[1:], "arn:aws:kms:us-east-1:123456789012:key/mrk-1")


def test_aws_isnt_asked_to_rotate_what_it_cant(one: Run) -> None:
    assert "enableKeyRotation" not in one.of("Key")[0].inputs


def test_both_aliases_are_in_every_region_for_its_own_key(one: Run) -> None:
    aliases = {
        (each.inputs["name"], each.inputs["region"]): each.inputs["targetKeyId"] for each in one.of("Alias")
    }
    assert set(aliases) == {
        (name, region) for name in ("alias/castle-tokens", "alias/castle-tokens-a") for region in REGIONS
    }
    assert all(f":{region}:" in arn for (_, region), arn in aliases.items())


def test_a_key_that_signs_is_protected_and_its_deletion_can_be_taken_back(one: Run) -> None:
    assert one.one("tokens-a", "Key").protect
    assert {each.inputs["deletionWindowInDays"] for each in one.of("Key") + one.of("ReplicaKey")} == {30}


def test_retiring_lifts_the_protection() -> None:
    assert not made_of(form([Generation(name="a")], "a", retire=True))[0].one("tokens-a", "Key").protect


def test_only_a_leaving_generation_can_go(moving: tuple[Run, SigningKey]) -> None:
    assert {each.name: each.protect for each in moving[0].of("Key")} == {
        "tokens-a": False,
        "tokens-b": True,
        "tokens-c": True,
    }


def test_tokens_of_a_leaving_generation_are_no_longer_good(moving: tuple[Run, SigningKey]) -> None:
    assert moving[1].aliases == ("alias/castle-tokens-b", "alias/castle-tokens-c")


def test_logical_names_dont_say_who_signs(one: Run, moving: tuple[Run, SigningKey]) -> None:
    """Or another generation's turn would replace the alias by which all sign, and there would be none for a while."""
    signing = {each.name for each in one.of("Alias") if each.inputs["name"] == "alias/castle-tokens"}
    assert signing == {
        each.name for each in moving[0].of("Alias") if each.inputs["name"] == "alias/castle-tokens"
    }


@pytest.mark.parametrize("signs", ["a", "d"])
def test_what_signs_must_be_there_to_stay(signs: str) -> None:
    with pytest.raises(ValueError, match=f"{signs} signs, but is no generation or is leaving; name one of b"):
        form([Generation(name="a", leaving=True), Generation(name="b")], signs)


POLICY: Mapping[str, Mapping[str, Any]] = statements(
    signing_key_policy(account="123456789012", deployer=DEPLOYER, signers=["castle-*-accounts"])
)


def test_every_keys_policy_is_the_same(one: Run) -> None:
    documents = {each.inputs["policy"] for each in one.of("Key") + one.of("ReplicaKey")}
    assert [statements(json.loads(document)) for document in documents] == [POLICY]


def test_only_the_signers_sign_and_only_by_the_one_algorithm() -> None:
    assert [sid for sid, each in POLICY.items() if "kms:Sign" in actions(each)] == ["Sign"]
    assert POLICY["Sign"]["Condition"] == {
        "StringEquals": {
            "kms:CallerAccount": "123456789012",
            "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256",
        },
        "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/castle-*-accounts"]},
    }


def test_anybody_of_the_account_may_verify_and_nobody_else() -> None:
    assert actions(POLICY["Verify"]) == ["kms:DescribeKey", "kms:GetPublicKey", "kms:Verify"]
    assert POLICY["Verify"]["Condition"] == {"StringEquals": {"kms:CallerAccount": "123456789012"}}


def test_no_principal_is_a_wildcard() -> None:
    assert {each["Principal"]["AWS"] for each in POLICY.values()} == {"arn:aws:iam::123456789012:root"}
