"""Rights of a role: what its own policies allow, and what denies it in spite of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rehearsal.cloud.access.role_documents import boundary_of, document_of, has_policy_of_aws, own_policies
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import ACCOUNT, attributes
from rehearsal.iam.documents import Principal, statements
from rehearsal.iam.evaluation import Decision, Request, decide


def missing_right(
    inventory: Inventory, role: CloudResource, request: Request, by: Sequence[str] = ()
) -> str | None:
    """Words on a policy that a role lacks for a request; None if it lacks none.

    `by` are names of AWS's own policies, of which each allows it.
    """
    own = [one for document in own_policies(inventory, role) for one in statements(document)]
    if decide(request, own)[0] is not Decision.NOT_ALLOWED:
        return None
    if any(has_policy_of_aws(inventory, role, name) for name in by):
        return None
    return "none of its policies allows it" + (f" (nor has it {' or '.join(by)})" if by else "")


def denial(inventory: Inventory, role: CloudResource, request: Request) -> str | None:
    """Words on what keeps a role from a request, whatever its own policies allow; None if nothing does."""
    own = [one for document in own_policies(inventory, role) for one in statements(document)]
    decision, name = decide(request, own)
    if decision is Decision.DENIED:
        return f"{name} of its policies denies it"
    boundary = boundary_of(inventory, role)
    if boundary is not None:
        decision, name = decide(request, boundary)
        if decision is Decision.DENIED:
            return f"{name} of its boundary denies it"
        if decision is Decision.NOT_ALLOWED:
            return "its boundary doesn't allow it"
    return _key_refusal(inventory, role, request)


def _key_refusal(inventory: Inventory, role: CloudResource, request: Request) -> str | None:
    """Words on what in a key's own policy keeps a role from a request for it; None if nothing does.

    Without the policy's word no role's own policy counts:
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    key = inventory.resolve("key*", request.resource, "") if request.action.startswith("kms:") else None
    if key is None:
        return None
    asking = (str(attributes(role)["arn"]), f"arn:aws:iam::{ACCOUNT}:root")
    named = replace(request, principals=frozenset(Principal("AWS", name) for name in asking))
    decision, name = decide(named, statements(document_of(key, "policy")))
    if decision is Decision.DENIED:
        return f"{name} of the key's policy denies it"
    return None if decision is Decision.ALLOWED else "the key's policy doesn't allow it"
