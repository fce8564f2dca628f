"""Rules on Global Accelerator: the regions that a listener's endpoint groups lead to."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value
from controls.language.graph import Graph
from controls.language.rules import HIGH, stack_rule
from controls.language.tokens import ACCELERATOR_LISTENER, ENDPOINT_GROUP
from controls.language.verdicts import Fail, Undecided, Verdicts


def in_two_regions(graph: Graph) -> Verdicts:
    """Listeners lead to endpoint groups in two regions. AWS dials all of a region's traffic in when no dial is
    written, and none when it is 0."""
    for listener in graph.of(ACCELERATOR_LISTENER):
        groups = graph.referrers(ENDPOINT_GROUP, "listenerArn", listener)
        open_groups = [it for it in groups if it.get("trafficDialPercentage") not in (0, "0")]
        regions = {_region(it) for it in open_groups}
        dials = {it.get("trafficDialPercentage") for it in open_groups}
        known = {_region(it) for it in open_groups if it.get("trafficDialPercentage") is not UNKNOWN} - {
            UNKNOWN
        }
        if len(known) >= 2:
            continue
        if (
            UNKNOWN in regions
            or UNKNOWN in dials
            or graph.may_reference(ENDPOINT_GROUP, "listenerArn", listener)
        ):
            yield Undecided("endpointGroupRegion", listener.urn)
        else:
            yield Fail("it leads to fewer than two regions: add an EndpointGroup in another", listener.urn)


def _region(group: Node) -> Value:
    """Region of an endpoint group: AWS takes that of the request when none is written."""
    region = group.get("endpointGroupRegion")
    return group.provider("region") if region is MISSING else region


RULES: Final = (
    stack_rule(
        "ga-endpoint-groups-multi-region",
        HIGH,
        ACCELERATOR_LISTENER + ENDPOINT_GROUP,
        in_two_regions,
        asks="Each listener of an accelerator leads to two regions or more",
        fix="Add an EndpointGroup in another region, with trafficDialPercentage over 0",
        reads="listenerArn endpointGroupRegion trafficDialPercentage",
    ),
)
