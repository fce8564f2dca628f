"""Pages and the APIs that they call: the page's content security policy on one side, CORS on the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import attributes, value_at, values_at
from rehearsal.values import reveal

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
HEADERS_POLICY: Final = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
METHOD: Final = "aws:apigateway/method:Method"
_ALLOWS: Final = "method.response.header.Access-Control-Allow-"
_REFUSES: Final = "gatewayresponse.header.Access-Control-Allow-Origin"


def calls_that_fail(inventory: Inventory) -> Iterator[tuple[CloudResource, str]]:
    """REST APIs that a page names in `connect-src`, and that its browser can't call: a word on each.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
    """
    for distribution in inventory.of_type(DISTRIBUTION):
        origins = [f"https://{alias}" for _, alias in values_at(distribution.inputs, "aliases")]
        for host in _called(inventory, distribution):
            for api in _apis(inventory, host):
                for origin in origins:
                    yield from ((api, why) for why in _failures(inventory, api, origin))


def _called(inventory: Inventory, distribution: CloudResource) -> set[str]:
    """Hosts that the distribution's pages may call over HTTPS."""
    used = value_at(distribution.inputs, "defaultCacheBehavior.responseHeadersPolicyId")
    found: set[str] = set()
    for policy in inventory.of_type(HEADERS_POLICY):
        path = "securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy"
        if policy.id == used and (
            allowed := re.search(r"connect-src ([^;]*)", str(value_at(policy.inputs, path)))
        ):
            found |= {it.removeprefix("https://") for it in allowed[1].split() if it.startswith("https://")}
    return found


def _apis(inventory: Inventory, host: str) -> Iterator[CloudResource]:
    for mapping in inventory.of_type("aws:apigateway/basePathMapping:BasePathMapping"):
        if mapping.inputs.get("domainName") == host:
            api = inventory.get("aws:apigateway/restApi:RestApi", mapping.region, mapping.inputs["restApi"])
            if api is not None:
                yield api


def _failures(inventory: Inventory, api: CloudResource, origin: str) -> Iterator[str]:
    answers = _preflights(inventory, api)
    for method in _of_api(inventory, METHOD, api):
        inputs = reveal(method.inputs)
        if inputs["httpMethod"] == "OPTIONS" or not _is_asked_about(inputs):
            continue
        what = f"the page {origin} can't call {inputs['httpMethod']} of {inputs['resourceId']}"
        allowed = answers.get(inputs["resourceId"])
        if allowed is None:
            yield f"{what}: its path has no method OPTIONS that answers the browser"
        elif origin not in allowed["Origin"] and "*" not in allowed["Origin"]:
            yield f"{what}: OPTIONS allows the origin {', '.join(allowed['Origin']) or 'of nobody'}"
        elif inputs["httpMethod"] not in allowed["Methods"]:
            yield f"{what}: OPTIONS allows {', '.join(allowed['Methods']) or 'no method'}"
        elif inputs.get("authorization") != "NONE" and "authorization" not in map(
            str.lower, allowed["Headers"]
        ):
            yield f"{what}: OPTIONS doesn't allow the header Authorization"
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX"):
        if not any(_shows(one, kind, origin) for one in _responses(inventory, api)):
            yield f"the page {origin} can't read refusals: {kind} has no Access-Control-Allow-Origin for it"


def _is_asked_about(method: Mapping[str, Any]) -> bool:
    """Returns whether a browser asks before it calls: for a token, a body in JSON, or another verb than GET."""
    return (
        method.get("authorization") != "NONE"
        or bool(method.get("requestModels"))
        or method["httpMethod"] != "GET"
    )


def _preflights(inventory: Inventory, api: CloudResource) -> dict[str, dict[str, list[str]]]:
    """Origins, methods and headers that answers to OPTIONS allow, by the id of the path's resource."""
    found: dict[str, dict[str, list[str]]] = {}
    for response in _of_api(inventory, "aws:apigateway/integrationResponse:IntegrationResponse", api):
        if response.inputs.get("httpMethod") == "OPTIONS":
            headers = reveal(response.inputs).get("responseParameters") or {}
            found[response.inputs["resourceId"]] = {
                name: [it for it in headers.get(f"{_ALLOWS}{name}", "").strip("'").split(",") if it]
                for name in ("Origin", "Methods", "Headers")
            }
    return found


def _of_api(inventory: Inventory, type_: str, api: CloudResource) -> Iterator[CloudResource]:
    return (
        it
        for it in inventory.of_type(type_)
        if attributes(it).get("restApi") == api.id and it.region == api.region
    )


def _responses(inventory: Inventory, api: CloudResource) -> Iterator[CloudResource]:
    for it in inventory.of_type("aws:apigateway/response:Response"):
        if it.inputs.get("restApiId") == api.id and it.region == api.region:
            yield it


def _shows(response: CloudResource, kind: str, origin: str) -> bool:
    headers = reveal(response.inputs).get("responseParameters") or {}
    return response.inputs.get("responseType") == kind and headers.get(_REFUSES) in (f"'{origin}'", "'*'")
