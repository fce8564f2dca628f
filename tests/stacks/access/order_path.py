"""The way of an order through a cell, from a client to the alert, as a walk over what the graph refers to.

Each step finds, among the cell's resources, the one that the last step leads to, by the property that makes AWS
lead there. A way that is broken ends with an AssertionError that says after which step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.values import reveal
from tests.stacks.access.iam_documents import listed
from tests.stacks.platform import Platform
from tests.stacks.reach_page import connections

RECORD = "aws:route53/record:Record"
BINDING = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"
SERVICE = "trading-api"
ORDER = ("POST", "/v1/orders")


@dataclass
class Walk:
    """A walk through one cell. `passed` are the resources on the way, in their order, by their logical names."""

    platform: Platform
    cell: str
    passed: list[str] = field(default_factory=list)

    def find(self, type_: str, **inputs: Any) -> Resource:
        """The one resource of a type with these inputs, which is the next step."""
        found = [
            it for it in self.all(type_) if all(it.inputs.get(key) == value for key, value in inputs.items())
        ]
        return self.step(type_, found)

    def step(self, what: str, found: list[Resource]) -> Resource:
        after = self.passed[-1] if self.passed else "the client"
        assert len(found) == 1, f"{self.cell}: after {after} there are {len(found)} of {what}: {found}"
        self.passed.append(urns.name_of(found[0].urn))
        return found[0]

    def all(self, type_: str, stack: str = "") -> list[Resource]:
        of = stack or self.cell
        return [it for at, it in self.platform.resources() if at == of and it.type == type_]

    def reaches(self, source: str, target: str, port: int) -> None:
        """Returns whether groups, routes and policies of the network let one connect to the other."""
        ways = {
            (one.name, other.name): ports
            for one, other, ports in connections(self.platform)
            if one.cell == other.cell == self.cell or (one.cell, other.cell) == ("", self.cell)
        }
        ports = ways.get((source, target), "")
        assert str(port) in ports.split(", "), (
            f"{self.cell}: {source} reaches {target} on {ports or 'no port'}"
        )
        self.passed.append(f"{source} to {target}:{port}")

    def may(self, role: str, action: str, resource: str) -> None:
        """Returns whether the policies of a role allow an action on a resource."""
        allowed = [
            statement
            for it in self.all("aws:iam/rolePolicy:RolePolicy")
            if it.inputs["role"] == role
            for statement in json.loads(reveal(it.inputs["policy"]))["Statement"]
            if statement["Effect"] == "Allow"
            and action in listed(statement["Action"])
            and resource in listed(statement["Resource"])
        ]
        assert allowed, f"{self.cell}: the role {role} may not {action} on {resource}"
        self.passed.append(f"{role} may {action}")


def walk(platform: Platform, cell: str, domain: str) -> list[str]:
    """The whole way: client, authorizer, service, queue, matcher, ledger, alert."""
    way = Walk(platform, cell)
    service_role, queue = _to_the_queue(way, _to_the_service(way, *_to_the_balancer(way, domain)))
    way.may(service_role, "sqs:SendMessage", queue.outputs["arn"])
    _to_the_ledger(way, queue)
    _to_the_alert(way)
    return way.passed


def _to_the_balancer(way: Walk, domain: str) -> tuple[Resource, Resource]:
    """From the shared name to the API's method, its authorizer, and the load balancer behind it."""
    host = way.find("aws:apigateway/domainName:DomainName", domainName=f"api.{domain}")
    records = [
        it
        for it in way.all(RECORD, "global")
        if it.inputs["name"] == host.inputs["domainName"]
        and it.inputs["aliases"][0]["name"] == host.outputs["regionalDomainName"]
    ]
    way.step("a record of the shared name", records)
    mapping = way.find("aws:apigateway/basePathMapping:BasePathMapping", domainName=host.inputs["domainName"])
    stage = way.find(
        "aws:apigateway/stage:Stage", restApi=mapping.inputs["restApi"], stageName=mapping.inputs["stageName"]
    )
    way.find("aws:wafv2/webAclAssociation:WebAclAssociation", resourceArn=stage.outputs["arn"])
    method = way.step(
        "the method that takes orders",
        [it for it in way.all("aws:apigateway/method:Method") if _takes_orders(way, it)],
    )
    authorizer = way.step(
        "its authorizer",
        [
            it
            for it in way.all("aws:apigateway/authorizer:Authorizer")
            if it.id == method.inputs["authorizerId"]
        ],
    )
    judge = way.step(
        "the authorizer's function",
        [
            it
            for it in way.all("aws:lambda/function:Function")
            if it.outputs["arn"] in authorizer.inputs["authorizerUri"]
        ],
    )
    assert json.loads(judge.inputs["environment"]["variables"]["METHODS"])[" ".join(ORDER)]
    permission = way.find("aws:lambda/permission:Permission", function=judge.inputs["name"])
    assert permission.inputs["sourceArn"].endswith(f"/authorizers/{authorizer.id}")
    integration = way.find(
        "aws:apigateway/integration:Integration",
        resourceId=method.inputs["resourceId"],
        httpMethod=method.inputs["httpMethod"],
    )
    link = way.step(
        "its VPC link",
        [
            it
            for it in way.all("aws:apigatewayv2/vpcLink:VpcLink")
            if it.id == integration.inputs["connectionId"]
        ],
    )
    balancer = way.step(
        "the load balancer behind it",
        [
            it
            for it in way.all("aws:lb/loadBalancer:LoadBalancer")
            if it.outputs["arn"] == integration.inputs["integrationTarget"]
        ],
    )
    assert balancer.inputs["internal"]
    way.reaches(_group(way, link), _group(way, balancer), 443)
    return balancer, integration


