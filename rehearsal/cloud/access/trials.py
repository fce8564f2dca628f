"""Trials of roles: what a service will do with a role that it is given, evaluated when it is given.

`roles.yaml` has a line for each such input: who takes the role, with which condition keys, and what is asked with it.
AWS tries a part of this itself and refuses; the rest would fail later, and is refused here as soon as no policy
that may still come would help. `unfit_roles` says what is wrong once everything is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rehearsal.cloud.access.role_documents import boundary_of, document_of, role_named
from rehearsal.cloud.access.role_rights import denial, missing_right
from rehearsal.cloud.access.role_uses import RoleUse, Trial, is_asked, role_uses
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.cloud.types.formats import ACCOUNT, Format, Scope, attributes, fill, values_at
from rehearsal.iam.documents import Principal, statements
from rehearsal.iam.evaluation import Decision, Request, decide
from rehearsal.iam.patterns import matches
from rehearsal.judges.statements import by_hand

_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"


def roles_must_do(inventory: Inventory, type_: str, scope: Scope) -> None:
    """Raises RefusedError for a role that the service can't take, or that may not do what it is for.

    Policies may come after a role is given: that none allows what AWS will do only later isn't refused yet.
    """
    for use, refusal in _refusals(inventory, type_, scope):
        if refusal.now:
            raise RefusedError(use.code, refusal.message)


def unfit_roles(inventory: Inventory, type_: str, scope: Scope) -> Iterator[str]:
    """Words on what services can't do, now or later, with the roles that a resource gives them."""
    return (refusal.message for _, refusal in _refusals(inventory, type_, scope))


@dataclass(frozen=True)
class _Refusal:
    message: str
    now: bool  # whether no policy that may still come would help


def _refusals(inventory: Inventory, type_: str, scope: Scope) -> Iterator[tuple[RoleUse, _Refusal]]:
    for use in role_uses().get(type_, ()):
        role = role_named(inventory, fill(f"{{{use.role}}}", scope))
        if role is None:
            continue
        if (distrust := _distrust(role, use, scope)) is not None:
            yield use, _Refusal(distrust, now=True)
            continue
        for trial in use.tried:
            for made in _made(trial, scope):
                yield from ((use, one) for one in _tried(inventory, role, use, trial, made))


def sign_ins_must_pass(inventory: Inventory, type_: str, scope: Scope) -> None:
    """Raises RefusedError for a policy that lets its role sign in where the role's boundary doesn't.

    A sign-in on the data plane lacks most global condition keys: a boundary that asks for one never allows it.
    """
    role = role_named(inventory, scope.values.get("role")) if type_ == _ROLE_POLICY else None
    boundary = None if role is None else boundary_of(inventory, role)
    if role is None or boundary is None:
        return
    for request in _sign_ins(str(scope.values.get("policy", ""))):
        decision, name = decide(request, boundary)
        if decision is not Decision.ALLOWED:
            why = f"{name} of its boundary denies it" if name else "its boundary doesn't allow it"
            source = by_hand()["sign_ins"][request.action]["source"]
            raise RefusedError(
                "AccessDenied",
                f"{role.id} could never {request.action} on {request.resource}: {why}. A sign-in carries few "
                f"condition keys: {source}",
            )


def _sign_ins(document: str) -> Iterator[Request]:
    """Requests for the sign-ins that a document allows by their name, and not along with everything."""
    for statement in statements(document):
        named = [it for it in statement.actions or () if it != "*"] if statement.allows else []
        for action in by_hand()["sign_ins"]:
            if any(matches(it, action, case=False) for it in named):
                yield from (Request(action, it.replace("*", "x")) for it in statement.resources or ())


def _distrust(role: CloudResource, use: RoleUse, scope: Scope) -> str | None:
    trust = statements(document_of(role, "assumeRolePolicy"))
    service = frozenset({Principal("Service", use.service)})
    for action in use.takes:
        decision, _ = decide(Request(action, "*", _keys(use.keys, scope), service), trust)
        if decision is not Decision.ALLOWED:
            keys = f" with {', '.join(use.keys)}" if use.keys else ""
            return f"{use.untrusted}: the trust policy of {role.id} doesn't allow {action} to {use.service}{keys}"
    return None


def _made(trial: Trial, scope: Scope) -> Iterator[Scope]:
    """Scopes in which a trial is made: none, one, or one for each item."""
    if not is_asked(trial.given, trial.matching, scope):
        return
    if trial.each:
        yield from (scope.with_item(item) for _, item in values_at(scope.values, trial.each))
    else:
        yield scope


def _tried(
    inventory: Inventory, role: CloudResource, use: RoleUse, trial: Trial, scope: Scope
) -> Iterator[_Refusal]:
    resource = fill(trial.where, scope)
    if not isinstance(resource, str):
        return  # what isn't there, such as the key of a rule without one
    keys = {
        "aws:requestedregion": (scope.region or "us-east-1",),
        "aws:principalarn": (str(attributes(role)["arn"]),),
        "aws:principalaccount": (ACCOUNT,),
        "aws:securetransport": ("true",),
        "kms:calleraccount": (ACCOUNT,),
        **_keys(trial.keys, scope),
    }
    for action in trial.actions:
        request = Request(action, resource, keys)
        missing = missing_right(inventory, role, request, trial.by)
        for why in (denial(inventory, role, request), missing):
            if why is not None:
                yield _Refusal(
                    f"The provided role does not have permissions to call {action.partition(':')[2]}: {use.service} "
                    f"tries {action} on {resource} with {role.id}, and {why}",
                    now=trial.now or why is not missing,
                )


def _keys(forms: Mapping[str, Format], scope: Scope) -> dict[str, tuple[str, ...]]:
    found = {name.lower(): fill(form, scope) for name, form in forms.items()}
    return {name: (str(value),) for name, value in found.items() if value is not None}
