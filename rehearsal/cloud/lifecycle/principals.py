"""Principals of a resource policy that this account doesn't have.

AWS refuses such a policy where it is attached:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rehearsal.cloud.inventory import Inventory, of_other_account
from rehearsal.cloud.types.formats import ACCOUNT
from rehearsal.cloud.types.syntax import document
from rehearsal.values import Value

_ANYBODY = re.compile(rf"\*|\d{{12}}|arn:aws:iam::{ACCOUNT}:root")
_SESSION = re.compile(r"arn:aws:sts::\d{12}:assumed-role/([^/]+)/.+")


def missing_principals(policy: Value, inventory: Inventory) -> Iterator[str]:
    """Users and roles that a policy names and that don't exist.

    Services, accounts and everybody are always there; of what another account has nothing is known.
    """
    for name in _named(document(policy)):
        if not _ANYBODY.fullmatch(name) and not of_other_account(name) and not _exists(name, inventory):
            yield name


def _exists(name: str, inventory: Inventory) -> bool:
    session = _SESSION.fullmatch(name)
    return (
        inventory.resolve("role" if session else "role|user|linkedRole", session[1] if session else name, "")
        is not None
    )


def _named(found: Any) -> Iterator[str]:
    """Principals of the kind `AWS` in all statements."""
    statements = found.get("Statement") if isinstance(found, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            continue
        for element in ("Principal", "NotPrincipal"):
            principal = statement.get(element)
            named = principal.get("AWS") if isinstance(principal, dict) else None
            yield from (
                one for one in (named if isinstance(named, list) else [named]) if isinstance(one, str)
            )
