"""REST API of a cell: its methods, their authorizer, and their integration with the internal load balancer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.api.deployment_snapshot import DeploymentSnapshot
from components.ingress.api.health import Drains, build_drained_method, build_health_method
from components.ingress.api.methods import DRAINED, HEALTH, logical_name, logical_path
from components.ingress.api.own_methods import JSON, MethodPlace
from components.ingress.api.preflight import asked_before, build_preflight
from components.ingress.api.responses import build_gateway_responses
from settings.catalogue import ApiMethod

# Timeout of integrations. Less than API Gateway's 29 s: a retry is better served by another cell.
INTEGRATION_TIMEOUT_MS = 10_000
# TTL of the authorizer's results by token: for as long a scope that was taken away still works.
AUTHORIZER_TTL_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class ApiArgs:
    region: str

    methods: Sequence[ApiMethod]
    models: Mapping[str, Mapping[str, object]]  # JSON Schema by the name by which methods call it

    authorizer: pulumi.Input[str]  # the function's name
    authorizer_arn: pulumi.Input[str]

    host: str  # for which the internal load balancer has a certificate
    balancer_arn: pulumi.Input[str]
    link_id: pulumi.Input[str]

    drains: Drains  # of other cells, which this one tells
    web_origin: str  # of the page, whose browser calls the API


class Api(pulumi.ComponentResource):
    """REST API. API Gateway itself answers `GET /healthz` and `GET /drained/{cell}`; other methods go to the internal
    load balancer.

    A method without a scope is public; for the others the authorizer decides on access and usage plan. Requests to
    services have the caller in `x-subject` and `x-scopes`, whatever the client sent there. There is a new deployment
    when anything in it changes, and only then.
    """

    id: pulumi.Output[str]
    name: pulumi.Output[str]
    deployment_id: pulumi.Output[str]

    def __init__(self, name: str, args: ApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:Api", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._snapshot = DeploymentSnapshot(self)

        api = aws.apigateway.RestApi(
            f"{name}-api",
            description="The cell's API",
            endpoint_configuration={"types": "REGIONAL"},
            disable_execute_api_endpoint=True,
            api_key_source="AUTHORIZER",  # never the client: the token identifies a partner
            opts=self._snapshot.opts,
        )
        self.id, self.name = api.id, api.name
        self._authorizer_id = self._authorizer(api)
        self._validator_id = aws.apigateway.RequestValidator(
            f"{name}-validator",
            rest_api=api.id,
            validate_request_body=True,
            validate_request_parameters=True,
            opts=self._snapshot.opts,
        ).id
        self._models = {model: self._model(model, schema) for model, schema in args.models.items()}
        self._resources = {"": api.root_resource_id}
        self._health()
        for method in args.methods:
            self._method(method)
        for path, verbs in asked_before(args.methods).items():
            preflight = f"{name}-options{logical_path(path)}"
            build_preflight(preflight, self._place(path), verbs, args.web_origin)
        build_gateway_responses(name, api.id, args.web_origin, self._snapshot.opts)
        self.deployment_id = aws.apigateway.Deployment(
            f"{name}-deployment",
            rest_api=api.id,
            triggers={"snapshot": self._snapshot.fingerprint()},
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._snapshot.resources),
        ).id
        self.register_outputs({"id": self.id})

    def _authorizer(self, api: aws.apigateway.RestApi) -> pulumi.Output[str]:
        invoke = pulumi.Output.concat(
            f"arn:aws:apigateway:{self._args.region}:lambda:path/2015-03-31/functions/",
            self._args.authorizer_arn,
            "/invocations",
        )
        authorizer = aws.apigateway.Authorizer(
            f"{self._name}-authorizer",
            rest_api=api.id,
            type="REQUEST",
            authorizer_uri=invoke,
            identity_source="method.request.header.Authorization",
            authorizer_result_ttl_in_seconds=AUTHORIZER_TTL_SECONDS,
            opts=self._snapshot.opts,
        )
        aws.lambda_.Permission(
            f"{self._name}-authorizer",
            function=self._args.authorizer,
            action="lambda:InvokeFunction",
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, "/authorizers/", authorizer.id),
            opts=self._child,
        )
        return authorizer.id

    def _model(self, model: str, schema: Mapping[str, object]) -> pulumi.Output[str]:
        """Name of a model, known once it exists."""
        return aws.apigateway.Model(
            f"{self._name}-model-{model.lower()}",
            rest_api=self.id,
            name=model,
            content_type=JSON,
            schema=json.dumps(schema),
            opts=self._snapshot.opts,
        ).name

    def _replaced_with(self, reference: str) -> pulumi.ResourceOptions:
        """Options of a resource of the snapshot that is replaced with what one of its inputs refers to."""
        return pulumi.ResourceOptions.merge(
            self._snapshot.opts, pulumi.ResourceOptions(replace_on_changes=[reference])
        )

    def _resource_id(self, path: str) -> pulumi.Output[str]:
        if path not in self._resources:
            parent, _, part = path.rpartition("/")
            self._resources[path] = aws.apigateway.Resource(
                f"{self._name}-at{logical_path(path)}",
                rest_api=self.id,
                parent_id=self._resource_id(parent),
                path_part=part,
                # A path doesn't outlive its parent, and the provider would only update it.
                opts=self._replaced_with("parentId"),
            ).id
        return self._resources[path]

    def _health(self) -> None:
        """Methods that health checks call."""
        build_health_method(f"{self._name}-health", self._place(HEALTH.path))
        build_drained_method(f"{self._name}-drained", self._place(DRAINED.path), self._args.drains)

    def _place(self, path: str) -> MethodPlace:
        return MethodPlace(
            api_id=self.id,
            region=self._args.region,
            resource_id=self._resource_id(path),
            opts=self._snapshot.opts,
        )

    def _method(self, method: ApiMethod) -> None:
        name = f"{self._name}-{logical_name(method)}"
        resource_id = self._resource_id(method.path)
        parameters = {f"method.request.path.{variable}": True for variable in method.variables}
        parameters |= {
            f"method.request.querystring.{parameter}": required
            for parameter, required in method.query.items()
        }
        api_method = aws.apigateway.Method(
            name,
            rest_api=self.id,
            resource_id=resource_id,
            http_method=method.verb,
            authorization="NONE" if method.scope is None else "CUSTOM",
            authorizer_id=None if method.scope is None else self._authorizer_id,
            api_key_required=method.scope is not None,
            request_validator_id=self._validator_id,
            request_models={JSON: self._models[method.body]} if method.body else None,
            request_parameters=parameters,
            # No model that a method names can be deleted; the provider would only update the method.
            opts=self._replaced_with("requestModels"),
        )
        aws.apigateway.Integration(
            name,
            rest_api=self.id,
            resource_id=resource_id,
            http_method=api_method.http_method,
            type="HTTP_PROXY",
            integration_http_method=method.verb,
            connection_type="VPC_LINK",
            connection_id=self._args.link_id,
            integration_target=self._args.balancer_arn,
            uri=f"https://{self._args.host}{method.path}",
            request_parameters=integration_parameters(method),
            cache_key_parameters=sorted(parameters) if method.cached_seconds else None,
            timeout_milliseconds=INTEGRATION_TIMEOUT_MS,
            opts=self._snapshot.opts,
        )


def integration_parameters(method: ApiMethod) -> dict[str, str]:
    """Request parameters of an integration: the caller, `anonymous` for public methods, and the path's variables."""
    authorized = method.scope is not None
    return {
        "integration.request.header.x-subject": "context.authorizer.subject" if authorized else "'anonymous'",
        "integration.request.header.x-scopes": "context.authorizer.scopes" if authorized else "''",
        **{f"integration.request.path.{name}": f"method.request.path.{name}" for name in method.variables},
    }
