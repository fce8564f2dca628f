"""Cases of the rules on Global Accelerator."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

LISTENER = "aws:globalaccelerator/listener:Listener"
GROUP = "aws:globalaccelerator/endpointGroup:EndpointGroup"


def groups(*regions: Any, dial: Any = 100, needs: str = "listener") -> list[Res]:
    return [
        Res(LISTENER, {}, "listener"),
        *(
            Res(
                GROUP,
                {"listenerArn": UNKNOWN, "endpointGroupRegion": it, "trafficDialPercentage": dial},
                f"g{i}",
                {"listenerArn": [needs]} if needs else {},
            )
            for i, it in enumerate(regions)
        ),
    ]


CASES = {
    "ga-endpoint-groups-multi-region": Cases(
        LISTENER,
        compliant=groups("us-east-1", "eu-west-1"),
        violating=groups("us-east-1", "us-east-1"),
        missing=broken([Res(LISTENER, {}, "listener")]),
        unknown=groups("us-east-1", UNKNOWN),
        more={
            "dialled out": broken(groups("us-east-1", "eu-west-1", dial=0)),
            "perhaps dialled out": undecided(groups("us-east-1", "eu-west-1", dial=UNKNOWN)),
            "perhaps of another listener": undecided(groups("us-east-1", "eu-west-1", needs="")),
            "by where it is made": kept(
                [
                    Res(LISTENER, {}, "listener"),
                    Res(
                        GROUP,
                        {"listenerArn": UNKNOWN},
                        "a",
                        {"listenerArn": ["listener"]},
                        {"region": "us-east-1"},
                    ),
                    Res(
                        GROUP,
                        {"listenerArn": UNKNOWN},
                        "b",
                        {"listenerArn": ["listener"]},
                        {"region": "eu-west-1"},
                    ),
                ]
            ),
        },
    ),
}
