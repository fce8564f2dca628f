"""Cases of the rules on Auto Scaling groups."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept

GROUP = "aws:autoscaling/group:Group"


CASES = {
    "autoscaling-group-multi-az": Cases(
        GROUP,
        compliant={"vpcZoneIdentifiers": [UNKNOWN, UNKNOWN]},
        violating={"vpcZoneIdentifiers": ["subnet-1"]},
        missing=broken({}),
        unknown={"vpcZoneIdentifiers": UNKNOWN},
        more={"by zones": kept({"availabilityZones": ["a", "b"]})},
    ),
    "autoscaling-uses-launch-template": Cases(
        GROUP,
        compliant={"launchTemplate": {"id": UNKNOWN}},
        violating={"launchConfiguration": "old"},
        missing=broken({}),
        unknown=kept({"launchTemplate": UNKNOWN}),
        more={
            "among several kinds of machines": kept(
                {"mixedInstancesPolicy": {"launchTemplate": {"x": UNKNOWN}}}
            ),
            "both": broken({"launchConfiguration": UNKNOWN, "launchTemplate": {"id": UNKNOWN}}),
        },
    ),
}
