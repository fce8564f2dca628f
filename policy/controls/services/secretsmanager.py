"""Rules on Secrets Manager: rotation, replicas, resource policies."""

from __future__ import annotations

import re
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value, arn_region, as_list
from controls.language.graph import Graph
from controls.language.iam.documents import forbid_statements, open_to_all
from controls.language.remediation import Remedy
from controls.language.rules import HIGH, MEDIUM, Config, Param, Rule, check_value, means_true, stack_rule
from controls.language.shapes import SCOPE, missing_companion, number, regional
from controls.language.tokens import SECRET, SECRET_POLICY, SECRET_ROTATION
from controls.language.verdicts import Fail, Undecided, Verdicts

_RATE: Final = re.compile(r"rate\((\d+) (hour|day)s?\)")
_CRON: Final = re.compile(r"cron\(\S+ \S+ \S+ (?P<months>\S+) \S+( \S+)?\)")
_STEP: Final = re.compile(r"(\*|1|JAN)/(\d+)")


def rotated(graph: Graph) -> Verdicts:
    for secret in graph.of(SECRET):
        rotations = graph.referrers(SECRET_ROTATION, "secretId", secret)
        if not rotations:
            yield missing_companion(
                graph, secret, SECRET_ROTATION, "secretId", "nothing rotates it: add a SecretRotation"
            )
        for it in rotations:
            enabled = it.flag("rotationEnabled")
            if enabled is UNKNOWN:
                yield Undecided("rotationEnabled", it.urn)
            elif enabled is False:
                yield Fail("`rotationEnabled` is false: leave it out", it.urn)


def replicated(node: Node, config: Config) -> Verdicts:
    """Replicas of a secret, each encrypted by a key of its own region; a key without a region in its name is one."""
    only_here = regional(node, config)
    replicas = node.get("replicas")
    if only_here is True:
        return
    if UNKNOWN in (only_here, replicas):
        yield Undecided("tags" if only_here is UNKNOWN else "replicas")
        return
    regions = [region for _, region in node.find("replicas.*.region")]
    missing = [it for it in config["regions"] if it not in (*regions, node.region)]
    if not as_list(replicas):
        yield Fail("`replicas` is missing: add one in another region, or tag the secret as regional")
    elif missing and UNKNOWN in regions:
        yield Undecided("replicas")
    elif missing:
        yield Fail(f"`replicas` lacks {', '.join(missing)}: add one there")
    for index, replica in enumerate(as_list(replicas)):
        if isinstance(replica, dict):
            yield from _check_replica_key(f"replicas.{index}", replica)


def _check_replica_key(path: str, replica: dict[str, Value]) -> Verdicts:
    key, region = replica.get("kmsKeyId", MISSING), replica.get("region", MISSING)
    if key is MISSING:
        yield Fail(f"`{path}.kmsKeyId` is missing: name a customer-managed key of that region")
    elif UNKNOWN in (key, region):
        yield Undecided(f"{path}.kmsKeyId")
    elif arn_region(key) not in ("", region):
        yield Fail(f"`{path}.kmsKeyId` is a key of another region: name that region's replica of it")


def not_public(node: Node) -> Verdicts:
    if node.type in SECRET_POLICY:
        yield from check_value(node, "blockPublicPolicy", means_true, "set it to true")
    yield from forbid_statements(node, ("policy",), open_to_all, "lets anyone read the secret: name roles")


def rotated_often(node: Node, config: Config) -> Verdicts:
    most = config["maxDays"]
    days, schedule = (
        node.get(f"rotationRules.{it}") for it in ("automaticallyAfterDays", "scheduleExpression")
    )
    if UNKNOWN in (days, schedule):
        yield Undecided("rotationRules")
    elif not 0 < (number(days) or longest_wait(schedule)) <= most:
        yield Fail(f"`rotationRules` doesn't rotate every {most} days: set automaticallyAfterDays")


def longest_wait(schedule: Value) -> int:
    """Most days between two runs of a schedule, roughly; 0 for a text that is no schedule."""
    if not isinstance(schedule, str):
        return 0
    if found := _RATE.fullmatch(schedule):
        return number(found[1]) if found[2] == "day" else 1
    if found := _CRON.fullmatch(schedule):
        months = found["months"]
        step = _STEP.fullmatch(months)
        return 31 if months == "*" else 31 * number(step[2]) if step else 366
    return 0


RULES: Final = (
    stack_rule(
        "secret-rotation-enabled",
        HIGH,
        SECRET + SECRET_ROTATION,
        rotated,
        asks="Each secret rotates by itself",
        fix="Add a SecretRotation with a function that rotates it",
        ids="SecretsManager.1 CKV2_AWS_57",
        reads="secretId rotationEnabled",
    ),
    Rule(
        "secret-replicated-to-dr",
        HIGH,
        SECRET,
        replicated,
        asks="Secrets that other regions need have replicas there, under keys of those regions",
        fix="Add replicas with region and kmsKeyId, or tag the secret as regional",
        narrowed="Which secrets other regions need is told by a tag, and by the configuration for those without it.",
        reads="replicas",
        config={
            "regions": Param([], "Regions that each secret is replicated to; without any, one will do"),
            **SCOPE,
        },
    ),
    Rule(
        "secret-policy-not-public",
        HIGH,
        SECRET_POLICY + SECRET,
        not_public,
        asks="Policies of secrets name no wildcard principal, and AWS checks that",
        fix="Set blockPublicPolicy to true, and name roles in Principal",
        ids="CIS-7.0:2.21",
        reads="blockPublicPolicy policy",
        remedy=Remedy({"blockPublicPolicy": True}),
    ),
    Rule(
        "secret-rotation-interval",
        MEDIUM,
        SECRET_ROTATION,
        rotated_often,
        asks="Secrets rotate at least as often as configured",
        fix="Set rotationRules.automaticallyAfterDays, or a scheduleExpression that runs as often",
        ids="SecretsManager.4 CKV_AWS_304",
        reads="rotationRules",
        config={"maxDays": Param(90, "Most days between two rotations")},
    ),
)
