"""IAM policy documents: principals, actions, resources and conditions, also when parts of them are unknown.

A document comes as JSON text or as an object. The text of one that holds an unknown value is unknown as a
whole; an object keeps its known parts, so that most statements can still be judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

from controls.language.facts import (
    MISSING,
    UNKNOWN,
    Node,
    Truth,
    Value,
    all_of,
    any_of,
    as_list,
    negate,
)
from controls.language.plain_data import from_json
from controls.language.verdicts import Fail, Undecided, Verdicts

# Conditions that tie a statement to known callers or a known source, whatever its principal says.
_CALLER_KEYS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "kms:calleraccount",
    }
)
# Keys of the account or resource on whose behalf a service acts. EKS sends it in tags of its request when it
# assumes a pod's role.
_SOURCE_KEYS: Final = frozenset(
    {
        "aws:requesttag/eks-cluster-arn",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
    }
)
# `...IfExists` and `ForAllValues:` hold when the key is absent, and a negation holds for strangers.
_BINDING_OPERATORS: Final = re.compile(
    r"^(ForAnyValue:)?(String|Arn)(Equals|Like|EqualsIgnoreCase)$|^IpAddress$", re.IGNORECASE
)


@dataclass(frozen=True)
class Statement:
    """One statement of an IAM policy document. A part that is unknown is UNKNOWN; lists are lists even where AWS
    allows one value."""

    index: int
    effect: Value
    principals: Value
    actions: Value
    resources: Value
    conditions: Value
    not_principal: bool
    not_action: bool
    not_resource: bool

    @property
    def allows(self) -> Truth:
        return UNKNOWN if self.effect is UNKNOWN else self.effect == "Allow"

    @property
    def denies(self) -> Truth:
        return UNKNOWN if self.effect is UNKNOWN else self.effect == "Deny"

    def principal(self, kind: str) -> Value:
        """The principals of one kind (`AWS`, `Service`, `Federated`), or UNKNOWN."""
        if self.principals is UNKNOWN:
            return UNKNOWN
        return as_list(self.principals.get(kind, MISSING)) if isinstance(self.principals, dict) else []

    @property
    def any_principal(self) -> Truth:
        """Returns whether the principal is everyone."""
        if self.not_principal:
            return self.allows
        if isinstance(self.principals, dict):
            return any_of(
                *(any_matches(as_list(listed), lambda it: it == "*") for listed in self.principals.values())
            )
        return any_matches(as_list(self.principals), lambda it: it == "*")

    @property
    def restricts_caller(self) -> Truth:
        """Returns whether a condition ties the statement to known callers or a known source."""
        return any_of(
            *(
                any_matches(values, _is_specific)
                for _, key, values in self.binding_conditions()
                if key in _CALLER_KEYS or key == "?"
            )
        )

    @property
    def restricts_source(self) -> Truth:
        """Returns whether a condition names the account, organisation or resource on whose behalf a service acts."""
        return any_of(
            *(
                any_matches(values, _is_specific)
                for _, key, values in self.binding_conditions()
                if key in _SOURCE_KEYS or key == "?"
            )
        )

    def binding_conditions(self) -> Iterator[tuple[str, str, Value]]:
        """The conditions that hold only when their key is present: operator, key in lower case, values."""
        if self.conditions is UNKNOWN:
            yield "?", "?", UNKNOWN
        if not isinstance(self.conditions, dict):
            return
        for operator, keys in self.conditions.items():
            if keys is UNKNOWN:
                yield operator, "?", UNKNOWN
            elif isinstance(keys, dict) and _BINDING_OPERATORS.match(operator):
                for key, values in keys.items():
                    yield operator, key.lower(), as_list(values)

    def includes_action(self, *actions: str) -> Truth:
        """Returns whether the statement's actions cover one of these."""
        covered = any_matches(
            self.actions, lambda pattern: any(action_matches(pattern, action) for action in actions)
        )
        if not self.not_action:
            return covered
        excluded = [
            any_matches(self.actions, lambda pattern, a=action: action_matches(pattern, a))
            for action in actions
        ]
        return any_of(*(UNKNOWN if it is UNKNOWN else it is False for it in excluded))

    @property
    def all_resources(self) -> Truth:
        """Returns whether the statement is about every resource."""
        return (
            True
            if self.not_resource
            else any_matches(self.resources, lambda it: it in ("*", "arn:aws:*", "arn:*"))
        )

    @property
    def unbounded(self) -> Truth:
        """Returns whether the statement allows something on every resource, and no condition narrows that."""
        narrowed = any_of(
            *(
                any_matches(values, lambda it: it.strip("*") != "")
                for _, _, values in self.binding_conditions()
            )
        )
        return all_of(self.allows, self.all_resources, UNKNOWN if narrowed is UNKNOWN else not narrowed)


def any_matches(values: Value, holds: Callable[[str], bool]) -> Truth:
    """Returns whether one of the texts holds; UNKNOWN when an unknown one might."""
    if values is UNKNOWN:
        return UNKNOWN
    return any_of(*(UNKNOWN if it is UNKNOWN else isinstance(it, str) and holds(it) for it in values))


