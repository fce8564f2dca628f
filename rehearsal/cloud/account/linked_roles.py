"""Service-linked roles: an account has each once its service, a program or a person has made it.

Most services make theirs with the first resource that needs it, by the right of who calls; a few make none, and
refuse. `linked_roles.yaml` has the types. The roles' names are in `types.yaml`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rehearsal.cloud.access.role_rights import denial, missing_right
from rehearsal.cloud.access.role_uses import is_asked
from rehearsal.cloud.account.caller import Caller
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.cloud.types.formats import ACCOUNT, Scope
from rehearsal.cloud.types.type_table import load_yaml
from rehearsal.iam.evaluation import Request

LINKED_ROLE: Final = "aws:iam/serviceLinkedRole:ServiceLinkedRole"
_CREATE: Final = "iam:CreateServiceLinkedRole"
# AWS's own policies that allow it.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/PowerUserAccess.html
_ALLOW_IT: Final = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")


@dataclass(frozen=True, kw_only=True)
class LinkedRoleUse:
    """Need of a type for the role of a service."""

    service: str
    given: str = ""  # an input without which it isn't needed
    matching: Mapping[str, str] = field(default_factory=dict)  # input: pattern, without which it isn't needed
    made: bool = True  # whether the service makes it
    optional: bool = False  # whether the service goes on where the caller may not make it
    code: str = "AccessDenied"
    say: str = ""  # AWS's words where it can't be had; IAM's own if there are none
    source: str  # the page


@functools.cache
def linked_role_uses() -> dict[str, tuple[LinkedRoleUse, ...]]:
    """Needs for service-linked roles, by type."""
    written = load_yaml(Path(__file__).with_name("linked_roles.yaml"))
    return {token: tuple(LinkedRoleUse(**one) for one in uses) for token, uses in written.items()}


def missing_linked_roles(inventory: Inventory, type_: str, scope: Scope, caller: Caller) -> Iterator[str]:
    """Services that make their role now, since it isn't there and a resource needs it.

    Raises RefusedError where nobody makes it, or the caller may not.
    """
    for use in linked_role_uses().get(type_, ()):
        if not is_asked(use.given, use.matching, scope) or has_linked_role(inventory, use.service):
            continue
        why = _hindrance(inventory, use, caller)
        if why is None:
            yield use.service
        elif not use.optional:
            raise RefusedError(use.code, f"{use.say} ({why})" if use.say else why)


def has_linked_role(inventory: Inventory, service: str) -> bool:
    """Returns whether an account has the role of a service, whatever it was made for."""
    place = f":role/aws-service-role/{service}/"
    return any(place in one.id for one in inventory.of_type(LINKED_ROLE))


def _hindrance(inventory: Inventory, use: LinkedRoleUse, caller: Caller) -> str | None:
    """Words on why a service can't have its role; None if it makes it."""
    if not use.made:
        return (
            f"nobody has made the service-linked role of {use.service}, and the service doesn't: "
            f"aws iam create-service-linked-role --aws-service-name {use.service}"
        )
    if caller.role is None:
        return None
    resource = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{use.service}/x"
    request = Request(_CREATE, resource, {"iam:awsservicename": (use.service,)})
    lacks = missing_right(inventory, caller.role, request, _ALLOW_IT)
    why = denial(inventory, caller.role, request) or lacks
    place = resource.removesuffix("x") + "*"
    return why and f"User: {caller.arn} is not authorized to perform: {_CREATE} on resource: {place}: {why}"