def _takes_orders(way: Walk, method: Resource) -> bool:
    parts = []
    at = method.inputs["resourceId"]
    resources = {it.id: it for it in way.all("aws:apigateway/resource:Resource")}
    while at in resources:
        parts.append(resources[at].inputs["pathPart"])
        at = resources[at].inputs["parentId"]
    return (method.inputs["httpMethod"], "/" + "/".join(reversed(parts))) == ORDER


def _to_the_service(way: Walk, balancer: Resource, integration: Resource) -> Resource:
    """By the listener's rule for the path to the target group, and from there to what runs."""
    listeners = {
        it.outputs["arn"]
        for it in way.all("aws:lb/listener:Listener")
        if it.inputs["loadBalancerArn"] == balancer.outputs["arn"]
    }
    path = ORDER[1]
    assert integration.inputs["uri"].endswith(path)
    rule = way.step(
        "a rule for the path",
        [
            it
            for it in way.all("aws:lb/listenerRule:ListenerRule")
            if it.inputs["listenerArn"] in listeners
            and any(re.search(pattern, path) for pattern in _patterns(it))
        ],
    )
    arn = rule.inputs["actions"][0]["targetGroupArn"]
    group = way.step(
        "its target group",
        [it for it in way.all("aws:lb/targetGroup:TargetGroup") if it.outputs["arn"] == arn],
    )
    pods = [it for it in way.all(BINDING) if it.inputs["spec"]["targetGroupARN"] == arn]
    if not pods:
        tasks = [
            it
            for it in way.all("aws:ecs/service:Service")
            if any(to["targetGroupArn"] == arn for to in it.inputs["loadBalancers"])
        ]
        service = way.step("a service that is its target", tasks)
        way.reaches(_group(way, balancer), _group(way, service), int(group.inputs["port"]))
        return service
    binding = way.step("a binding to it", pods)
    metadata = binding.inputs["metadata"]
    inside = way.step(
        "the service that it names",
        [
            it
            for it in way.all("kubernetes:core/v1:Service")
            if it.inputs["metadata"]["name"] == binding.inputs["spec"]["serviceRef"]["name"]
            and it.inputs["metadata"]["namespace"] == metadata["namespace"]
        ],
    )
    deployment = way.step(
        "the pods that it selects",
        [
            it
            for it in way.all("kubernetes:apps/v1:Deployment")
            if it.inputs["metadata"]["namespace"] == metadata["namespace"]
            and inside.inputs["spec"]["selector"].items()
            <= it.inputs["spec"]["template"]["metadata"]["labels"].items()
        ],
    )
    way.reaches(_group(way, balancer), f"pods of {SERVICE}", int(group.inputs["port"]))
    return deployment


def _labels(deployment: Resource) -> Mapping[str, str]:
    return deployment.inputs["spec"]["template"]["metadata"]["labels"]


def _patterns(rule: Resource) -> Iterator[str]:
    for condition in rule.inputs["conditions"]:
        yield from condition.get("pathPattern", {}).get("regexValues", ())


