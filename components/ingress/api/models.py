"""Models of request bodies: JSON Schema in draft 4, the version that API Gateway supports.

Services validate requests themselves, too; API Gateway refuses malformed ones before they cost a service anything.
https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
"""

from __future__ import annotations

from collections.abc import Mapping

_NAME = {"type": "string", "pattern": "^[!-~]{1,64}$"}
# In ticks or lots; as much of either as the matcher takes.
_COUNT = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
# Of a currency's smallest unit; as much as the ledger's 64 bits hold.
_AMOUNT = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_PASSWORD = {"type": "string", "minLength": 12, "maxLength": 256}
_EMAIL = {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$", "maxLength": 254}


def _object(
    required: Mapping[str, object], optional: Mapping[str, object] | None = None
) -> dict[str, object]:
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": False,
    }


# An order has no account: that is the token's.
MODELS: Mapping[str, Mapping[str, object]] = {
    "Order": _object(
        {
            "order": _NAME,
            "instrument": _NAME,
            "kind": {"enum": ["limit", "market"]},
            "side": {"enum": ["buy", "sell"]},
            "quantity": _COUNT,
        },
        {"price": _COUNT},
    ),
    "Account": _object({"email": _EMAIL, "password": _PASSWORD}),
    "Session": _object(
        {"email": _EMAIL, "password": _PASSWORD}, {"code": {"type": "string", "pattern": "^[0-9]{6}$"}}
    ),
    "Payment": _object(
        {
            "payment": _NAME,
            "direction": {"enum": ["deposit", "withdrawal"]},
            "currency": {"type": "string", "pattern": "^[A-Z]{3,5}$"},
            "amount": _AMOUNT,
            "account": _NAME,
        }
    ),
}
