"""A recording stand-in for the engine: runs a program, keeps every registration with its options, is strict.

It is stricter than Pulumi's own mocks: a second registration of one URN fails, an invoke that nobody answers
fails, and so does a warning, since the SDK's deprecations are warnings.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
import runpy
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from unittest.mock import patch

import pulumi
import pulumi_aws as aws
import yaml
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import get_root_resource, reset_options

from settings.catalogue import SERVICES
from settings.regions import LOCATION_OF_REGION
from tests.root import ROOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # loading the module warns of the classes in it that we don't use
    import pulumi_eks as _eks

    _ = (
        _eks.Cluster,
        aws.s3.Bucket,
        aws.ec2.Vpc,
        aws.lambda_.Function,
    )  # a module loads when first looked into

ORGANIZATION = "organization"
PROJECT = "castle"
ACCOUNT = "123456789012"
SECRET = rpc._special_sig_key  # marks a secret, or another special value, on the wire


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recorded:
    """One registration, with the options that mocks never see."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    provider: str
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    depends_on: frozenset[str]
    custom: bool
    remote: bool  # a component whose children a plugin makes; here it has none
    providers: dict[str, str]  # given to a remote component, by package

    @property
    def chain(self) -> str:
        """The types of the parents and its own, as in a real URN."""
        return self.urn.split("::")[2]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Invoked:
    token: str
    args: dict[str, Any]
    provider: str


Answer = Callable[[dict[str, Any]], dict[str, Any]]


def _zones(_: dict[str, Any]) -> dict[str, Any]:
    names = [f"{region}{letter}" for region in LOCATION_OF_REGION for letter in "abcdef"]
    return {"names": names, "zoneIds": [f"{name}-id" for name in names]}


def _described(_: dict[str, Any]) -> dict[str, Any]:
    """The global cache, of which no member of a cell is the primary."""
    return {"properties": json.dumps({"Members": []})}


def _password(_: dict[str, Any]) -> dict[str, Any]:
    return {"randomPassword": "correct-horse-battery-staple"}


ANSWERS: dict[str, Answer] = {
    "aws:cloudcontrol/getResource:getResource": _described,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:secretsmanager/getRandomPassword:getRandomPassword": _password,
}


class Cloud(mocks.Mocks):
    """Answers with what AWS would compute, as far as the program reads it."""

    def __init__(self, stacks: Mapping[str, Mapping[str, Any]], answers: Mapping[str, Answer]) -> None:
        self.stacks = stacks
        self.answers = answers

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            stack = args.inputs["name"].rsplit("/", 1)[-1]
            outputs = {"name": args.inputs["name"], "outputs": self.stacks[stack], "secretOutputNames": []}
            return args.inputs["name"], outputs
        return f"{args.name}-id", {"name": args.name, **args.inputs, **_computed(args)}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token not in self.answers:
            raise AssertionError(f"nobody answers the invoke {args.token}")
        return self.answers[args.token](args.args), []


def _computed(args: mocks.MockResourceArgs) -> dict[str, Any]:
    region = args.inputs.get("region", "")
    if args.typ in ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"):
        return {"keyId": "mrk-1", "arn": f"arn:aws:kms:{region}:{ACCOUNT}:key/mrk-1"}
    if args.typ == "aws:acm/certificate:Certificate":
        names = [args.inputs["domainName"], *args.inputs.get("subjectAlternativeNames", [])]
        # In an order of its own, as ACM's list has none.
        options = [_validation(name) for name in reversed(names)]
        return {
            "arn": f"arn:aws:acm:{region}:{ACCOUNT}:certificate/{args.name}",
            "domainValidationOptions": options,
        }
    if args.typ == "aws:lb/loadBalancer:LoadBalancer":
        return {
            "arn": f"arn:{args.name}",
            "arnSuffix": f"app/{args.name}",
            "dnsName": f"{args.name}.elb.amazonaws.com",
            "zoneId": "Z0ELB",
        }
    if args.typ == "aws:cloudfront/distribution:Distribution":
        domain = {"domainName": "d1.cloudfront.net", "hostedZoneId": "Z2FDTNDATAQYW2"}
        return {"arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", **domain}
    computed = _COMPUTED.get(args.typ)
    return computed(args) if computed else {"arn": f"arn:{args.name}"}


