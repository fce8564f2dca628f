"""Preflight requests: what a browser asks before the page, which is of another origin, calls a method.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from components.ingress.api.own_methods import MethodPlace, build_mock_method
from settings.catalogue import ApiMethod

HEADERS = ("Authorization", "Content-Type")  # that the page sends, beyond those of every request
MAX_AGE_SECONDS = 7200  # for which the answer counts: the longest that Chromium takes


def asked_before(methods: Iterable[ApiMethod]) -> dict[str, list[str]]:
    """Verbs by path of the methods that a browser asks about: with a token, a body, or another verb than GET."""
    found: dict[str, list[str]] = {}
    for method in methods:
        if method.scope is not None or method.body or method.verb != "GET":
            found.setdefault(method.path, []).append(method.verb)
    return {path: sorted(verbs) for path, verbs in found.items()}


def allowed_origin(origin: str) -> str:
    """Origin as a mapping expression of API Gateway: a constant stands in quotes."""
    return f"'{origin}'"


def build_preflight(name: str, place: MethodPlace, verbs: Iterable[str], origin: str) -> None:
    """Mock integration that lets the page of an origin call the verbs of a path, with its token and JSON."""
    build_mock_method(name, place, "OPTIONS", 204, _answered(verbs, origin))


def _answered(verbs: Iterable[str], origin: str) -> Mapping[str, str]:
    headers = {
        "Allow-Origin": allowed_origin(origin),
        "Allow-Methods": f"'{','.join(verbs)}'",
        "Allow-Headers": f"'{','.join(HEADERS)}'",
        "Max-Age": f"'{MAX_AGE_SECONDS}'",
    }
    return {f"method.response.header.Access-Control-{name}": value for name, value in headers.items()}
