"""Rules on load balancers: encryption, redirects and TLS policies of listeners, and which face the internet."""

from __future__ import annotations

import re
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, all_of, any_of
from controls.language.remediation import Remedy
from controls.language.rules import CRITICAL, HIGH, Config, Param, Rule
from controls.language.tokens import LISTENER, LOAD_BALANCER
from controls.language.verdicts import Fail, Undecided, Verdicts

_ENCRYPTED: Final = ("HTTPS", "TLS", "QUIC", "TCP_QUIC")

# TLS 1.2 or newer with forward secrecy and AEAD ciphers only: `Ext1` and `Ext2` add CBC ciphers, and the
# policies of 1.0 and 1.1 keep those versions. FIPS and post-quantum variants of the strong ones are strong.
_STRONG_POLICY: Final = re.compile(r"ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-\d{4}-\d{2}")


def redirects(node: Node, *, code: str = "") -> Truth:
    """Returns whether every default action sends the client to HTTPS, with the status code if one is asked for."""
    actions = node.get("defaultActions")
    if actions is UNKNOWN or not isinstance(actions, list):
        return UNKNOWN if actions is UNKNOWN else False
    return all_of(bool(actions), *(_redirects(action, code) for action in actions))


def _redirects(action: object, code: str) -> Truth:
    if not isinstance(action, dict):
        return UNKNOWN if action is UNKNOWN else False
    redirect = action.get("redirect", MISSING)
    if not isinstance(redirect, dict):
        return UNKNOWN if redirect is UNKNOWN else False
    wanted = [("protocol", "HTTPS"), *([("statusCode", code)] if code else [])]
    return all_of(
        *(UNKNOWN if redirect.get(name) is UNKNOWN else redirect.get(name) == value for name, value in wanted)
    )


def listener_encrypted(node: Node) -> Verdicts:
    """Listeners are encrypted or redirect. AWS takes HTTP when a listener names no protocol."""
    protocol = node.get("protocol")
    if protocol in _ENCRYPTED:
        return
    redirected = redirects(node) if protocol in ("HTTP", MISSING, UNKNOWN) else False
    if redirected is False and protocol is not UNKNOWN:
        yield Fail("`protocol` isn't encrypted: use HTTPS or TLS, or answer HTTP with a redirect to HTTPS")
    elif redirected is not True:
        yield Undecided("protocol" if protocol is UNKNOWN else "defaultActions")


def port_80_redirects(node: Node) -> Verdicts:
    port = node.get("port")
    if port is not UNKNOWN and str(port) != "80":
        return
    redirected = redirects(node, code="HTTP_301")
    if port is UNKNOWN and redirected is not True:
        yield Undecided("port")
    elif redirected is UNKNOWN:
        yield Undecided("defaultActions")
    elif redirected is False:
        yield Fail("`defaultActions` doesn't redirect: answer port 80 with HTTP_301 to HTTPS")


def modern_tls(node: Node) -> Verdicts:
    """TLS policy of a listener. AWS's default policy for listeners made by its API still takes TLS 1.0."""
    protocol, policy = node.get("protocol"), node.get("sslPolicy")
    strong = isinstance(policy, str) and _STRONG_POLICY.fullmatch(policy)
    if protocol not in (*_ENCRYPTED, UNKNOWN) or strong:
        return
    if UNKNOWN in (protocol, policy):
        yield Undecided("sslPolicy" if policy is UNKNOWN else "protocol")
    else:
        yield Fail(
            "`sslPolicy` is weak or missing: use ELBSecurityPolicy-TLS13-1-2-2021-06 or a stricter one"
        )


def internal_by_default(node: Node, config: Config) -> Verdicts:
    """Load balancers are internal. AWS makes one internet-facing when `internal` isn't written."""
    internal, tag = node.flag("internal"), node.tag(config["tag"])
    if internal is True or (isinstance(tag, (str, bool)) and str(tag).lower() == config["value"]):
        return
    if any_of(internal is UNKNOWN, tag is UNKNOWN):
        yield Undecided("internal" if internal is UNKNOWN else "tags")
    else:
        yield Fail(
            f"`internal` isn't true: set it to true, or tag an approved way in {config['tag']}={config['value']}"
        )


RULES: Final = (
    Rule(
        "alb-listener-encrypted",
        CRITICAL,
        LISTENER,
        listener_encrypted,
        asks="Listeners serve HTTPS or TLS; plain HTTP exists only to redirect",
        fix="Set protocol to HTTPS and name a certificate",
        ids="ELB.18 ELB.1 CKV_AWS_2 CKV_AWS_378",
        reads="protocol defaultActions",
    ),
    Rule(
        "alb-http-redirects-to-https",
        HIGH,
        LISTENER,
        port_80_redirects,
        asks="Listeners on port 80 answer with a permanent redirect to HTTPS",
        fix="Use one default action of type redirect: protocol HTTPS, statusCode HTTP_301",
        ids="ELB.1 CKV2_AWS_20",
        reads="port defaultActions",
    ),
    Rule(
        "alb-tls-policy-modern",
        HIGH,
        LISTENER,
        modern_tls,
        asks="TLS listeners take TLS 1.2 or newer with strong ciphers only",
        fix="Set sslPolicy to ELBSecurityPolicy-TLS13-1-2-2021-06",
        ids="ELB.17 CKV_AWS_103 CKV2_AWS_74",
        reads="sslPolicy protocol",
        remedy=Remedy({"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}),
    ),
    Rule(
        "alb-internal-by-default",
        HIGH,
        LOAD_BALANCER,
        internal_by_default,
        asks="Load balancers are internal unless tagged as an approved public entry",
        fix="Set internal to true, or tag the load balancer as a public entry",
        reads="internal tags",
        config={
            "tag": Param("public-entry", "Tag that marks an approved public entry"),
            "value": Param("true", "Value of that tag, in lower case"),
        },
    ),
)
