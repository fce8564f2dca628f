"""Rules on Kubernetes Services and Ingresses that face the internet: types, addresses, TLS, web ACLs, snippets."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value
from controls.language.rules import HIGH, Rule
from controls.language.tokens import INGRESS_OBJECT, SERVICE, whole
from controls.language.verdicts import Fail, Undecided, Verdicts

_ALB: Final = "alb.ingress.kubernetes.io/"
_SERVICE: Final = "service.beta.kubernetes.io/aws-load-balancer-"
_CERTIFICATE: Final = f"{_ALB}certificate-arn"
_NEEDED: Final = (f"{_ALB}wafv2-acl-arn", f"{_ALB}ssl-policy")
_ATTRIBUTES: Final = f"{_ALB}load-balancer-attributes"
_SNIPPETS: Final = ("-snippet", "-snippets")


def annotation(node: Node, name: str) -> Value:
    """Value of an annotation."""
    notes = node.get("metadata.annotations")
    return notes.get(name, MISSING) if isinstance(notes, dict) else notes


def not_exposed(node: Node) -> Verdicts:
    """Services open no node ports and no public load balancers. AWS's older controller makes a public one when no
    scheme is written."""
    kind = node.get("spec.type")
    scheme, internal = annotation(node, f"{_SERVICE}scheme"), annotation(node, f"{_SERVICE}internal")
    if kind is UNKNOWN:
        yield Undecided("spec.type")
    elif kind == "NodePort":
        yield Fail("`spec.type` opens a port of every node: use ClusterIP, and a target group that binds it")
    elif kind == "LoadBalancer" and scheme != "internal" and internal != "true":
        if UNKNOWN in (scheme, internal):
            yield Undecided("metadata.annotations")
        else:
            yield Fail("`spec.type` makes a public load balancer: use ClusterIP, or the scheme internal")


def no_external_ips(node: Node) -> Verdicts:
    """No external addresses of a Service, known or not: it would draw the traffic of whoever has the address."""
    if node.get("spec.externalIPs") not in (MISSING, []):
        yield Fail("`spec.externalIPs` claims addresses of others: leave it out")


def with_tls(node: Node) -> Verdicts:
    tls, certificate = node.get("spec.tls"), annotation(node, _CERTIFICATE)
    if tls not in (MISSING, [], UNKNOWN) or certificate not in (MISSING, "", UNKNOWN):
        return
    if UNKNOWN in (tls, certificate):
        yield Undecided("spec.tls" if tls is UNKNOWN else "metadata.annotations")
    else:
        yield Fail(f"`spec.tls` is missing: name a secret with a certificate, or {_CERTIFICATE}")


def public_ingress_protected(node: Node) -> Verdicts:
    """Web ACL, TLS policy and access logs of a public Ingress. AWS's controller makes an internal load balancer
    when no scheme is written."""
    scheme = annotation(node, f"{_ALB}scheme")
    if scheme not in ("internet-facing", UNKNOWN):
        return
    if scheme is UNKNOWN:
        yield Undecided("metadata.annotations")
        return
    attributes = annotation(node, _ATTRIBUTES)
    logged = attributes is UNKNOWN or "access_logs.s3.enabled=true" in str(attributes).replace(" ", "")
    missing = [it for it in _NEEDED if annotation(node, it) in (MISSING, "")] + (
        [] if logged else [_ATTRIBUTES]
    )
    if missing:
        yield Fail(f"`metadata.annotations` lacks {', '.join(missing)}: a public entry needs them")
    elif attributes is UNKNOWN:
        yield Undecided("metadata.annotations")


def no_snippets(node: Node) -> Verdicts:
    notes = node.get("metadata.annotations")
    if notes is UNKNOWN:
        yield Undecided("metadata.annotations")
    for name in notes if isinstance(notes, dict) else ():
        if name.endswith(_SNIPPETS):
            yield Fail("`metadata.annotations` has a snippet, which runs in the proxy of all: leave it out")


RULES: Final = (
    Rule(
        "k8s-service-not-node-port",
        HIGH,
        whole(SERVICE),
        not_exposed,
        asks="Services open neither ports of nodes nor public load balancers",
        fix="Use ClusterIP, and bind a target group of the program to it",
        reads="spec metadata",
    ),
    Rule(
        "k8s-service-no-external-ips",
        HIGH,
        SERVICE,
        no_external_ips,
        asks="Services claim no external addresses",
        fix="Leave spec.externalIPs out",
        reads="spec",
    ),
    Rule(
        "k8s-ingress-tls",
        HIGH,
        whole(INGRESS_OBJECT),
        with_tls,
        asks="Ingresses serve TLS with a certificate",
        fix=f"Set spec.tls, or the annotation {_CERTIFICATE}",
        ids="EKS-1.8:5.4.5",
        reads="spec metadata",
    ),
    Rule(
        "k8s-ingress-waf-and-scheme",
        HIGH,
        whole(INGRESS_OBJECT),
        public_ingress_protected,
        asks="Ingresses that face the internet name a web ACL, a TLS policy and a bucket for logs",
        fix=f"Add the annotations {', '.join(_NEEDED)} and {_ATTRIBUTES}",
        reads="metadata",
    ),
    Rule(
        "k8s-ingress-no-snippets",
        HIGH,
        INGRESS_OBJECT,
        no_snippets,
        asks="Ingresses write no configuration of the proxy",
        fix="Leave annotations that end in snippet out",
        ids="CKV_K8S_152 CKV_K8S_153 CKV_K8S_154",
        reads="metadata",
    ),
)
