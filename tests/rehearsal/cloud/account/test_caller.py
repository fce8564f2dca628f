"""Caller: who runs the program is somebody, and assumes only roles that trust him."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import UNKNOWN, Secret, Values
from tests.rehearsal.cloud.cloud_driver import (
    ACCOUNT,
    ANYTHING,
    NORTH,
    ROLE,
    ROLE_POLICY,
    VPC,
    CloudDriver,
    refused,
)

IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/castle-deployer"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/castle-deployer/rehearsal"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ATTACHED = "castle-deployer/arn:aws:iam::aws:policy/AdministratorAccess"


def trusting(driver: CloudDriver, name: str, *names: str, **more: Any) -> str:
    """ARN of a role that principals may assume."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(names)}, **more}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return driver.make(ROLE, name, {"name": name, "assumeRolePolicy": trust}).arn


def through(*roles: str, **more: str) -> Values:
    return {**NORTH, "assumeRoles": json.dumps([{"roleArn": role, **more} for role in roles])}


def make(driver: CloudDriver, provider: Values) -> str:
    return driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, provider).id


def test_a_role_that_trusts_the_deployer_is_assumed_and_answers_as_itself(driver: CloudDriver) -> None:
    provider = through(trusting(driver, "builder", DEPLOYER), sessionName="build")
    assert make(driver, provider)
    caller = driver.cloud.invoke(IDENTITY, {}, provider)
    assert caller["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/builder/build"


@pytest.mark.parametrize("names", [[SESSION], ["*"], [ROOT], [ACCOUNT]])
def test_a_session_everybody_and_the_account_stand_for_the_deployer(
    driver: CloudDriver, names: Sequence[str]
) -> None:
    assert make(driver, through(trusting(driver, "builder", *names)))


def test_a_role_that_trusts_somebody_else_is_not_assumed(driver: CloudDriver) -> None:
    role = trusting(driver, "builder", f"arn:aws:iam::{ACCOUNT}:role/people")
    for provider in (through(role), {**through(role), "assumeRoles": [{"roleArn": Secret(role)}]}):
        error = refused(driver, VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, provider)
        assert (error.code, error.message) == (
            "AccessDenied",
            f"User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {role}: "
            "the trust policy of builder doesn't allow it to castle-deployer",
        )


def test_neither_a_preview_nor_a_read_nor_a_function_goes_through_it(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    provider = through(f"arn:aws:iam::{ACCOUNT}:role/nobody")
    target = driver.target(VPC, "vpc", provider)
    for verb in (
        lambda: driver.preview(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, provider),
        lambda: driver.cloud.read(target, made.id, made.inputs, made.outputs),
        lambda: driver.cloud.delete(target, made.id, made.inputs, made.outputs),
        lambda: driver.cloud.invoke(IDENTITY, {}, provider),
    ):
        with pytest.raises(RefusedError, match="there is no such role"):
            verb()


def test_a_role_that_is_not_known_yet_is_not_asked_for(driver: CloudDriver) -> None:
    for unknown in (UNKNOWN, [{"roleArn": UNKNOWN}]):
        assert driver.preview(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, {**NORTH, "assumeRoles": unknown})


def test_the_account_in_a_trust_policy_leaves_it_to_the_callers_own_rights(driver: CloudDriver) -> None:
    for key in [key for key in driver.resources if key.endswith(ATTACHED)]:
        del driver.resources[key]
    role = trusting(driver, "builder", ROOT)
    error = refused(driver, VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, through(role))
    assert "none of its policies allows it" in error.message
    driver.make(ROLE_POLICY, "rights", {"role": "castle-deployer", "policy": ANYTHING})
    assert make(driver, through(role))


def test_a_denial_counts_though_the_role_trusts_the_caller(driver: CloudDriver) -> None:
    role = trusting(driver, "builder", DEPLOYER)
    denied = {"Sid": "NeverThat", "Effect": "Deny", "Action": "sts:*", "Resource": role}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    driver.make(ROLE_POLICY, "rights", {"role": "castle-deployer", "policy": policy})
    error = refused(driver, VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, through(role))
    assert error.message.endswith("NeverThat of its policies denies it")


def test_an_external_id_is_asked_for(driver: CloudDriver) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "words"}}
    role = trusting(driver, "builder", DEPLOYER, Condition=condition)
    with pytest.raises(RefusedError, match="doesn't allow it"):
        make(driver, through(role))
    assert make(driver, through(role, externalId="words"))


def test_roles_are_assumed_in_turn(driver: CloudDriver) -> None:
    first = trusting(driver, "first", DEPLOYER)
    second = trusting(driver, "second", first)
    assert driver.cloud.invoke(IDENTITY, {}, through(first, second))["arn"].endswith(
        "assumed-role/second/pulumi"
    )
    with pytest.raises(RefusedError, match=f"User: {SESSION} is not authorized"):
        make(driver, through(second))


def test_of_a_role_of_another_account_nothing_is_known(driver: CloudDriver) -> None:
    caller = driver.cloud.invoke(IDENTITY, {}, through("arn:aws:iam::210987654321:role/theirs"))
    assert caller["accountId"] == "210987654321"


# ---- kubeconfigs


NAMESPACE = "kubernetes:core/v1:Namespace"


def kubeconfig(*arguments: str) -> Values:
    call = {"command": "aws", "args": ["--region", "us-east-1", "eks", "get-token", *arguments]}
    return {"kubeconfig": json.dumps({"users": [{"name": "aws", "user": {"exec": call}}]})}


def trading(driver: CloudDriver, provider: Values) -> str:
    return driver.make(NAMESPACE, "trading", {"metadata": {"name": "trading"}}, provider).id


@pytest.mark.parametrize("option", ["--role", "--role-arn"])
def test_a_deployer_does_not_become_what_it_already_is(driver: CloudDriver, option: str) -> None:
    with pytest.raises(RefusedError) as caught:
        trading(driver, kubeconfig("--cluster-name", "other", option, DEPLOYER))
    assert str(caught.value).startswith(
        f"AccessDenied: User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {DEPLOYER}: "
    )


def test_a_kubeconfig_that_assumes_a_role_which_trusts_the_deployer_is_of_use(driver: CloudDriver) -> None:
    assert trading(driver, kubeconfig("--role", trusting(driver, "builder", DEPLOYER))) == "trading"


@pytest.mark.parametrize("text", ["", "{}", "[1]", "users: [{name: it}]", "{not yaml", "users:"])
def test_one_that_assumes_none_or_is_none_asks_for_nothing(driver: CloudDriver, text: str) -> None:
    assert trading(driver, {"kubeconfig": text}) == "trading"


def test_an_option_without_its_value_asks_for_nothing(driver: CloudDriver) -> None:
    assert trading(driver, kubeconfig("--role")) == "trading"