def _to_the_queue(way: Walk, service: Resource) -> tuple[str, Resource]:
    """What runs knows the queue's address, and has a role."""
    if service.type == "aws:ecs/service:Service":
        task = way.step(
            "its task",
            [
                it
                for it in way.all("aws:ecs/taskDefinition:TaskDefinition")
                if it.outputs["arn"] == service.inputs["taskDefinition"]
            ],
        )
        (container,) = json.loads(reveal(task.inputs["containerDefinitions"]))
        environment = {it["name"]: it["value"] for it in container["environment"]}
        role_arn = task.inputs["taskRoleArn"]
    else:
        spec = service.inputs["spec"]["template"]["spec"]
        environment = {it["name"]: it["value"] for it in spec["containers"][0]["env"]}
        identity = way.find(
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
            namespace=service.inputs["metadata"]["namespace"],
            serviceAccount=spec["serviceAccountName"],
        )
        role_arn = identity.inputs["roleArn"]
    role = way.step("its role", [it for it in way.all("aws:iam/role:Role") if it.outputs["arn"] == role_arn])
    url = dict(each.split("=") for each in environment["ORDER_QUEUES"].split())[way.cell]
    queue = way.step(
        "the queue that it is told", [it for it in way.all("aws:sqs/queue:Queue") if it.id == url]
    )
    assert queue.inputs["fifoQueue"]
    return role.inputs["name"], queue


def _to_the_ledger(way: Walk, queue: Resource) -> None:
    """The matcher takes from the queue, and may sign in to the ledger, which it reaches."""
    source = way.find("aws:lambda/eventSourceMapping:EventSourceMapping", eventSourceArn=queue.outputs["arn"])
    matcher = _function(way, source.inputs["functionName"])
    role = _role_of(way, matcher)
    way.may(role, "sqs:ReceiveMessage", queue.outputs["arn"])
    variables: Mapping[str, str] = matcher.inputs["environment"]["variables"]
    hosts = [it.outputs["endpoint"] for it in way.all("aws:rds/globalCluster:GlobalCluster", "us-east-1")]
    assert variables["LEDGER_HOST"] in hosts
    account = queue.outputs["arn"].split(":")[4]
    for region in variables["LEDGER_REGIONS"].split(","):
        way.may(
            role, "rds-db:connect", f"arn:aws:rds-db:{region}:{account}:dbuser:*/{variables['LEDGER_USER']}"
        )
    way.reaches(_group(way, matcher), "ledger", 5432)


def _to_the_alert(way: Walk) -> None:
    """The relay, which a schedule runs, reads the outbox and publishes; whoever wants to know has subscribed."""
    relay = _function(way, f"castle-{way.cell}-relay")
    way.step(
        "its schedule",
        [
            it
            for it in way.all("aws:scheduler/schedule:Schedule")
            if it.inputs["target"]["arn"] == relay.outputs["arn"]
        ],
    )
    way.reaches(_group(way, relay), "ledger", 5432)
    topic = way.step(
        "the topic of alerts",
        [
            it
            for it in way.all("aws:sns/topic:Topic")
            if it.outputs["arn"] == relay.inputs["environment"]["variables"]["TOPIC_ALERTS"]
        ],
    )
    way.may(_role_of(way, relay), "sns:Publish", topic.outputs["arn"])
    subscription = way.find("aws:sns/topicSubscription:TopicSubscription", topic=topic.outputs["arn"])
    assert "rejected" in json.loads(subscription.inputs["filterPolicy"])["kind"]
    alert = way.step(
        "the queue that it goes to",
        [it for it in way.all("aws:sqs/queue:Queue") if it.outputs["arn"] == subscription.inputs["endpoint"]],
    )
    way.may(f"castle-{way.cell}-accounts", "sqs:ReceiveMessage", alert.outputs["arn"])


def _function(way: Walk, named: str) -> Resource:
    return way.step(
        "the function",
        [
            it
            for it in way.all("aws:lambda/function:Function")
            if named in (it.inputs["name"], it.outputs["arn"])
        ],
    )


def _role_of(way: Walk, function: Resource) -> str:
    (role,) = [it for it in way.all("aws:iam/role:Role") if it.outputs["arn"] == function.inputs["role"]]
    return role.inputs["name"]


def _group(way: Walk, resource: Resource) -> str:
    """The name, as `docs/reach.md` has it, of the security group that something is in."""
    ids = json.dumps(resource.inputs, default=str)
    (name,) = {
        urns.name_of(it.urn).removeprefix("cell-").removesuffix("-group")
        for it in way.all("aws:ec2/securityGroup:SecurityGroup")
        if it.id in ids
    }
    return name
