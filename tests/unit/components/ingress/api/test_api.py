from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from components.ingress.api import api, responses
from components.ingress.api.api import Api, ApiArgs
from components.ingress.api.health import Drains
from components.ingress.api.methods import METHODS
from components.ingress.api.models import MODELS
from components.ingress.api.responses import Refusal
from settings.catalogue import SERVICES, ApiMethod
from tests.unit.harness import Recorded, Run, run

ARGS = ApiArgs(
    region="eu-west-1",
    methods=METHODS,
    models=MODELS,
    authorizer="castle-eu-west-1-authorizer",
    authorizer_arn="arn:aws:lambda:eu-west-1:123456789012:function:castle-eu-west-1-authorizer",
    host="api-eu-west-1.castle.example",
    balancer_arn="arn:alb",
    link_id="link-1",
    drains=Drains(
        bucket="castle-eu-west-1-drains-123456789012", prefix="drained", role_arn="arn:reads-drains"
    ),
    web_origin="https://app.castle.example",
)
OF_CHECKS = ("GET /healthz", "GET /drained/{cell}")


def made_of(args: ApiArgs) -> Run:
    return run(lambda: Api("api", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return made_of(ARGS)


def methods(made: Run) -> dict[str, tuple[Recorded, Recorded]]:
    """Each method with its integration, by its name, but for those that browsers ask by themselves."""
    return {name: it for name, it in _methods(made).items() if not name.startswith("OPTIONS ")}


def _methods(made: Run) -> dict[str, tuple[Recorded, Recorded]]:
    paths = {f"{each.name}-id": each for each in made.of("Resource")}

    def path(resource_id: str) -> str:
        if resource_id == "api-api-root":
            return ""
        resource = paths[resource_id].inputs
        return f"{path(resource['parentId'])}/{resource['pathPart']}"

    return {
        f"{each.inputs['httpMethod']} {path(each.inputs['resourceId'])}": (
            each,
            made.one(each.name, "Integration"),
        )
        for each in made.of("Method")
    }


def test_it_is_regional_and_answers_to_no_name_of_awss(made: Run) -> None:
    inputs = made.one("api-api").inputs
    assert inputs["endpointConfiguration"] == {"types": "REGIONAL"}
    assert inputs["disableExecuteApiEndpoint"] is True


def test_every_method_of_the_table_is_there_and_those_of_health_checks_and_no_other(made: Run) -> None:
    assert set(methods(made)) == {*OF_CHECKS, *(each.name for each in METHODS)}


def test_health_is_answered_at_once_by_the_api_itself_for_anybody(made: Run) -> None:
    method, integration = methods(made)["GET /healthz"]
    assert method.inputs["authorization"] == "NONE"
    assert integration.inputs["type"] == "MOCK"
    assert json.loads(integration.inputs["requestTemplates"]["application/json"]) == {"statusCode": 200}
    answer = made.one("api-health", "IntegrationResponse").inputs
    assert (answer["statusCode"], answer["responseTemplates"]) == ("200", {"application/json": ""})


def test_a_cell_is_drained_while_an_object_of_its_name_can_be_read_and_only_then(made: Run) -> None:
    method, integration = methods(made)["GET /drained/{cell}"]
    assert method.inputs["authorization"] == "NONE"
    inputs = integration.inputs
    assert (inputs["type"], inputs["integrationHttpMethod"]) == ("AWS", "GET")
    assert inputs["uri"] == (
        "arn:aws:apigateway:eu-west-1:s3:path/castle-eu-west-1-drains-123456789012/drained/{cell}"
    )
    assert inputs["credentials"] == "arn:reads-drains"
    assert inputs["timeoutMilliseconds"] <= 2000  # Route 53 waits for two seconds after it has connected
    answers = {
        each.inputs["statusCode"]: each.inputs.get("selectionPattern")
        for each in made.of("IntegrationResponse")
        if each.name.startswith("api-drained")
    }
    assert answers == {"200": "200", "404": None}


def test_without_a_token_only_markets_are_read_and_people_sign_in_or_up(made: Run) -> None:
    open_to_all = {
        name for name, (method, _) in methods(made).items() if method.inputs["authorization"] == "NONE"
    }
    assert open_to_all == {
        *OF_CHECKS,
        "GET /v1/markets",
        "GET /v1/markets/{instrument}/book",
        "GET /v1/markets/{instrument}/trades",
        "POST /v1/accounts",
        "POST /v1/sessions",
    }


def test_every_other_method_asks_the_authorizer_and_counts_by_usage_plan(made: Run) -> None:
    for method, _ in methods(made).values():
        if method.inputs["authorization"] != "NONE":
            assert method.inputs["authorization"] == "CUSTOM"
            assert method.inputs["authorizerId"] == "api-authorizer-id"
            assert method.inputs["apiKeyRequired"] is True
    assert made.one("api-api").inputs["apiKeySource"] == "AUTHORIZER"


def test_the_authorizer_is_invoked_by_this_authorizer_of_this_api_alone(made: Run) -> None:
    authorizer = made.one("api-authorizer", "Authorizer").inputs
    assert authorizer["type"] == "REQUEST"
    assert authorizer["identitySource"] == "method.request.header.Authorization"
    assert authorizer["authorizerUri"] == (
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:eu-west-1:123456789012:function:castle-eu-west-1-authorizer/invocations"
    )
    permission = made.one("api-authorizer", "Permission").inputs
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert permission["sourceArn"] == (
        "arn:aws:execute-api:us-east-1:123456789012:api-api/authorizers/api-authorizer-id"
    )


def test_every_method_leads_over_tls_to_the_internal_load_balancer_by_the_name_on_its_certificate(
    made: Run,
) -> None:
    for name, (_, integration) in methods(made).items():
        if name in OF_CHECKS:
            continue
        verb, path = name.split(" ")
        inputs = integration.inputs
        assert (inputs["type"], inputs["integrationHttpMethod"]) == ("HTTP_PROXY", verb)
        assert (inputs["connectionType"], inputs["connectionId"]) == ("VPC_LINK", "link-1")
        assert inputs["integrationTarget"] == "arn:alb"
        assert inputs["uri"] == f"https://api-eu-west-1.castle.example{path}"
        assert inputs["timeoutMilliseconds"] < 29_000


def test_variables_of_a_path_are_passed_on(made: Run) -> None:
    for name, (method, integration) in methods(made).items():
        for variable in re.findall(r"\{(\w+)\}", name):
            source = f"method.request.path.{variable}"
            assert method.inputs["requestParameters"][source] is True
            assert integration.inputs["requestParameters"][f"integration.request.path.{variable}"] == source


def test_no_client_says_who_it_is_by_a_header_of_its_own(made: Run) -> None:
    for name, (method, integration) in methods(made).items():
        if name in OF_CHECKS:
            continue
        said = integration.inputs["requestParameters"]["integration.request.header.x-subject"]
        judged = method.inputs["authorization"] == "CUSTOM"
        assert said == ("context.authorizer.subject" if judged else "'anonymous'"), name
        assert "integration.request.header.x-scopes" in integration.inputs["requestParameters"]


def test_answers_are_kept_apart_by_all_that_they_depend_on(made: Run) -> None:
    cached = [each for each in METHODS if each.cached_seconds]
    assert cached
    for each in cached:
        method, integration = methods(made)[each.name]
        assert integration.inputs.get("cacheKeyParameters", []) == sorted(
            method.inputs.get("requestParameters", {})
        )


def test_what_needs_a_token_cant_be_cached() -> None:
    with pytest.raises(ValueError, match="GET /v1/x: cached, but not what anybody may read"):
        ApiMethod(verb="GET", path="/v1/x", scope="x:read", cached_seconds=1)


def test_bodies_and_parameters_are_validated(made: Run) -> None:
    validator = made.one("api-validator").inputs
    assert validator["validateRequestBody"] is True
    assert validator["validateRequestParameters"] is True
    for name, (method, _) in methods(made).items():
        if name not in OF_CHECKS:
            assert method.inputs["requestValidatorId"] == "api-validator-id"
        if name.startswith("POST"):
            assert set(method.inputs["requestModels"]) == {"application/json"}, name


def test_an_order_must_be_one_that_the_matcher_could_read(made: Run) -> None:
    schema = json.loads(made.one("api-model-order").inputs["schema"])
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["instrument", "kind", "order", "quantity", "side"]
    assert "account" not in schema["properties"]  # the token says whose it is


def test_what_the_api_answers_by_itself_tells_a_word_and_nothing_of_it(made: Run) -> None:
    answers = made.of("Response")
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "ACCESS_DENIED", "UNAUTHORIZED"} <= {
        each.inputs["responseType"] for each in answers
    }
    for each in answers:
        (template,) = each.inputs["responseTemplates"].values()
        assert "$" not in template
        assert set(json.loads(template)) == {"message"}
    assert made.one("api-response-missing-authentication-token").inputs["statusCode"] == "404"


def test_the_first_segment_of_every_path_is_one_services() -> None:
    of = [path for service in SERVICES.values() for path in service.paths]
    assert {each.path.split("/")[2] for each in METHODS} == set(of)
    assert len(of) == len(set(of))


# ---- browsers ----


def test_the_page_may_call_each_method_that_a_browser_asks_about(made: Run) -> None:
    """Those with a token, a body or another verb; what anybody may GET is called without a question."""
    found = _methods(made)
    for each in METHODS:
        preflight = found.get(f"OPTIONS {each.path}")
        asked = each.scope is not None or bool(each.body) or each.verb != "GET"
        assert (preflight is not None) is asked, each.name
        if preflight is None:
            continue
        method, integration = preflight
        assert (method.inputs["authorization"], integration.inputs["type"]) == ("NONE", "MOCK")
        answer = made.one(method.name, "IntegrationResponse").inputs
        assert answer["statusCode"] == "204"
        allowed = answer["responseParameters"]
        header = "method.response.header.Access-Control-"
        assert allowed[f"{header}Allow-Origin"] == "'https://app.castle.example'"
        assert each.verb in allowed[f"{header}Allow-Methods"].strip("'").split(",")
        assert allowed[f"{header}Allow-Headers"] == "'Authorization,Content-Type'"
        declared = made.one(method.name, "MethodResponse").inputs["responseParameters"]
        assert declared == dict.fromkeys(allowed, True)


def test_the_page_may_read_what_the_api_refuses_by_itself(made: Run) -> None:
    for each in made.of("Response"):
        parameters = each.inputs["responseParameters"]
        assert parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == (
            "'https://app.castle.example'"
        )


# ---- deployments ----


def trigger(made: Run) -> str:
    return made.one("api-deployment").inputs["triggers"]["snapshot"]


def with_method(name: str, **changes: Any) -> Sequence[ApiMethod]:
    assert name in {each.name for each in METHODS}
    return [replace(each, **changes) if each.name == name else each for each in METHODS]


ORDER = "POST /v1/orders"
MARKETS = "GET /v1/markets"
DEPLOYED: Mapping[str, ApiArgs] = {
    "a method more": replace(
        ARGS,
        methods=[*METHODS, ApiMethod(verb="GET", path="/v1/orders/{orderId}/fills", scope="orders:read")],
    ),
    "a method less": replace(ARGS, methods=METHODS[:-1]),
    "a token no longer asked for": replace(ARGS, methods=with_method(ORDER, scope=None)),
    "another body": replace(ARGS, methods=with_method(ORDER, body="Payment")),
    "a parameter": replace(ARGS, methods=with_method("GET /v1/orders", query={"instrument": True})),
    "a cache key": replace(ARGS, methods=with_method(MARKETS, query={"quote": False})),
    "a model": replace(ARGS, models={**MODELS, "Order": {"type": "object"}}),
    "another authorizer": replace(
        ARGS, authorizer_arn="arn:aws:lambda:eu-west-1:123456789012:function:other"
    ),
    "another host": replace(ARGS, host="api.castle.example"),
    "another load balancer": replace(ARGS, balancer_arn="arn:other"),
    "another link": replace(ARGS, link_id="link-2"),
    "another page": replace(ARGS, web_origin="https://www.castle.example"),
}


@pytest.mark.parametrize("what", DEPLOYED)
def test_a_deployment_is_made_anew_when_what_it_holds_changes(made: Run, what: str) -> None:
    assert trigger(made_of(DEPLOYED[what])) != trigger(made)


@pytest.mark.parametrize("constant", ["INTEGRATION_TIMEOUT_MS", "AUTHORIZER_TTL_SECONDS"])
def test_a_deployment_is_made_anew_when_a_time_changes(
    made: Run, monkeypatch: pytest.MonkeyPatch, constant: str
) -> None:
    monkeypatch.setattr(api, constant, 60)
    assert trigger(made_of(ARGS)) != trigger(made)


def test_a_deployment_is_made_anew_when_an_answer_of_the_apis_own_changes(
    made: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {**responses.RESPONSES, "THROTTLED": Refusal("later", 429)}
    monkeypatch.setattr(responses, "RESPONSES", other)
    assert trigger(made_of(ARGS)) != trigger(made)


def test_no_deployment_is_made_for_what_none_holds(made: Run) -> None:
    """Throttles, scopes and cached seconds are the stage's and the authorizer's; order in the table is nobody's."""
    assert trigger(made_of(ARGS)) == trigger(made)
    assert trigger(made_of(replace(ARGS, methods=METHODS[::-1]))) == trigger(made)
    assert trigger(made_of(replace(ARGS, methods=with_method(ORDER, share=0.5)))) == trigger(made)
    assert trigger(made_of(replace(ARGS, methods=with_method(ORDER, scope="orders:place")))) == trigger(made)
    assert trigger(made_of(replace(ARGS, methods=with_method(MARKETS, cached_seconds=5)))) == trigger(made)


def test_a_deployment_waits_for_all_that_it_holds(made: Run) -> None:
    waits = made.one("api-deployment").depends_on
    held = ("RestApi", "Resource", "Method", "Integration", "MethodResponse", "IntegrationResponse", "Model")
    for type_ in (*held, "RequestValidator", "Authorizer", "Response"):
        assert made.of(type_), type_
        assert {each.urn for each in made.of(type_)} <= waits, type_
