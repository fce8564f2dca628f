"""Drill of drift: a preview shows the changes made by hand, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import CLUSTER
from rehearsal.drills.drill import Drill, Expected, Scene, Stage
from rehearsal.engine.events import FailedError
from rehearsal.values import Secret

RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
# Nothing refers to resources of these types, so that AWS lets people delete them. The first one is deleted.
UNREFERENCED = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:ec2/flowLog:FlowLog")
_PASSWORD = "masterPasswordWo"
_CIDR = "cidrIpv4"


def drift(stage: Stage) -> Iterator[Scene]:
    """Opens a security group, deletes a resource and rotates the databases' passwords."""
    rules = [rule for rule in stage.living(RULE) if rule.outputs.get(_CIDR)]
    unreferenced = [resource for type_ in UNREFERENCED for resource in stage.living(type_)]
    if not rules or not unreferenced:
        raise FailedError(
            "drift needs a rule that admits a CIDR, and an alarm or a flow log; choose stacks that have both"
        )
    stage.change_cloud(external_changes.edited(rules[0], **{_CIDR: "0.0.0.0/0"}))
    stage.change_cloud(external_changes.deleted(stage.resources, unreferenced[0]))
    databases = [cluster for cluster in stage.living(CLUSTER) if _PASSWORD in cluster.inputs]
    for database in databases:
        stage.change_cloud(
            external_changes.secret_rotated(database, **{_PASSWORD: Secret("set by somebody else")})
        )
    rotated = f"; the password of {databases[0].id} was rotated, which no preview shows" if databases else ""
    yield Scene(
        f"{rules[0].id} was opened to everybody, and {unreferenced[0].id} was deleted{rotated}",
        expected=(Expected("update", rules[0].urn, (_CIDR,)), Expected("create", unreferenced[0].urn)),
    )


DRILLS = (
    Drill(
        "drift",
        "Somebody opens a security group, deletes an alarm and rotates a password by hand.",
        drift,
        needs=(RULE,),
    ),
)