_COMPUTED: dict[str, Callable[[mocks.MockResourceArgs], dict[str, Any]]] = {
    "aws:rds/globalCluster:GlobalCluster": lambda args: {"endpoint": f"{args.name}.global.rds.amazonaws.com"},
    "aws:rds/proxyEndpoint:ProxyEndpoint": lambda args: {"endpoint": f"{args.name}.proxy.rds.amazonaws.com"},
    "aws:secretsmanager/secret:Secret": lambda args: {
        "arn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{args.name}-a1b2c3"
    },
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": lambda args: {
        "globalReplicationGroupId": f"ldgnf-{args.inputs['globalReplicationGroupIdSuffix']}"
    },
    "aws:rds/integration:Integration": lambda args: {
        "arn": f"arn:{args.name}",
        "integrationIdentifier": "11111111-2222-4333-a444-555555555555",
    },
    "aws:redshiftserverless/namespace:Namespace": lambda args: {
        "arn": f"arn:{args.name}",
        "adminPasswordSecretArn": f"arn:{args.name}-admin",
    },
    "aws:apigateway/restApi:RestApi": lambda args: {
        "executionArn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{args.name}",
        "rootResourceId": f"{args.name}-root",
    },
    "aws:apigateway/domainName:DomainName": lambda args: {
        "regionalDomainName": f"{args.name}.execute-api.amazonaws.com",
        "regionalZoneId": "Z0API",
    },
    "aws:lb/targetGroup:TargetGroup": lambda args: {
        "arn": f"arn:{args.name}",
        "arnSuffix": f"targetgroup/{args.name}",
    },
    "eks:index:Cluster": lambda args: {
        "clusterSecurityGroupId": f"{args.name}-group",
        "kubeconfigJson": "{}",
    },
}


def _validation(name: str) -> dict[str, Any]:
    return {
        "domainName": name,
        "resourceRecordName": f"_proof.{name}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{name}.acm-validations.aws.",
    }


def _name_references(values: Any) -> None:
    """Put a resource's URN in the place of a reference to it, which the SDK would follow by asking the engine."""
    for key, value in values.fields.items():
        if not value.HasField("struct_value"):
            continue
        inside = value.struct_value.fields
        if SECRET in inside and inside[SECRET].string_value == rpc._special_resource_sig:
            values.fields[key].string_value = inside["urn"].string_value
        else:
            _name_references(value.struct_value)


class Recorder(mocks.MockMonitor):
    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.recorded: list[Recorded] = []
        self.invokes: list[Invoked] = []
        self.finished: set[str] = set()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        chain = parent.split("::")[2] + "$" if parent and "pulumi:pulumi:Stack" not in parent else ""
        return f"urn:pulumi:stack::{PROJECT}::{chain}{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:
        _name_references(request.object)
        urn = self.make_urn(request.parent, request.type, request.name)
        if any(each.urn == urn for each in self.recorded):
            raise AssertionError(f"two resources have the URN {urn}")
        if request.type != "pulumi:pulumi:Stack":
            self.recorded.append(
                Recorded(
                    urn=urn,
                    type=request.type,
                    name=request.name,
                    inputs=rpc.deserialize_properties(request.object),
                    parent=request.parent,
                    provider=request.provider,
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    ignore_changes=tuple(request.ignoreChanges),
                    depends_on=frozenset(request.dependencies),
                    custom=request.custom,
                    remote=request.remote,
                    providers=dict(request.providers),
                )
            )
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.finished.add(request.urn)
        return super().RegisterResourceOutputs(request)

    def Invoke(self, request: Any) -> Any:
        args = rpc.deserialize_properties(request.args)
        self.invokes.append(Invoked(token=request.tok, args=args, provider=request.provider))
        return super().Invoke(request)


