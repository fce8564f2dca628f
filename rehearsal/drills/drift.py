"""The drill of changes by hand: a preview shows them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import CLUSTER
from rehearsal.drills.drill import Drill, Expected, Scene, Stage
from rehearsal.engine.events import FailedError
from rehearsal.values import Secret

RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
# Nothing refers to these, so that AWS lets anybody delete them. The first that there is is deleted.
LONE = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:ec2/flowLog:FlowLog")
_PASSWORD = "masterPasswordWo"
_CIDR = "cidrIpv4"


def drift(stage: Stage) -> Iterator[Scene]:
    rules = [it for it in stage.living(RULE) if it.outputs.get(_CIDR)]
    lone = [it for type_ in LONE for it in stage.living(type_)]
    if not rules or not lone:
        raise FailedError(
            "drift needs a rule that admits a CIDR, and an alarm or a flow log; choose stacks that have both"
        )
    stage.change_cloud(external_changes.edited(rules[0], **{_CIDR: "0.0.0.0/0"}))
    stage.change_cloud(external_changes.deleted(stage.resources, lone[0]))
    databases = [it for it in stage.living(CLUSTER) if _PASSWORD in it.inputs]
    for database in databases:
        stage.change_cloud(
            external_changes.secret_rotated(database, **{_PASSWORD: Secret("set by somebody else")})
        )
    rotated = f"; the password of {databases[0].id} was rotated, which no preview shows" if databases else ""
    yield Scene(
        f"{rules[0].id} was opened to everybody, and {lone[0].id} was deleted{rotated}",
        expected=(Expected("update", rules[0].urn, (_CIDR,)), Expected("create", lone[0].urn)),
    )


DRILLS = (
    Drill(
        "drift",
        "Somebody opens a security group, deletes an alarm and rotates a password by hand.",
        drift,
        needs=(RULE,),
    ),
)
