"""Evaluation of a request by the documents that decide on it: a deny first, then all that must allow it.

Simpler than AWS's, and stricter where it matters here: a request on `*`, as services make them to try a role, is
allowed by the pattern `*` alone, and a key that the request doesn't carry matches nothing.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from rehearsal.iam.documents import Condition, Principal, Statement
from rehearsal.iam.patterns import matches


@dataclass(frozen=True)
class Request:
    """Request: an action on the ARN of a resource, or on `*` for none, with the condition keys that it carries.

    `principals` are all names of whoever asks: a service, or a role with its account's root. They are asked of the
    documents that name principals.
    """

    action: str
    resource: str = "*"
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by name in lower case
    principals: frozenset[Principal] = frozenset()


class Decision(Enum):
    """Decision on a request."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not allowed"
    DENIED = "denied"


def decide(request: Request, statements: Sequence[Statement]) -> tuple[Decision, str]:
    """Decision of one document, or of several that stand beside each other, and the name of what decided."""
    found = [one for one in statements if applies(one, request)]
    for one in found:
        if not one.allows:
            return Decision.DENIED, one.name
    return (Decision.ALLOWED, found[0].name) if found else (Decision.NOT_ALLOWED, "")


def applies(statement: Statement, request: Request) -> bool:
    """Returns whether a statement is about a request."""
    return (
        _among(request.action, statement.actions, statement.not_actions, case=False)
        and _among(request.resource, statement.resources, statement.not_resources)
        and _of_principals(statement, request.principals)
        and all(holds(one, request.keys) for one in statement.conditions)
    )


def _among(
    text: str, named: Sequence[str] | None, excepted: Sequence[str] | None, *, case: bool = True
) -> bool:
    """Returns whether a text is named, or not excepted; a document that does neither is about all."""
    if named is not None:
        return any(matches(it, text, case=case) for it in named)
    return not any(matches(it, text, case=case) for it in excepted or ())


def _of_principals(statement: Statement, asking: frozenset[Principal]) -> bool:
    if statement.principals is not None:
        return any(_stands_for(it, one) for it in statement.principals for one in asking)
    if statement.not_principals is not None:
        return not any(_stands_for(it, one) for it in statement.not_principals for one in asking)
    return True


def _stands_for(named: Principal, asking: Principal) -> bool:
    """Returns whether a document's principal stands for one who asks. An account's id is its root's ARN."""
    if named.name == "*":
        return named.kind in ("*", asking.kind)
    root = f"arn:aws:iam::{named.name}:root"
    return named.kind == asking.kind and asking.name in (named.name, root)


def holds(condition: Condition, keys: Mapping[str, tuple[str, ...]]) -> bool:
    """Returns whether a condition holds for a request with these keys. KeyError for an operator that AWS hasn't."""
    values = keys.get(condition.key.lower())
    if condition.operator == "Null":
        return (values is None) == (condition.values[0] == "true")
    negated, test = _OPERATORS[condition.operator]
    if values is None:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        return condition.quantifier != "ForAnyValue" and (
            condition.if_exists or negated or condition.quantifier == "ForAllValues"
        )
    fits = [any(test(wanted, value) for wanted in condition.values) != negated for value in values]
    return any(fits) if condition.quantifier == "ForAnyValue" else all(fits)


def _arn_like(pattern: str, arn: str) -> bool:
    parts, others = pattern.split(":", 5), arn.split(":", 5)
    return len(parts) == len(others) and all(map(matches, parts, others))


def _ip(network: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


_Test = Callable[[str, str], bool]  # of a value that is wanted and one of the request's
_OPERATORS: Final[Mapping[str, tuple[bool, _Test]]] = {
    "StringEquals": (False, lambda wanted, value: matches(_literal(wanted), value)),
    "StringNotEquals": (True, lambda wanted, value: matches(_literal(wanted), value)),
    "StringEqualsIgnoreCase": (False, lambda wanted, value: wanted.lower() == value.lower()),
    "StringNotEqualsIgnoreCase": (True, lambda wanted, value: wanted.lower() == value.lower()),
    "StringLike": (False, matches),
    "StringNotLike": (True, matches),
    "ArnEquals": (False, _arn_like),
    "ArnLike": (False, _arn_like),
    "ArnNotEquals": (True, _arn_like),
    "ArnNotLike": (True, _arn_like),
    "Bool": (False, lambda wanted, value: wanted.lower() == value.lower()),
    "IpAddress": (False, _ip),
    "NotIpAddress": (True, _ip),
    "NumericEquals": (False, lambda wanted, value: float(value) == float(wanted)),
    "NumericNotEquals": (True, lambda wanted, value: float(value) == float(wanted)),
    "NumericLessThan": (False, lambda wanted, value: float(value) < float(wanted)),
    "NumericLessThanEquals": (False, lambda wanted, value: float(value) <= float(wanted)),
    "NumericGreaterThan": (False, lambda wanted, value: float(value) > float(wanted)),
    "NumericGreaterThanEquals": (False, lambda wanted, value: float(value) >= float(wanted)),
}


def _literal(text: str) -> str:
    """A pattern for a text whose stars are stars; variables in it still stand for any text."""
    return text.replace("*", "${*}").replace("?", "${?}")
