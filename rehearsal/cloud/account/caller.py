"""Caller: the role that runs the program, and those that a provider or a kubeconfig has it assume.

Each assumption is tried as STS does, by the trust policy of the role and the caller's own rights.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import yaml

from rehearsal.cloud import baseline
from rehearsal.cloud.access.role_documents import document_of, role_named
from rehearsal.cloud.access.role_rights import denial, missing_right
from rehearsal.cloud.inventory import Inventory, of_other_account
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError, provider_setting
from rehearsal.cloud.types.formats import ACCOUNT, attributes
from rehearsal.iam.documents import Principal, statements
from rehearsal.iam.evaluation import Decision, Request, decide
from rehearsal.values import Values, reveal, reveal_top

_ASSUME: Final = "sts:AssumeRole"
# AWS's own policies that allow it. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/PowerUserAccess.html
_ALLOW_IT: Final = ("AdministratorAccess", "PowerUserAccess")
_ROLE_OPTIONS: Final = ("--role", "--role-arn", "-r")  # of `aws eks get-token`, and of aws-iam-authenticator


@dataclass(frozen=True)
class Caller:
    """Session of a role. Of one of another account nothing but its name is known."""

    role: CloudResource | None
    name: str
    session: str
    account: str = ACCOUNT

    @property
    def arn(self) -> str:
        return f"arn:aws:sts::{self.account}:assumed-role/{self.name}/{self.session}"


@dataclass(frozen=True)
class Assumption:
    """Role that is to be assumed, with what the request carries."""

    role: str  # ARN
    session: str = "rehearsal"
    external_id: str = ""


def caller_of(inventory: Inventory, provider: Values) -> Caller:
    """Caller behind a provider: the account's, or the last of the roles that the provider assumes in turn.

    Raises RefusedError for a role that can't be assumed.
    """
    caller = _first(inventory)
    for assumption in _of_provider(provider):
        caller = _assumed(inventory, caller, assumption)
    return caller


def kubeconfig_must_be_usable(inventory: Inventory, provider: Values) -> None:
    """Raises RefusedError if a kubeconfig assumes a role that the caller can't."""
    text = reveal_top(provider.get("kubeconfig"))
    for role in _of_kubeconfig(text) if isinstance(text, str) else ():
        _assumed(inventory, _first(inventory), Assumption(role))


def _first(inventory: Inventory) -> Caller:
    name = baseline.caller()
    return Caller(role_named(inventory, name), name, "rehearsal")


def _of_provider(provider: Values) -> Iterator[Assumption]:
    listed = reveal(provider_setting(provider, "assumeRoles"))
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(role := one.get("roleArn"), str):
            session = one.get("sessionName") or "pulumi"
            yield Assumption(role, str(session), str(one.get("externalId") or ""))


@lru_cache(maxsize=64)
def _of_kubeconfig(text: str) -> tuple[str, ...]:
    """Roles that the users of a kubeconfig assume."""
    try:
        found = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return ()
    users = found.get("users") if isinstance(found, dict) else None
    return tuple(
        arguments[at + 1]
        for user in users or ()
        if (arguments := _arguments(user))
        for at, option in enumerate(arguments[:-1])
        if option in _ROLE_OPTIONS
    )


def _arguments(user: Any) -> Sequence[str]:
    return ((user.get("user") or {}).get("exec") or {}).get("args") or ()


def _assumed(inventory: Inventory, caller: Caller, assumption: Assumption) -> Caller:
    name = assumption.role.rpartition("/")[2]
    if of_other_account(assumption.role):
        return Caller(None, name, assumption.session, assumption.role.split(":")[4])
    role = role_named(inventory, assumption.role)
    why = "there is no such role" if role is None else _refusal(inventory, caller, role, assumption)
    if why is not None:
        raise RefusedError(
            "AccessDenied",
            f"User: {caller.arn} is not authorized to perform: {_ASSUME} on resource: {assumption.role}: {why}",
        )
    return Caller(role, name, assumption.session)


def _refusal(inventory: Inventory, caller: Caller, role: CloudResource, assumption: Assumption) -> str | None:
    """Words on what keeps a caller from a role; None if nothing does."""
    if caller.role is None:
        return None
    asking = str(attributes(caller.role)["arn"])
    keys = {"aws:principalarn": (asking,), "aws:principalaccount": (ACCOUNT,)}
    keys["sts:rolesessionname"] = (assumption.session,)
    if assumption.external_id:
        keys["sts:externalid"] = (assumption.external_id,)
    own = Request(_ASSUME, assumption.role, keys)
    trust = statements(document_of(role, "assumeRolePolicy"))
    # A trust policy that names the caller is enough; one that names the account leaves it to the caller's policies.
    # No role trusts itself by being what it is:
    # https://aws.amazon.com/blogs/security/announcing-an-update-to-iam-role-trust-policy-behavior/
    for names in ((asking, caller.arn), (asking, caller.arn, f"arn:aws:iam::{ACCOUNT}:root")):
        principals = frozenset(Principal("AWS", one) for one in names)
        decision, statement = decide(Request(_ASSUME, "*", keys, principals), trust)
        if decision is Decision.DENIED:
            return f"{statement} of its trust policy denies it"
        if decision is Decision.ALLOWED:
            lacks = None if len(names) == 2 else missing_right(inventory, caller.role, own, _ALLOW_IT)
            return lacks or denial(inventory, caller.role, own)
    return f"the trust policy of {role.id} doesn't allow it to {caller.role.id}"
