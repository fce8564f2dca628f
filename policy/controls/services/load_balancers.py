"""Rules on load balancers and target groups: zones, logs, deletion protection, encryption to targets.

Those on listeners are in `alb`.
"""

from __future__ import annotations

from typing import Final

from controls.language.facts import UNKNOWN, Node, Truth, as_list
from controls.language.remediation import Remedy
from controls.language.rules import MEDIUM, Rule, require_true, require_value
from controls.language.tokens import LOAD_BALANCER, TARGET_GROUP
from controls.language.verdicts import Fail, Undecided, Verdicts

_ENCRYPTED: Final = ("HTTPS", "TLS", "QUIC", "TCP_QUIC")
_OTHER_LAYERS: Final = "Network and gateway load balancers don't read HTTP and have no such setting."


def below_http(node: Node) -> Truth:
    """Returns whether a load balancer works below HTTP. AWS makes an application load balancer when no type
    is written.
    """
    kind = node.get("loadBalancerType")
    return UNKNOWN if kind is UNKNOWN else kind in ("network", "gateway")


def several_zones(node: Node) -> Verdicts:
    """Subnets of two zones. AWS takes one subnet of a zone, so that two subnets are two zones."""
    places = [node.get(it) for it in ("subnets", "subnetMappings")]
    if any(len(as_list(it)) >= 2 for it in places):
        return
    if UNKNOWN in places:
        yield Undecided("subnets")
    else:
        yield Fail("`subnets` has fewer than two: name one in each of several zones")


def targets_encrypted(node: Node) -> Verdicts:
    """Encryption from a load balancer to its targets. Functions are called by AWS's own API. Behind a network
    load balancer another balancer is reached by TCP, and GENEVE is the only protocol of a gateway load balancer."""
    kind, protocol = node.get("targetType"), node.get("protocol")
    if kind in ("lambda", "alb") or protocol in (*_ENCRYPTED, "GENEVE"):
        return
    if UNKNOWN in (kind, protocol):
        yield Undecided("protocol" if protocol is UNKNOWN else "targetType")
    else:
        yield Fail("`protocol` isn't encrypted: use HTTPS or TLS")


RULES: Final = (
    require_true(
        "alb-drop-invalid-headers",
        MEDIUM,
        LOAD_BALANCER,
        "dropInvalidHeaderFields",
        unless=below_http,
        asks="Load balancers drop header fields that HTTP doesn't allow",
        fix="Set dropInvalidHeaderFields to true",
        ids="ELB.4 CKV_AWS_131",
        narrowed=_OTHER_LAYERS,
        remedy=Remedy({"dropInvalidHeaderFields": True}),
    ),
    require_value(
        "alb-desync-mitigation",
        MEDIUM,
        LOAD_BALANCER,
        "desyncMitigationMode",
        lambda it: it in ("defensive", "strictest"),
        message="use defensive or strictest, or leave it out",
        missing_ok=True,  # AWS takes defensive
        asks="Load balancers guard against requests that are read in two ways",
        fix="Set desyncMitigationMode to defensive or strictest",
        ids="ELB.12 CKV_AWS_328",
        remedy=Remedy({"desyncMitigationMode": "defensive"}),
    ),
    require_true(
        "alb-access-logs",
        MEDIUM,
        LOAD_BALANCER,
        "accessLogs.enabled",
        unless=below_http,
        asks="Load balancers log each request to a bucket",
        fix="Set accessLogs with a bucket, and enabled to true",
        ids="ELB.5 CIS-7.0:4.10 CKV_AWS_91",
        narrowed="Network load balancers log TLS connections only, and gateway load balancers nothing.",
    ),
    require_true(
        "alb-deletion-protection",
        MEDIUM,
        LOAD_BALANCER,
        "enableDeletionProtection",
        asks="Load balancers are protected against deletion by AWS itself",
        fix="Set enableDeletionProtection to true",
        ids="ELB.6 CKV_AWS_150",
        lifted=True,
        remedy=Remedy({"enableDeletionProtection": True}),
    ),
    Rule(
        "alb-multi-az",
        MEDIUM,
        LOAD_BALANCER,
        several_zones,
        asks="Load balancers stand in two zones or more",
        fix="Name subnets of several zones in subnets or subnetMappings",
        ids="ELB.13",
        reads="subnets subnetMappings",
    ),
    Rule(
        "target-group-encrypted-protocol",
        MEDIUM,
        TARGET_GROUP,
        targets_encrypted,
        asks="Load balancers reach their targets over HTTPS or TLS",
        fix="Set protocol to HTTPS, and let the target serve it",
        ids="ELB.22 CKV_AWS_378",
        reads="protocol targetType",
        narrowed="Functions, balancers behind a balancer and gateways' appliances have no such protocol.",
    ),
)
