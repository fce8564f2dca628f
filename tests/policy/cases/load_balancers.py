"""Cases of the rules on load balancers and their target groups."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept, undecided

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"


def switch(path: str) -> Cases:
    """The cases of a switch that AWS leaves off, of load balancers that read HTTP."""
    head, _, rest = path.partition(".")

    def on(value: Any) -> dict[str, Any]:
        return {head: {rest: value}} if rest else {head: value}

    return Cases(
        BALANCER,
        compliant=on(True),
        violating=on(False),
        missing=broken({}),
        unknown=on(UNKNOWN),
        more={
            "one that reads no HTTP": kept({"loadBalancerType": "network"}),
            "one for appliances": kept({"loadBalancerType": "gateway"}),
            "perhaps one that reads no HTTP": undecided({"loadBalancerType": UNKNOWN}),
        },
    )


CASES = {
    "alb-drop-invalid-headers": switch("dropInvalidHeaderFields"),
    "alb-access-logs": switch("accessLogs.enabled"),
    "alb-desync-mitigation": Cases(
        BALANCER,
        compliant={"desyncMitigationMode": "strictest"},
        violating={"desyncMitigationMode": "monitor"},
        missing=kept({}),
        unknown={"desyncMitigationMode": UNKNOWN},
        more={"as AWS does when nothing is said": kept({"desyncMitigationMode": "defensive"})},
    ),
    "alb-deletion-protection": Cases(
        BALANCER,
        compliant={"enableDeletionProtection": True},
        violating={"enableDeletionProtection": False},
        missing=broken({}),
        unknown={"enableDeletionProtection": UNKNOWN},
        more={"one that reads no HTTP": broken({"loadBalancerType": "network"})},
    ),
    "alb-multi-az": Cases(
        BALANCER,
        compliant={"subnets": [UNKNOWN, UNKNOWN]},
        violating={"subnets": ["subnet-1"]},
        missing=broken({}),
        unknown={"subnets": UNKNOWN},
        more={"by mappings": kept({"subnetMappings": [{"subnetId": "a"}, {"subnetId": "b"}]})},
    ),
    "target-group-encrypted-protocol": Cases(
        TARGETS,
        compliant={"protocol": "HTTPS"},
        violating={"protocol": "HTTP"},
        missing=broken({}),
        unknown={"protocol": UNKNOWN},
        more={
            **{f"over {it}": kept({"protocol": it}) for it in ("TLS", "QUIC", "TCP_QUIC")},
            "functions": kept({"targetType": "lambda"}),
            "a balancer behind one": kept({"targetType": "alb", "protocol": "TCP"}),
            "appliances": kept({"protocol": "GENEVE"}),
            "perhaps functions": undecided({"targetType": UNKNOWN}),
        },
    ),
}
