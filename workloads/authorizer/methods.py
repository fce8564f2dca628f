"""Scopes by method of the API, and the IAM policy that a caller's scopes result in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workloads.authorizer.tokens import Caller

METHOD = re.compile(
    r"(?:GET|HEAD|POST|PUT|PATCH|DELETE) /(?:(?:[\w.~-]+|\{\w+\})(?:/(?:[\w.~-]+|\{\w+\}))*)?"
)
ARN = re.compile(r"(arn:aws:execute-api:[a-z0-9-]+:\d{12}:\w+/[\w-]+)/[A-Z]+/.*", re.DOTALL)
EXAMPLE = '{"GET /orders/{orderId}": "orders:read"}'


class MethodsError(Exception):
    """Table of methods that can't be enforced, or an event of another kind: what is wrong and what to write."""


@dataclass(frozen=True)
class Methods:
    """Scope of each method, as API Gateway names it: `GET /orders/{orderId}`. Any other method is denied."""

    scopes: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> Methods:
        """Parses a JSON object. Raises MethodsError, also if one policy resource would match methods of two scopes.

        A policy's `*` matches slashes too: the resource of `GET /orders/{id}` also allows `GET /orders/{id}/fills`.
        """
        try:
            found = json.loads(text)
        except ValueError as error:
            raise MethodsError(f"METHODS: not JSON: {error}; write an object such as {EXAMPLE}") from None
        if not isinstance(found, dict) or not found:
            raise MethodsError(f"METHODS: not an object with methods in it; write one such as {EXAMPLE}")
        for method, scope in found.items():
            if not METHOD.fullmatch(method) or not isinstance(scope, str) or not scope:
                raise MethodsError(
                    f"METHODS: {method}: {scope!r}; write a method and its scope as in {EXAMPLE}"
                )
        for method, scope in found.items():
            for other, wanted in found.items():
                if wanted != scope and _covers(_parts(method), _parts(other)):
                    raise MethodsError(
                        f"METHODS: what allows {method} ({scope}) allows {other} ({wanted}) too; "
                        "give both the same scope, or one another path"
                    )
        return cls(found)

    def response(self, caller: Caller, method_arn: str, method: str) -> dict[str, object]:
        """Authorizer response for all methods of the stage: API Gateway caches it for the token's next request.

        `method` is the request's. One that isn't in the table denies all: the API and the table should be the same.
        """
        stage = ARN.fullmatch(method_arn)
        if stage is None:
            raise MethodsError("the event's methodArn is no method of a REST API's stage")
        allowed = sorted(_pattern(each) for each, scope in self.scopes.items() if scope in caller.scopes)
        if method not in self.scopes:
            allowed = []
        response: dict[str, object] = {
            "principalId": caller.subject,
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": _statements(stage[1], allowed, caller.expires),
            },
            "context": {"subject": caller.subject, "scopes": " ".join(sorted(caller.scopes))},
        }
        if caller.usage_key is not None:
            response["usageIdentifierKey"] = caller.usage_key
        return response


def _statements(stage: str, allowed: Sequence[str], expires: int) -> list[dict[str, object]]:
    everything = f"{stage}/*"
    if not allowed:
        return [_statement("Deny", [everything])]
    # API Gateway caches a response for as long as the authorizer's settings say; the token may expire before that.
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
    late = {
        "DateGreaterThan": {
            "aws:CurrentTime": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        }
    }
    return [
        _statement("Allow", [f"{stage}/{each}" for each in allowed]),
        {**_statement("Deny", [everything]), "Condition": late},
    ]


def _statement(effect: str, resources: list[str]) -> dict[str, object]:
    return {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resources}


def _parts(method: str) -> list[str]:
    verb, path = method.split(" ")
    return [verb, *path.strip("/").split("/")]


def _pattern(method: str) -> str:
    """Policy resource of a method, with `*` for each path parameter."""
    return re.sub(r"\{\w+\}", "*", method.replace(" ", ""))


def _covers(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Returns whether the policy resource of `pattern` also matches some request of `path`."""
    if not pattern or not path:
        return not pattern and not path
    if pattern[0].startswith("{"):
        return any(_covers(pattern[1:], path[taken:]) for taken in range(1, len(path) + 1))
    return (pattern[0] == path[0] or path[0].startswith("{")) and _covers(pattern[1:], path[1:])
