"""Pages and APIs that no program here has: what a browser may call, by the page's policy and the API's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rehearsal.cloud.inventory import Inventory, key_of
from rehearsal.cloud.partners.browser import DISTRIBUTION, HEADERS_POLICY, METHOD, calls_that_fail
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.schema import Schemas
from tests.root import SCHEMAS

REGION = "eu-north-1"
RESPONSE = "aws:apigateway/integrationResponse:IntegrationResponse"
REFUSAL = "aws:apigateway/response:Response"
ANYBODY = {"httpMethod": "GET", "authorization": "NONE"}
ALLOW = "method.response.header.Access-Control-Allow-"


def inventory(method: Mapping[str, Any], *more: CloudResource, policy: str = "") -> Inventory:
    """A page `www.shop.example` that calls `api.shop.example`, which has one method."""
    text = policy or "default-src 'self'; connect-src 'self' https://api.shop.example; frame-ancestors 'none'"
    headers = {"securityHeadersConfig": {"contentSecurityPolicy": {"contentSecurityPolicy": text}}}
    page = {"aliases": ["www.shop.example"], "defaultCacheBehavior": {"responseHeadersPolicyId": "headers"}}
    resources = [
        it("aws:apigateway/restApi:RestApi", "api-1", {}),
        it(
            "aws:apigateway/basePathMapping:BasePathMapping",
            "map",
            {"domainName": "api.shop.example", "restApi": "api-1"},
        ),
        it(METHOD, "method", {"restApi": "api-1", "resourceId": "baskets", **method}),
        it(HEADERS_POLICY, "headers", headers, region=""),
        it(DISTRIBUTION, "page", page, region=""),
        *more,
    ]
    found = Inventory({key_of(one): one for one in resources}, Schemas(SCHEMAS))
    found.sync()
    return found


def it(type_: str, id_: str, inputs: Mapping[str, Any], region: str = REGION) -> CloudResource:
    return CloudResource(type_, id_, region, f"urn:pulumi:shop::shop::{type_}::{id_}", dict(inputs), {})


def preflight(**changes: str) -> CloudResource:
    allowed = {
        "Origin": "'https://www.shop.example'",
        "Methods": "'GET,POST'",
        "Headers": "'Authorization,Content-Type'",
        **changes,
    }
    parameters = {f"{ALLOW}{name}": value for name, value in allowed.items()}
    of = {"restApi": "api-1", "resourceId": "baskets", "httpMethod": "OPTIONS", "statusCode": "204"}
    return it(RESPONSE, "preflight", {**of, "responseParameters": parameters})


def refusals(origin: str = "'https://www.shop.example'") -> list[CloudResource]:
    shown = {"gatewayresponse.header.Access-Control-Allow-Origin": origin}
    return [
        it(REFUSAL, kind, {"restApiId": "api-1", "responseType": kind, "responseParameters": shown})
        for kind in ("DEFAULT_4XX", "DEFAULT_5XX")
    ]


def faults(found: Inventory) -> list[str]:
    return [why for _, why in calls_that_fail(found)]


ASKED_ABOUT = {
    "a token": {"httpMethod": "GET", "authorization": "CUSTOM"},
    "a body": {**ANYBODY, "httpMethod": "POST", "requestModels": {"application/json": "Basket"}},
    "another verb": {**ANYBODY, "httpMethod": "POST"},
}


@pytest.mark.parametrize("what", ASKED_ABOUT)
def test_a_method_that_a_browser_asks_about_needs_an_answer(what: str) -> None:
    method = ASKED_ABOUT[what]
    assert faults(inventory(method, preflight(), *refusals())) == []
    (why,) = faults(inventory(method, *refusals()))
    assert why.endswith("its path has no method OPTIONS that answers the browser")


def test_what_anybody_may_get_needs_none() -> None:
    assert faults(inventory(ANYBODY, *refusals())) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Origin": "'https://shop.example'"}, "OPTIONS allows the origin https://shop.example"),
        ({"Methods": "'PUT'"}, "OPTIONS allows PUT"),
        ({"Headers": "'Content-Type'"}, "OPTIONS doesn't allow the header Authorization"),
    ],
    ids=["another origin", "another verb", "no token"],
)
def test_an_answer_that_allows_something_else_is_none(changes: dict[str, str], words: str) -> None:
    (why,) = faults(inventory(ASKED_ABOUT["a token"], preflight(**changes), *refusals()))
    assert why == f"the page https://www.shop.example can't call GET of baskets: {words}"


def test_refusals_that_the_page_cant_read_are_named() -> None:
    for shown in ([], refusals("'https://shop.example'")):
        assert len(faults(inventory(ANYBODY, *shown))) == 2
    assert faults(inventory(ANYBODY, *refusals("'*'"))) == []


def test_an_api_that_no_page_calls_needs_nothing() -> None:
    assert faults(inventory(ASKED_ABOUT["a token"], policy="default-src 'self'")) == []
