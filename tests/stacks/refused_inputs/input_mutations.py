"""Mutations of recorded inputs: each spoils one input, and says where and what the cloud must say of it.

What is spoiled is found by looking at the values (this one reads like an ARN, that one is some resource's id), not
by asking the tables that the checks use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.schema import Declaration, Schema, Shape
from rehearsal.cloud.types.type_table import FILE, load_yaml
from rehearsal.values import Secret, Value, Values, reveal

TABLE = load_yaml(FILE)
OTHER_ACCOUNT = "210987654321"
NO_REFERENCES = {  # values that are some resource's id by name or by chance, and that AWS looks nothing up by
    "accessScope.namespaces",  # in the cluster, into which EKS does not look
    "tags.Name",
    "tags.eks:eks-cluster-name",
    "dimensions.BackupVaultName",  # an alarm may watch what doesn't report yet
    "dimensions.DBClusterIdentifier",
    "dimensions.DestinationBucket",
    "dimensions.DestinationFileSystemId",
    "dimensions.FileSystemId",
    "dimensions.FunctionName",
    "dimensions.HealthCheckId",
    "dimensions.ClusterName",
    "dimensions.ReplicationGroupId",
    "dimensions.SourceBucket",
    "dimensions.TableName",
    "dimensions.UsageLimitId",
    "dimensions.Workgroup",
    "metricQueries.metric.dimensions.TableName",
    "sourceAccount",  # whoever may call a function needn't be there either
    "sourceArn",
    "globalReplicationGroupIdSuffix",
    "databaseName",
    "cluster",  # of tasks, by a name that others have, too: the pretend cloud looks up its ARN alone
    "pathPart",
    "endpoint",  # a topic's, which finds out when it sends
    "target.arn",  # a schedule's, which finds out when it calls
    "kubernetesGroups",
    "namespace",  # of pods that may come later
    "serviceAccount",
    "peerOwnerId",
    # A host that API Gateway also knows, which calls its custom domains by their names.
    "conditions.hostHeader.values",
    "domainName",
    "fqdn",
    "name",
    "subjectAlternativeNames",
}
# What looks like JSON here, and may be any text: a secret, a line of a log, an answer, an environment, a path.
ANY_TEXT = ("secretString", "format", "application/json", "METHODS", "pathPart")
TEXTS = "environment.variables."  # whatever the function makes of it
ANYWHERE = {  # what may lie in another region
    "cloudwatchAlarmName",
    "globalTableArn",
    "peerVpcId",
    "primaryKeyArn",
    "rules.copyActions.destinationVaultArn",
    "rules.destination.bucket",
    "rules.destination.encryptionConfiguration.replicaKmsKeyId",
    "vpcPeeringConnectionId",
}
CIDR = re.compile(r"\d+\.\d+\.\d+\.\d+/\d+")
ID = re.compile(r"[a-z]+-[0-9a-f]{17}")
PRINCIPAL = re.compile(r"(arn:aws:iam::\d{12}:role/)[\w/-]+")


@dataclass(frozen=True)
class Mutation:
    """Inputs of which one is spoiled: how, at which path, and a word that the refusal must have."""

    kind: str
    path: str
    inputs: Values
    word: str = ""


class Catalogue:
    """The ids and ARNs of all that exists."""

    def __init__(self, resources: Iterable[CloudResource]) -> None:
        self._holders: dict[
            str, list[CloudResource]
        ] = {}  # the same id may stand for one resource in each region
        for resource in resources:
            for value in {resource.id, resource.outputs.get("arn")} - {None}:
                self._holders.setdefault(str(value), []).append(resource)
        self._alone: dict[tuple[str, bool], list[str]] = {}
        for value, (first, *more) in self._holders.items():
            if first.region and not more:
                self._alone.setdefault((first.type, value.startswith("arn:")), []).append(value)

    def __contains__(self, value: str) -> bool:
        return value in self._holders

    def elsewhere(self, value: str) -> tuple[str, str] | None:
        """The id or ARN of a like resource in another region, and that region; None if there is none."""
        resource = self._holders[value][0]
        for other in self._alone.get((resource.type, value.startswith("arn:")), ()):
            region = self._holders[other][0].region
            if resource.region and region not in {holder.region for holder in self._holders[value]}:
                return other, region
        return None


@dataclass(frozen=True)
class _Place:
    """A value inside inputs: its path, its keys and indexes from the top, and what the SDK declares for it."""

    path: str
    steps: tuple[str | int, ...]
    value: Value
    shape: Shape
    within: Declaration | None = None  # what the value's own properties may be, if it is an object


def of_types(inputs: Values, schema: Schema, token: str) -> Iterator[Mutation]:
    """What the SDK's declarations alone forbid."""
    places = list(_places(inputs, schema))
    for place in places:
        at = f"{place.path}." if place.path else ""
        if place.within is not None and isinstance(place.value, dict):
            changed = {**place.value, "strangeInput": 1}
            yield Mutation("unknown name", f"{at}strangeInput", _with(inputs, place.steps, changed))
            for name, value in place.value.items():
                rest = {n: v for n, v in place.value.items() if n != name}
                if name in place.within.required:
                    yield Mutation("missing", at + name, _with(inputs, place.steps, rest), "is missing")
                if f"{name}x" not in place.within.properties:
                    misspelt = _with(inputs, place.steps, {**rest, f"{name}x": value})
                    yield Mutation("misspelt name", f"{at}{name}x", misspelt, f"did you mean {name} ")
        if place.path and place.shape != "any":
            wrong: Value = ["x"] if isinstance(place.value, (str, dict)) else {"x": "y"}
            yield Mutation("wrong type", place.path, _with(inputs, place.steps, wrong), "must be")
        if isinstance(place.shape, dict) and "enum" in place.shape and not _open(place, token):
            yield Mutation("enum", place.path, _with(inputs, place.steps, "STRANGE"), "must be one of")


