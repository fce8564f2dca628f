"""Documents that decide on what a role may do, as they lie in the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import attributes, value_at
from rehearsal.iam.documents import Statement, statements

_OF_AWS: Final = "arn:aws:iam::aws:policy/"


def role_named(inventory: Inventory, name: Any) -> CloudResource | None:
    return inventory.resolve("role", name, "") if isinstance(name, str) and name else None


def own_policies(inventory: Inventory, role: CloudResource) -> Iterator[str]:
    """Documents of a role's own policies and of the account's policies that are attached to it."""
    for one in inventory.of_type("aws:iam/rolePolicy:RolePolicy"):
        if one.inputs.get("role") in (role.id, attributes(role)["arn"]):
            yield document_of(one, "policy")
    for arn in _attachments(inventory, role):
        policy = inventory.resolve("iamPolicy", arn, "")
        if policy is not None:
            yield document_of(policy, "policy")


def has_policy_of_aws(inventory: Inventory, role: CloudResource, name: str) -> bool:
    """Returns whether a role has one of AWS's own policies, whose words aren't known here."""
    return any(
        arn.startswith(_OF_AWS) and arn.rpartition("/")[2] == name for arn in _attachments(inventory, role)
    )


def _attachments(inventory: Inventory, role: CloudResource) -> Iterator[str]:
    for one in inventory.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        attached = attributes(one)
        if attached.get("role") in (role.id, attributes(role)["arn"]):
            yield str(attached["policyArn"])
    managed = role.inputs.get("managedPolicyArns")
    yield from map(str, managed if isinstance(managed, list) else ())


def boundary_of(inventory: Inventory, role: CloudResource) -> tuple[Statement, ...] | None:
    policy = inventory.resolve("iamPolicy", str(role.inputs.get("permissionsBoundary") or ""), "")
    return None if policy is None else statements(document_of(policy, "policy"))


def document_of(resource: CloudResource, name: str) -> str:
    return str(value_at(attributes(resource), name))
