"""SNS topic of a cell's CloudWatch alarms. Nobody is subscribed to it yet."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.alarms import alarm_topic


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    account: str
    region: str
    key_arn: pulumi.Input[str]  # of this region


class Alerts(pulumi.ComponentResource):
    """One encrypted topic, which the alarms of every component of the cell notify.

    The program makes no subscription: an on-call service has to be subscribed for people to be alerted.
    """

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:observability:Alerts", name, None, opts)
        self.topic_arn = alarm_topic(
            f"{name}-alarms",
            account=args.account,
            region=args.region,
            key_arn=args.key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"topic_arn": self.topic_arn})
