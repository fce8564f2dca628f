"""Cases of the rules on Route 53 zones and records."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.failover import latency

ZONE = "aws:route53/zone:Zone"
QUERY_LOG = "aws:route53/queryLog:QueryLog"
REGISTERED = "aws:route53domains/registeredDomain:RegisteredDomain"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
RECORD = "aws:route53/record:Record"


CASES = {
    "route53-query-logging": Cases(
        ZONE,
        compliant=[Res(ZONE, {}, "zone"), Res(QUERY_LOG, {"zoneId": UNKNOWN}, "log", {"zoneId": ["zone"]})],
        violating=[Res(ZONE, {"id": "Z1"}, "zone"), Res(QUERY_LOG, {"zoneId": "Z2"}, "log")],
        missing=broken([Res(ZONE, {}, "zone")]),
        unknown=[Res(ZONE, {}, "zone"), Res(QUERY_LOG, {"zoneId": UNKNOWN}, "log")],
        more={
            "inside networks": kept([Res(ZONE, {"vpcs": [{"vpcId": UNKNOWN}]}, "zone")]),
            "perhaps inside networks": undecided([Res(ZONE, {"vpcs": UNKNOWN}, "zone")]),
        },
    ),
    "route53-domain-transfer-lock": Cases(
        REGISTERED,
        compliant={"transferLock": True},
        violating={"transferLock": False},
        missing=kept({}),
        unknown={"transferLock": UNKNOWN},
    ),
    "route53-routing-records-health-checked": Cases(
        RECORD,
        compliant=latency("eu-west-1", healthCheckId=UNKNOWN),
        violating=latency("eu-west-1", aliases=[{"evaluateTargetHealth": False}]),
        missing=broken(latency("eu-west-1")),
        unknown=latency("eu-west-1", aliases=UNKNOWN),
        more={
            "an alias that evaluates": kept(latency("eu-west-1", aliases=[{"evaluateTargetHealth": True}])),
            "a plain record": kept({"name": "a", "type": "TXT"}),
        },
    ),
    "route53-routing-records-multi-region": Cases(
        RECORD,
        compliant={"edge": [Res(RECORD, latency("us-east-1"), "a"), Res(RECORD, latency("eu-west-1"), "b")]},
        violating={"edge": [Res(RECORD, latency("eu-west-1"), "a")]},
        missing=kept({"edge": [Res(RECORD, {"name": "a", "type": "A"})]}),
        unknown={"edge": [Res(RECORD, latency("eu-west-1", name=UNKNOWN))]},
        more={
            "two sets of one region": broken(
                {
                    "edge": [
                        Res(RECORD, latency("us-east-1"), "a"),
                        Res(RECORD, latency("us-east-1", setIdentifier="b"), "b"),
                    ]
                }
            ),
            "the cells' own stacks": kept(
                {"a": [Res(RECORD, latency("us-east-1"))], "b": [Res(RECORD, latency("eu-west-1"))]}
            ),
        },
    ),
    "route53-no-dangling-records": Cases(
        RECORD,
        compliant=[
            Res(BALANCER, {}, "lb"),
            Res(RECORD, {"type": "A", "aliases": [{"name": UNKNOWN}]}, "r", {"aliases": ["lb"]}),
        ],
        violating=[Res(RECORD, {"type": "A", "records": ["192.0.2.1"]})],
        missing=kept([Res(RECORD, {"type": "A"})]),
        unknown=[Res(RECORD, {"type": "A", "records": [UNKNOWN]})],
        more={
            "an alias by hand": broken(
                [Res(RECORD, {"aliases": [{"name": "lb-1.eu-west-1.elb.amazonaws.com"}]})]
            ),
            "an alias by value": kept(
                [Res(BALANCER, {"dnsName": "lb-1"}, "lb"), Res(RECORD, {"aliases": [{"name": "lb-1"}]}, "r")]
            ),
            "AWS's name by hand": broken([Res(RECORD, {"type": "CNAME", "records": ["d1.cloudfront.net"]})]),
            "somebody else's name": kept([Res(RECORD, {"type": "CNAME", "records": ["status.example.org"]})]),
            "a text": kept([Res(RECORD, {"type": "TXT", "records": ["v=spf1 -all"]})]),
            "from another stack, by value": kept(
                {
                    "cell": [Res(BALANCER, {"dnsName": "LB-1.elb.amazonaws.com"}, "lb")],
                    "edge": [Res(RECORD, {"aliases": [{"name": "dualstack.lb-1.elb.amazonaws.com."}]}, "r")],
                }
            ),
            "from another stack": kept(
                [
                    Res("pulumi:pulumi:StackReference", {}, "cell"),
                    Res(RECORD, {"type": "A", "aliases": [{"name": "lb-1"}]}, "r", {"aliases": ["cell"]}),
                ]
            ),
        },
    ),
}
