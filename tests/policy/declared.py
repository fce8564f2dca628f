"""The types that rules are on, and what the SDK declares of them."""

from __future__ import annotations

from controls.language.tokens import ANY

from rehearsal.cloud.types.schema import Schema, Schemas, UnknownTypeError
from tests.policy.asking import all_rules
from tests.root import SCHEMAS as FOLDER

SCHEMAS = Schemas(FOLDER)
TOKENS = sorted({token for rule in all_rules().values() for token in rule.types if rule.types != ANY})


def declared(token: str) -> Schema | None:
    """Declaration of a type by the SDK; None for one that it doesn't know."""
    try:
        return SCHEMAS.of(token)
    except UnknownTypeError:
        return None
