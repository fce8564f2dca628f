"""Rules on EC2 Auto Scaling groups: zones and launch templates."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, as_list
from controls.language.rules import MEDIUM, Rule
from controls.language.tokens import SCALING_GROUP
from controls.language.verdicts import Fail, Undecided, Verdicts


def several_zones(node: Node) -> Verdicts:
    """Zones of a group: AWS spreads it over those of its subnets, or over zones that are named without subnets."""
    places = [node.get(it) for it in ("vpcZoneIdentifiers", "availabilityZones")]
    if any(len(as_list(it)) >= 2 for it in places):
        return
    if UNKNOWN in places:
        yield Undecided("vpcZoneIdentifiers")
    else:
        yield Fail("`vpcZoneIdentifiers` has fewer than two subnets: name one in each of several zones")


def uses_launch_template(node: Node) -> Verdicts:
    if node.get("launchConfiguration") not in (MISSING, ""):
        yield Fail("`launchConfiguration` is set: use a launch template")
    elif not node.has("launchTemplate") and not node.has("mixedInstancesPolicy.launchTemplate"):
        yield Fail("`launchTemplate` is missing: name one")


RULES: Final = (
    Rule(
        "autoscaling-group-multi-az",
        MEDIUM,
        SCALING_GROUP,
        several_zones,
        asks="Auto Scaling groups cover several zones",
        fix="Name subnets of several zones in vpcZoneIdentifiers",
        ids="AutoScaling.2",
        reads="vpcZoneIdentifiers availabilityZones",
    ),
    Rule(
        "autoscaling-uses-launch-template",
        MEDIUM,
        SCALING_GROUP,
        uses_launch_template,
        asks="Auto Scaling groups use launch templates, not launch configurations",
        fix="Name a LaunchTemplate in launchTemplate or in mixedInstancesPolicy",
        ids="AutoScaling.9 CKV_AWS_315",
        reads="launchTemplate launchConfiguration mixedInstancesPolicy",
    ),
)
