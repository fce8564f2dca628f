"""Cases of the rules on namespaces and network policies."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

MAP = "kubernetes:core/v1:ConfigMap"
NAMESPACE = "kubernetes:core/v1:Namespace"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
DENY_ALL = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
PEM = "-----BEGIN PRIVATE KEY-----"


def denied(namespace: Any = "trading", **spec: Any) -> list[Res]:
    whole = {**DENY_ALL, **spec}
    return [
        Res(NAMESPACE, {"metadata": {"name": "trading"}}, "namespace"),
        Res(NETWORK_POLICY, {"metadata": {"namespace": namespace}, "spec": whole}, "policy"),
    ]


CASES = {
    "k8s-configmap-no-secrets": Cases(
        MAP,
        compliant={"data": {"log-level": "info"}},
        violating={"data": {"config.yaml": PEM}},
        missing=kept({}),
        unknown={"data": {"config.yaml": UNKNOWN}},
        more={
            "by the name of the key": broken({"data": {"db-password": "hunter2"}}),
            "an empty one": kept({"data": {"db-password": ""}}),
            "all of it": undecided({"data": UNKNOWN}),
        },
    ),
    "k8s-namespace-enforces-restricted": Cases(
        NAMESPACE,
        compliant={"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
        violating={"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}},
        missing=broken({}),
        unknown={"metadata": {"labels": {"pod-security.kubernetes.io/enforce": UNKNOWN}}},
    ),
    "k8s-namespace-default-deny": Cases(
        NAMESPACE,
        compliant=denied(),
        violating=denied(ingress=[{}]),
        missing=broken([Res(NAMESPACE, {"metadata": {"name": "trading"}})]),
        unknown=denied(UNKNOWN),
        more={
            "one direction": broken(denied(policyTypes=["Ingress"])),
            "some pods": broken(denied(podSelector={"matchLabels": {"app": "x"}})),
            "another namespace": broken(denied("other")),
            "by its dependency": kept(
                [
                    Res(NAMESPACE, {"metadata": {"name": UNKNOWN}}, "namespace"),
                    Res(
                        NETWORK_POLICY,
                        {"metadata": {"namespace": UNKNOWN}, "spec": DENY_ALL},
                        "policy",
                        {"metadata": ["namespace"]},
                    ),
                ]
            ),
        },
    ),
}