def of_forms(inputs: Values, schema: Schema) -> Iterator[Mutation]:
    """Texts and numbers that don't look as they must, where the value that was there did."""
    for place in _places(inputs, schema):
        value, name = place.value, place.path.rpartition(".")[2]
        spoilt: dict[str, Value] = {}
        if isinstance(value, str) and value.startswith("arn:") and _looked_up(place):
            spoilt["ARN"] = value.replace("arn:aws:", "arn:", 1)
        elif isinstance(value, str) and CIDR.fullmatch(value):
            spoilt["CIDR"] = value.rpartition("/")[0] + "/33"
        elif isinstance(value, str) and ID.fullmatch(value) and _looked_up(place):
            spoilt["id"] = value[:-1]
        elif isinstance(value, str) and value[:1] == "{" and name not in ANY_TEXT:
            spoilt["JSON"] = value[:-1]
        elif name in ("port", "fromPort", "toPort") and value not in (None, -1):
            spoilt["port"] = 70000 if isinstance(value, int) else "70000"
        if isinstance(value, str) and '"Effect"' in value:
            spoilt["policy"] = value.replace('"Effect"', '"Efect"', 1)
        for kind, wrong in spoilt.items():
            yield Mutation(kind, place.path, _with(inputs, place.steps, wrong), "must be")


def of_references(inputs: Values, schema: Schema, known: Catalogue, own: str) -> Iterator[Mutation]:
    """References that lead nowhere, elsewhere or to somebody else. `own`: the resource's own id, which is none."""
    for place in _places(inputs, schema):
        value = place.value
        if not isinstance(value, str):
            continue
        if value in known and value != own and _looked_up(place):
            yield Mutation("lost", place.path, _with(inputs, place.steps, _lost(value)), "doesn't exist")
            other = known.elsewhere(value)
            if other is not None and re.sub(r"\[\d+\]", "", place.path) not in ANYWHERE:
                moved = _with(inputs, place.steps, other[0])
                yield Mutation("other region", place.path, moved, f"is in {other[1]}, not in")
            parts = value.split(":")
            if value.startswith("arn:") and parts[4].isdigit():
                theirs = ":".join([*parts[:4], OTHER_ACCOUNT, *parts[5:]])
                changed = _with(inputs, place.steps, theirs)
                yield Mutation("other account", place.path, changed, f"is in account {OTHER_ACCOUNT}")
        if '"Effect"' in value and PRINCIPAL.search(_principals(value)):
            stranger = PRINCIPAL.sub(r"\1nobody", value)
            yield Mutation(
                "principal", place.path, _with(inputs, place.steps, stranger), "role/nobody doesn't"
            )


