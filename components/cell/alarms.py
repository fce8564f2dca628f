"""Alarm topic of a cell, to which every alarm in it is sent."""

from __future__ import annotations

import pulumi

from components.cell.inputs import CellInputs
from components.cell.keys import Keys
from components.observability.alerts import Alerts, AlertsArgs


def build_alarm_topic(cell: CellInputs, keys: Keys) -> pulumi.Output[str]:
    """Builds the topic. Returns its ARN, known once alarms may publish to it."""
    return Alerts(
        f"{cell.name}-alerts",
        AlertsArgs(
            account=cell.platform.account,
            region=cell.settings.region,
            key_arn=keys.arns[cell.platform.family_of("logs")],
        ),
        cell.child,
    ).topic_arn
