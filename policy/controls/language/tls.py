"""TLS: resource policies that refuse requests without it, and security policies of API Gateway's domains."""

from __future__ import annotations

from collections.abc import Callable

from controls.language.documents import Statement, any_matches, parse
from controls.language.facts import MISSING, UNKNOWN, Truth, Value, all_of, any_of, as_list


def denies_plaintext(statement: Statement) -> Truth:
    """Whether a statement denies everyone unless the request came by TLS."""
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
    """Whether a document has a statement that refuses requests without TLS; `covered` tests whether an action
    pattern is wide enough."""
    statements = parse(document)
    if statements is UNKNOWN:
        return UNKNOWN
    if not isinstance(statements, tuple):
        return False
    return any_of(*(all_of(denies_plaintext(it), any_matches(it.actions, covered)) for it in statements))


def modern_security_policy(value: object) -> bool:
    """Whether a security policy of API Gateway takes TLS 1.2 or newer only, by its old or its new name."""
    return value == "TLS_1_2" or str(value).startswith(("SecurityPolicy_TLS12_", "SecurityPolicy_TLS13_"))
