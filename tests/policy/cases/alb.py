"""Cases of the rules on listeners of load balancers."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

LISTENER = "aws:lb/listener:Listener"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
STRONG = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def redirect(protocol: Any = "HTTPS", code: Any = "HTTP_301") -> list[dict[str, Any]]:
    return [{"type": "redirect", "redirect": {"protocol": protocol, "statusCode": code, "port": "443"}}]


CASES = {
    "alb-listener-encrypted": Cases(
        LISTENER,
        compliant={"protocol": "HTTPS"},
        violating={"protocol": "HTTP", "defaultActions": [{"type": "forward"}]},
        missing=broken({}),
        unknown={"protocol": UNKNOWN, "defaultActions": [{"type": "forward"}]},
        more={
            "HTTP that redirects": kept({"protocol": "HTTP", "defaultActions": redirect()}),
            "HTTP that redirects to HTTP": broken({"protocol": "HTTP", "defaultActions": redirect("HTTP")}),
            "HTTP that redirects somewhere": undecided(
                {"protocol": "HTTP", "defaultActions": redirect(UNKNOWN)}
            ),
            "plain TCP": broken({"protocol": "TCP"}),
            "the other name of the type": broken(Res("aws:alb/listener:Listener", {"protocol": "HTTP"})),
        },
    ),
    "alb-http-redirects-to-https": Cases(
        LISTENER,
        compliant={"port": 80, "defaultActions": redirect()},
        violating={"port": 80, "defaultActions": redirect(code="HTTP_302")},
        missing=broken({"port": 80}),
        unknown={"port": 80, "defaultActions": UNKNOWN},
        more={"another port": kept({"port": 443}), "an unknown port": undecided({"port": UNKNOWN})},
    ),
    "alb-tls-policy-modern": Cases(
        LISTENER,
        compliant={"protocol": "HTTPS", "sslPolicy": STRONG},
        violating={"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"},
        missing=broken({"protocol": "HTTPS"}),
        unknown={"protocol": "HTTPS", "sslPolicy": UNKNOWN},
        more={
            "post-quantum": kept(
                {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}
            ),
            "TLS 1.0": broken({"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"}),
            "HTTP has none": kept({"protocol": "HTTP"}),
        },
    ),
    "alb-internal-by-default": Cases(
        BALANCER,
        compliant={"internal": True},
        violating={"internal": False},
        missing=broken({}),
        unknown={"internal": UNKNOWN},
        more={
            "an approved entry": kept({"internal": False, "tags": {"public-entry": "true"}}),
            "an approved entry by another tag": kept({"tags": {"open": "yes"}}, tag="open", value="yes"),
            "a tag that says no": broken({"tags": {"public-entry": "false"}}),
            "an unknown tag": undecided({"tags": {"public-entry": UNKNOWN}}),
            "approved through the provider's tags": kept({"tagsAll": {"public-entry": "true"}}),
        },
    ),
}
