"""Stage of the API: throttles, cache, logs and alarms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm
from components.ingress.api.methods import logical_name
from components.ingress.dns.hosts import API_STAGE
from settings.catalogue import ApiMethod

PROMISED_MS = 100  # p99 latency of placing an order
ERROR_SHARE = 0.01  # of all requests, above which the alarm goes off
REFUSAL_SHARE = 0.5
# Fields of the access log: a line for each request, without headers, query and path parameters.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
LOGGED = {
    "requestId": "$context.requestId",
    "trace": "$context.xrayTraceId",
    "time": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "host": "$context.domainName",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "subject": "$context.authorizer.principalId",
    "keyId": "$context.identity.apiKeyId",  # its id, not its value
    "status": "$context.status",
    "refusal": "$context.error.responseType",
    "firewall": "$context.waf.status",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "integrationMs": "$context.integration.latency",
    "integrationStatus": "$context.integration.integrationStatus",
}


@dataclass(frozen=True, kw_only=True)
class ApiStageArgs:
    api_id: pulumi.Input[str]
    api_name: pulumi.Input[str]
    deployment_id: pulumi.Input[str]
    methods: Sequence[ApiMethod]
    latency_promised: ApiMethod  # the method whose latency has the alarm

    rate: int  # of a method, requests a second
    burst: int  # of a method, requests at once
    cache_gb: str | None  # None: no cache

    access_log_group: str  # its name
    log_days: int
    key_arn: pulumi.Input[str]  # of this region
    alarm_topic_arn: pulumi.Input[str]
    may_log: pulumi.Resource  # the region's permission for API Gateway to write logs


def setting_key(path: str, verb: str) -> str:
    """Key of a method's settings, `v1~1orders/POST`: one step of a JSON pointer for the path, one for the verb.

    The provider writes the first slash itself.
    https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
    """
    return f"{path.removeprefix('/').replace('~', '~0').replace('/', '~1')}/{verb}"


class ApiStage(pulumi.ComponentResource):
    """Stage with a throttle for each method; only public answers are cached, encrypted."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(self, name: str, args: ApiStageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:ApiStage", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        access = self._log("access", args.access_log_group)
        # API Gateway itself would create this one without retention and without our key.
        execution = self._log(
            "execution", pulumi.Output.concat("API-Gateway-Execution-Logs_", args.api_id, f"/{API_STAGE}")
        )
        stage = aws.apigateway.Stage(
            f"{name}-stage",
            rest_api=args.api_id,
            deployment=args.deployment_id,
            stage_name=API_STAGE,
            xray_tracing_enabled=True,
            cache_cluster_enabled=args.cache_gb is not None,
            cache_cluster_size=args.cache_gb,
            access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
                destination_arn=access.arn, format=json.dumps(LOGGED)
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.may_log, execution]),
        )
        self.arn, self.name = stage.arn, stage.stage_name
        self._settings("every-method", "*/*", 1.0, 0)
        for method in args.methods:
            self._settings(
                logical_name(method),
                setting_key(method.path, method.verb),
                method.share,
                method.cached_seconds,
            )
        self._alarms()
        self.register_outputs({"arn": self.arn})

    def _log(self, kind: str, group: pulumi.Input[str]) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-{kind}-log",
            name=group,
            retention_in_days=self._args.log_days,
            kms_key_id=self._args.key_arn,
            opts=self._child,
        )

    def _settings(self, key: str, path: str, share: float, cached_seconds: int) -> None:
        """Settings of a method, all of them: a method inherits nothing from the settings of `*/*`."""
        args = self._args
        cached = cached_seconds > 0 and args.cache_gb is not None
        aws.apigateway.MethodSettings(
            f"{self._name}-{key}",
            rest_api=args.api_id,
            stage_name=self.name,
            method_path=path,
            settings=aws.apigateway.MethodSettingsSettingsArgs(
                metrics_enabled=True,
                logging_level="ERROR",
                data_trace_enabled=False,  # bodies and tokens would be in the log
                throttling_rate_limit=max(1, int(args.rate * share)),
                throttling_burst_limit=max(1, int(args.burst * share)),
                caching_enabled=cached,
                cache_data_encrypted=True,
                cache_ttl_in_seconds=cached_seconds if cached else None,
                # No client may invalidate the cache.
                require_authorization_for_cache_control=True,
                unauthorized_cache_control_header_strategy="SUCCEED_WITHOUT_RESPONSE_HEADER",
            ),
            opts=self._child,
        )

    def _alarms(self) -> None:
        stage = {"ApiName": self._args.api_name, "Stage": self.name}
        promised = {"Resource": self._args.latency_promised.path, "Method": self._args.latency_promised.verb}
        for key, watch in {
            "errors": AlarmSpec(
                description="More than one in a hundred requests to the API fails",
                namespace="AWS/ApiGateway",
                metric="5XXError",
                dimensions=stage,
                statistic="Average",
                comparison="above",
                threshold=ERROR_SHARE,
            ),
            "refusals": AlarmSpec(
                description="The API refuses every second request: a client is broken, or somebody tries what works",
                namespace="AWS/ApiGateway",
                metric="4XXError",
                dimensions=stage,
                statistic="Average",
                comparison="above",
                threshold=REFUSAL_SHARE,
            ),
            "latency": AlarmSpec(
                description=f"One in a hundred orders takes longer than the {PROMISED_MS} ms that are promised",
                namespace="AWS/ApiGateway",
                metric="Latency",
                dimensions={**stage, **promised},
                statistic="p99",
                comparison="above",
                threshold=PROMISED_MS,
            ),
        }.items():
            alarm(f"{self._name}-alarm-{key}", watch, self._args.alarm_topic_arn, self._child)