@lru_cache(maxsize=4096)
def action_matches(pattern: str, action: str) -> bool:
    """Returns whether an action pattern of a policy includes a given action; AWS doesn't mind the case."""
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))


def _is_specific(value: str) -> bool:
    """Returns whether a condition's value names something definite: an ARN its account, if it has one."""
    parts = value.split(":", 5)
    if parts[0] == "arn" and len(parts) == 6:
        return "*" not in parts[4] and parts[5] not in ("*", "")
    return value.strip("*") != "" and value not in ("0.0.0.0/0", "::/0")


def parse(document: Value) -> tuple[Statement, ...] | Value | None:
    """Parses the statements of a document; MISSING or UNKNOWN as it is; None for a value that is no document."""
    if document is MISSING or document is UNKNOWN:
        return document
    if isinstance(document, str):
        return _parse_text(document)
    return _statements(document)


@lru_cache(maxsize=512)
def _parse_text(text: str) -> tuple[Statement, ...] | None:
    return _statements(from_json(text))


def _statements(document: Any) -> tuple[Statement, ...] | Value | None:
    if not isinstance(document, dict):
        return None
    listed = document.get("Statement", MISSING)
    if listed is UNKNOWN:
        return UNKNOWN
    found = tuple(_statement(index, item) for index, item in enumerate(as_list(listed)))
    return found if found and None not in found else None


def _statement(index: int, item: Any) -> Statement | None:
    if item is UNKNOWN:
        return Statement(index, *[UNKNOWN] * 5, not_principal=False, not_action=False, not_resource=False)
    if not isinstance(item, dict):
        return None
    return Statement(
        index,
        effect=item.get("Effect", MISSING),
        principals=item.get("Principal", item.get("NotPrincipal", MISSING)),
        actions=_listed(item, "Action", "NotAction"),
        resources=_listed(item, "Resource", "NotResource"),
        conditions=item.get("Condition", MISSING),
        not_principal="NotPrincipal" in item,
        not_action="NotAction" in item,
        not_resource="NotResource" in item,
    )


def _listed(item: dict[str, Any], name: str, opposite: str) -> Value:
    value = item.get(name, item.get(opposite, MISSING))
    return UNKNOWN if value is UNKNOWN else as_list(value)


def open_to_all(statement: Statement) -> Truth:
    """Returns whether a statement allows anyone, without a condition on known callers."""
    return all_of(statement.allows, statement.any_principal, negate(statement.restricts_caller))


def cross_account(node: Node, accounts: Iterable[Value]) -> Callable[[Statement], Truth]:
    """Builds the test whether a statement allows an AWS principal outside of one's own accounts.

    One's own are those given and those that the provider is limited to; without either, no account can be told
    from a strange one.
    """
    own = {str(it) for it in [*accounts, *as_list(node.provider("allowedAccountIds"))] if it is not UNKNOWN}

    def judge(statement: Statement) -> Truth:
        others = any_matches(statement.principal("AWS"), lambda it: it != "*" and not _within(it, own))
        return all_of(statement.allows, others if own or others is False else UNKNOWN)

    return judge


def _within(principal: str, accounts: Iterable[str]) -> bool:
    """Returns whether a principal, an account id or the ARN of something in it, belongs to one of the accounts."""
    parts = principal.split(":", 5)
    return (parts[4] if len(parts) == 6 else principal) in accounts


def forbid_statements(
    node: Node, paths: Iterable[str], broken: Callable[[Statement], Truth], message: str
) -> Verdicts:
    """Check that no statement of the documents at these paths is broken."""
    for path in paths:
        for where, document in node.find(path):
            statements = parse(document)
            if statements is UNKNOWN:
                yield Undecided(where)
            elif statements is None:
                yield Fail(f"`{where}` is no policy document: write JSON with at least one statement")
            elif statements is not MISSING:
                for statement in statements:
                    truth = broken(statement)
                    place = f"{where}.Statement[{statement.index}]"
                    if truth is UNKNOWN:
                        yield Undecided(place)
                    elif truth is True:
                        yield Fail(f"`{place}` {message}")


def denies_plaintext(statement: Statement) -> Truth:
    """Returns whether a statement denies everyone unless the request came by TLS."""
    conditions = statement.conditions
    if conditions is UNKNOWN:
        insecure: Truth = UNKNOWN
    else:
        keys = conditions.get("Bool", MISSING) if isinstance(conditions, dict) else MISSING
        by_name = {key.lower(): value for key, value in keys.items()} if isinstance(keys, dict) else {}
        given = by_name.get("aws:securetransport", UNKNOWN if keys is UNKNOWN else MISSING)
        insecure = any_of(
            *(UNKNOWN if it is UNKNOWN else str(it).lower() == "false" for it in as_list(given))
        )
    return all_of(statement.denies, statement.any_principal, insecure)


def refuses_plaintext(document: Value, covered: Callable[[str], bool]) -> Truth:
    """Returns whether a document has a statement that refuses requests without TLS; `covered` tests whether an action
    pattern is wide enough."""
    statements = parse(document)
    if statements is UNKNOWN:
        return UNKNOWN
    if not isinstance(statements, tuple):
        return False
    return any_of(*(all_of(denies_plaintext(it), any_matches(it.actions, covered)) for it in statements))