def of_networks(
    inputs: Values, schema: Schema, resources: Mapping[str, CloudResource], strangers: Mapping[str, str]
) -> Iterator[Mutation]:
    """References into another VPC of the same region. `strangers`: what is there, by type."""
    types = {resource.id: resource.type for resource in resources.values()}
    inside = {
        resource.id
        for resource in resources.values()
        if resource.type in strangers or "vpcId" in resource.outputs
    }
    network = [place for place in _places(inputs, schema) if str(place.value) in inside]
    for place in network if len(network) > 1 else ():  # a single reference says which VPC is meant
        stranger = strangers.get(types[place.value])
        if stranger is not None:
            yield Mutation("other VPC", place.path, _with(inputs, place.steps, stranger), stranger)


def _lost(value: str) -> str:
    """An id or ARN of the same form that nothing has."""
    if ID.fullmatch(value):
        return value[:-4] + ("0000" if value[-4:] != "0000" else "1111")
    return value + "x"


def _looked_up(place: _Place) -> bool:
    path = re.sub(r"\[\d+\]", "", place.path)
    return path not in NO_REFERENCES and not path.startswith(TEXTS)


def _principals(policy: str) -> str:
    return json.dumps([one.get("Principal") for one in json.loads(policy)["Statement"]])


def _open(place: _Place, token: str) -> bool:
    """Returns whether AWS is known to take more than the SDK lists."""
    path = re.sub(r"\[\d+\]", "", place.path)
    return bool(place.shape.get("open")) and (token not in TABLE or path in TABLE[token].get("open", ()))


def _places(inputs: Values, schema: Schema) -> Iterator[_Place]:
    yield _Place("", (), inputs, "any", schema.inputs)
    for name, value in inputs.items():
        yield from _inside(name, (name,), value, schema.inputs.properties[name], schema)


def _inside(
    path: str, steps: tuple[str | int, ...], value: Value, shape: Shape, schema: Schema
) -> Iterator[_Place]:
    shape = _fitting(reveal(value), shape)
    plain = value.value if isinstance(value, Secret) else value
    kind: dict[str, Any] = shape if isinstance(shape, dict) else {}
    declared = schema.objects[kind["object"]] if "object" in kind else None
    yield _Place(path, steps, plain, shape, declared)
    if isinstance(plain, list) and "list" in kind:
        for index, item in enumerate(plain):
            yield from _inside(f"{path}[{index}]", (*steps, index), item, kind["list"], schema)
    elif isinstance(plain, dict) and (declared is not None or "map" in kind):
        for name, item in plain.items():
            inner = kind["map"] if declared is None else declared.properties[name]
            yield from _inside(f"{path}.{name}", (*steps, name), item, inner, schema)


def _fitting(value: Value, shape: Shape) -> Shape:
    """Of a union, the shape that the value has."""
    if not (isinstance(shape, dict) and "union" in shape):
        return shape
    wanted = {dict: {"object", "map"}, list: {"list"}}.get(type(value))
    for one in shape["union"]:
        if isinstance(one, str) if wanted is None else not isinstance(one, str) and wanted & one.keys():
            return one
    return shape


def _with(values: Value, steps: tuple[str | int, ...], new: Value) -> Value:
    """A copy of values with one part replaced; a secret around it stays."""
    if isinstance(values, Secret):
        return Secret(_with(values.value, steps, new))
    if not steps:
        return new
    first, rest = steps[0], steps[1:]
    if isinstance(values, list):
        return [_with(item, rest, new) if index == first else item for index, item in enumerate(values)]
    return {name: _with(item, rest, new) if name == first else item for name, item in values.items()}
