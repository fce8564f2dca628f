"""Policy documents, as texts and as objects."""

from __future__ import annotations

import json
from typing import Any

ACCOUNT = "123456789012"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | it for it in statements]})


def policy(**statement: Any) -> dict[str, Any]:
    return {"policy": document(statement)}


def doubtful(**statement: Any) -> dict[str, Any]:
    """A policy as an object, of which parts are unknown."""
    return {"policy": {"Statement": [{"Effect": "Allow", **statement}]}}
