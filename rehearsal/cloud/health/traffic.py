"""Traffic: what a request for a host passes, through DNS, API Gateway and load balancers, to what serves it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Final

from rehearsal.cloud.outages import is_lost
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import attributes, value_at, values_at
from rehearsal.values import Value, Values, reveal

RECORD: Final = "aws:route53/record:Record"
BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP: Final = "aws:lb/targetGroup:TargetGroup"
INTEGRATION: Final = "aws:apigateway/integration:Integration"
API: Final = "aws:apigateway/restApi:RestApi"
OBJECT: Final = "aws:s3/bucketObjectv2:BucketObjectv2"
STOPPED: Final = "__stopped"  # output of what no longer serves, though it is there
_HTTPS: Final = 443
_FOUND, _DENIED = 200, 403  # S3's answers; without the right to list, what is missing is denied


class Traffic:
    """Traffic of the resources as they are when it is made."""

    def __init__(self, resources: Mapping[str, CloudResource]) -> None:
        self._resources = resources
        self._by_type: dict[str, list[tuple[CloudResource, Values]]] = {}
        for it in resources.values():
            self._by_type.setdefault(it.type, []).append((it, reveal(attributes(it))))

    def of(self, type_: str, **where: Value) -> Iterator[CloudResource]:
        """Resources of a type whose properties at top level are so."""
        for it, known in self._by_type.get(type_, ()):
            if all(known.get(name) == value for name, value in where.items()):
                yield it

    def first(self, type_: str, **where: Value) -> CloudResource | None:
        """First of them."""
        return next(self.of(type_, **where), None)

    def is_up(self, resource: CloudResource) -> bool:
        """Returns whether a resource of AWS's answers."""
        service = resource.type.split(":")[1].split("/")[0]
        return not resource.outputs.get(STOPPED) and not is_lost(self._resources, resource.region, service)

    # ---- what serves ---------------------------------------------------------------------------------

    def behind(self, record: CloudResource) -> list[CloudResource]:
        """Load balancers, APIs and workloads that requests by an alias record need."""
        entry = self._entry(record)
        return [] if entry is None else list({id(it): it for it in self._passed(entry)}.values())

    def workloads(self, group: CloudResource) -> list[CloudResource]:
        """ECS services and Deployments whose addresses are registered in a target group."""
        arn = group.outputs.get("arn")
        tasks = [
            it
            for it in self.of("aws:ecs/service:Service")
            if arn in [found for _, found in values_at(attributes(it), "loadBalancers.targetGroupArn")]
        ]
        return tasks + [
            pods
            for binding in self.of("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding")
            if value_at(binding.inputs, "spec.targetGroupARN") == arn
            for pods in self._pods(binding)
        ]

    def _pods(self, binding: CloudResource) -> Iterator[CloudResource]:
        namespace = value_at(binding.inputs, "metadata.namespace")
        name = value_at(binding.inputs, "spec.serviceRef.name")
        for service in self._in_namespace("kubernetes:core/v1:Service", binding.region, namespace):
            if value_at(service.inputs, "metadata.name") != name:
                continue
            wanted = value_at(service.inputs, "spec.selector") or {}
            for pods in self._in_namespace("kubernetes:apps/v1:Deployment", binding.region, namespace):
                labels = value_at(pods.inputs, "spec.template.metadata.labels") or {}
                if wanted.items() <= labels.items():
                    yield pods

    def _in_namespace(self, type_: str, cluster: str, namespace: Value) -> Iterator[CloudResource]:
        for it in self.of(type_):
            if it.region == cluster and value_at(it.inputs, "metadata.namespace") == namespace:
                yield it

    def _entry(self, record: CloudResource) -> CloudResource | None:
        """Load balancer or REST API to which an alias record leads."""
        name = value_at(attributes(record), "aliases.name")
        balancer = self.first(BALANCER, dnsName=name)
        if balancer is not None:
            return balancer
        domain = self.first("aws:apigateway/domainName:DomainName", regionalDomainName=name)
        if domain is None:
            return None
        for mapping in self.of("aws:apigateway/basePathMapping:BasePathMapping", region=domain.region):
            if mapping.inputs.get("domainName") == domain.inputs.get("domainName"):
                return self.first(API, region=domain.region, id=mapping.inputs.get("restApi"))
        return None

    def _passed(self, entry: CloudResource) -> Iterator[CloudResource]:
        yield entry
        if entry.type == API:
            for integration in self.of(INTEGRATION, restApi=entry.id):
                balancer = self.first(BALANCER, arn=integration.inputs.get("integrationTarget"))
                if balancer is not None:
                    yield from self._passed(balancer)
            return
        for rule in self._rules(entry):
            for _, arn in values_at(attributes(rule), "actions.targetGroupArn"):
                for group in self.of(TARGET_GROUP, arn=arn):
                    yield from self.workloads(group)

    def _rules(self, balancer: CloudResource) -> list[CloudResource]:
        """Rules of a load balancer's HTTPS listener, in the order in which it tries them."""
        listener = self.first(
            "aws:lb/listener:Listener", loadBalancerArn=balancer.outputs.get("arn"), port=_HTTPS
        )
        if listener is None:
            return []
        rules = self.of("aws:lb/listenerRule:ListenerRule", listenerArn=listener.outputs.get("arn"))
        return sorted(rules, key=lambda rule: rule.inputs["priority"])

    # ---- what is answered ----------------------------------------------------------------------------

    def status(self, host: str, path: str) -> int | None:
        """HTTP status of `GET path`, as far as API Gateway or a load balancer answers itself; None for no answer."""
        for record in self.of(RECORD, name=host):
            entry = self._entry(record)
            if entry is not None and self.is_up(entry):
                return self._of_api(entry, path) if entry.type == API else self._of_balancer(entry, path)
        return None

    def _of_balancer(self, balancer: CloudResource, path: str) -> int | None:
        for rule in self._rules(balancer):
            patterns = [str(it) for _, it in values_at(rule.inputs, "conditions.pathPattern.values")]
            fixed = value_at(rule.inputs, "actions.fixedResponse.statusCode")
            if fixed and any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
                return int(fixed)
        return None

    def object_of(self, host: str, path: str) -> tuple[str, str] | None:
        """Bucket and key of the object that API Gateway reads for `GET path`; None if it reads none."""
        for record in self.of(RECORD, name=host):
            entry = self._entry(record)
            if entry is not None and entry.type == API and (found := self._integration(entry, path)):
                return object_read(*found)
        return None

    def _of_api(self, api: CloudResource, path: str) -> int | None:
        found = self._integration(api, path)
        return None if found is None else self._integrated(*found)

    def _integration(self, api: CloudResource, path: str) -> tuple[CloudResource, Mapping[str, str]] | None:
        """Integration of `GET path`, with the path's variables."""
        for at in self.of("aws:apigateway/resource:Resource", restApi=api.id):
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(str(at.outputs.get("path"))))
            if (found := re.fullmatch(pattern, path)) is None:
                continue
            where = {"restApi": api.id, "resourceId": at.id, "httpMethod": "GET"}
            integration = self.first(INTEGRATION, **where)
            return None if integration is None else (integration, found.groupdict())
        return None

    def _integrated(self, integration: CloudResource, variables: Mapping[str, str]) -> int | None:
        """Status of a response, by the integration responses: the one whose pattern fits, or that without one."""
        object_ = object_read(integration, variables)
        if object_ is not None:
            bucket, key = object_
            status = _FOUND if self.first(OBJECT, bucket=bucket, key=key) else _DENIED
        elif integration.inputs.get("type") == "MOCK":
            status = _FOUND
        else:
            return None
        where = {name: integration.inputs[name] for name in ("restApi", "resourceId", "httpMethod")}
        responses = list(self.of("aws:apigateway/integrationResponse:IntegrationResponse", **where))
        fitting = [it for it in responses if _fits(it.inputs.get("selectionPattern"), status)]
        default = [it for it in responses if not it.inputs.get("selectionPattern")]
        return next((int(it.inputs["statusCode"]) for it in (*fitting, *default)), None)


def object_read(integration: CloudResource, variables: Mapping[str, str]) -> tuple[str, str] | None:
    """Bucket and key that an integration with S3 reads for a request with these path variables."""
    _, is_s3, path = str(integration.inputs.get("uri", "")).partition(":s3:path/")
    if not is_s3:
        return None
    for name, value in variables.items():
        if f"integration.request.path.{name}" in integration.inputs.get("requestParameters", {}):
            path = path.replace(f"{{{name}}}", value)
    bucket, _, key = path.partition("/")
    return bucket, key


def _fits(pattern: Value, status: int) -> bool:
    return isinstance(pattern, str) and bool(pattern) and re.fullmatch(pattern, str(status)) is not None