@dataclasses.dataclass
class Run:
    """What one run of a program registered, asked and exported, after everything has drained."""

    resources: list[Recorded]
    invokes: list[Invoked]
    finished: set[str]
    outputs: dict[str, Any]

    def one(self, name: str, type_: str = "") -> Recorded:
        found = [
            each
            for each in self.resources
            if each.name == name and each.type.endswith(f":{type_}" if type_ else "")
        ]
        assert len(found) == 1, f"{len(found)} resources are named {name}"
        return found[0]

    def of(self, type_: str) -> list[Recorded]:
        """All of one type, by the last part of its token: `Subnet`."""
        return [each for each in self.resources if each.type.endswith(f":{type_}")]

    def names(self, type_: str) -> set[str]:
        return {each.name for each in self.of(type_)}


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.lines.append(record.getMessage())


def run(
    program: Callable[[], object],
    *,
    stack: str = "us-east-1",
    config: Mapping[str, str] | None = None,
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
    answers: Mapping[str, Answer] | None = None,
    preview: bool = False,
) -> Run:
    """Run a program to its end. `stacks` are the outputs of stacks that it may read."""
    warned = _Warnings()
    logger = logging.Logger("castle")
    logger.addHandler(warned)
    recorder = Recorder(Cloud(stacks or {}, {**ANSWERS, **(answers or {})}))
    reset_options()
    pulumi.runtime.set_all_config(dict(config or {}))
    mocks.set_mocks(
        recorder.mocks,
        project=PROJECT,
        stack=stack,
        preview=preview,
        logger=logger,
        monitor=recorder,
        organization=ORGANIZATION,
    )
    outputs: dict[str, Any] = {}

    @pulumi.runtime.test
    def drained() -> object:
        return exported(program())

    async def exported(ended: object) -> object:
        if isinstance(ended, Awaitable):
            await ended
        root = get_root_resource()
        return pulumi.Output.all(**root.outputs).apply(outputs.update) if root else None  # pyright: ignore[reportAttributeAccessIssue] the SDK sets it without a type

    drained()
    assert not warned.lines, warned.lines
    return Run(recorder.recorded, recorder.invokes, recorder.finished, outputs)


@functools.cache
def _config(file: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / file).read_text())["config"]


def committed(stack: str, **changes: object) -> dict[str, str]:
    """The committed config of a stack as Pulumi hands it over: strings. `changes` replace whole keys.

    Every service has an image, as after a release.
    """
    project = _config("Pulumi.yaml")
    values = {f"{PROJECT}:{key}": entry["default"] for key, entry in project.items() if "default" in entry}
    values |= _config(f"Pulumi.{stack}.yaml")
    values[f"{PROJECT}:images"] = dict.fromkeys(SERVICES, f"sha256:{'ab' * 32}")
    values |= {f"{PROJECT}:{key}": value for key, value in changes.items()}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def main() -> Awaitable[object]:
    """The program itself, as the CLI runs it: what it gives to `pulumi.run` is yet to be awaited."""
    given: list[Callable[[], Awaitable[object]]] = []
    with patch.object(pulumi, "run", given.append):
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
    (program,) = given
    return program()


def run_stack(
    stack: str,
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
    answers: Mapping[str, Answer] | None = None,
    **changes: object,
) -> Run:
    """Run the committed program for one stack."""
    return run(main, stack=stack, config=committed(stack, **changes), stacks=stacks, answers=answers)


def leaving(cell: str) -> list[dict[str, Any]]:
    """The committed cells, one of them leaving."""
    cells = json.loads(committed("global")[f"{PROJECT}:cells"])
    return [each | ({"leaving": True} if each["name"] == cell else {}) for each in cells]


def ledger_written_by(*writers_then_readers: str) -> dict[str, Answer]:
    """An answer for the global database: the first cell's cluster writes, the others read."""
    members = [
        {
            "dbClusterArn": f"arn:aws:rds:{cell}:{ACCOUNT}:cluster:castle-{cell}-ledger",
            "isWriter": number == 0,
        }
        for number, cell in enumerate(writers_then_readers)
    ]
    return {"aws:rds/getGlobalCluster:getGlobalCluster": lambda _: {"members": members}}
