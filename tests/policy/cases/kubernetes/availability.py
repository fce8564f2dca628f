"""Cases of the rules on replicas and disruption budgets."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
SCALER = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"


def workload(**spec: Any) -> Res:
    labels = {"app": "api"}
    meta = {"name": "api", "namespace": "trading"}
    return Res(
        DEPLOYMENT, {"metadata": meta, "spec": {"template": {"metadata": {"labels": labels}}, **spec}}, "api"
    )


def scaler(kind: str = SCALER, target: Any = None, **spec: Any) -> Res:
    reference = {"name": "api"} if target is None else target
    return Res(
        kind, {"metadata": {"namespace": "trading"}, "spec": {"scaleTargetRef": reference, **spec}}, "scaler"
    )


def budget(labels: Any, **spec: Any) -> Res:
    selector = labels if labels is UNKNOWN else {"matchLabels": labels}
    return Res(
        BUDGET, {"metadata": {"namespace": "trading"}, "spec": {"selector": selector, **spec}}, "budget"
    )


API = {"app": "api"}


CASES = {
    "k8s-min-replicas": Cases(
        DEPLOYMENT,
        compliant=[workload(replicas=3)],
        violating=[workload(replicas=2)],
        missing=broken([workload()]),
        unknown=[workload(replicas=UNKNOWN)],
        more={
            "scaled": kept([workload(), scaler(minReplicaCount=3)]),
            "scaled from fewer": broken([workload(replicas=3), scaler(minReplicaCount=2)]),
            "scaled from none, as KEDA does": broken([workload(replicas=3), scaler()]),
            "scaled by Kubernetes": kept([workload(), scaler(AUTOSCALER, minReplicas=3)]),
            "scaled by Kubernetes from one, as it does": broken([workload(replicas=3), scaler(AUTOSCALER)]),
            "something else is scaled": broken(
                [workload(), scaler(target={"name": "other"}, minReplicaCount=3)]
            ),
            "something of that name is scaled elsewhere": broken(
                [
                    workload(),
                    Res(
                        SCALER,
                        {
                            "metadata": {"namespace": "x"},
                            "spec": {"scaleTargetRef": {"name": "api"}, "minReplicaCount": 3},
                        },
                        "scaler",
                    ),
                ]
            ),
            "something else of that name is scaled": broken(
                [workload(), scaler(target={"kind": "StatefulSet", "name": "api"}, minReplicaCount=3)]
            ),
            "perhaps it is scaled": undecided(
                [workload(), scaler(target={"name": UNKNOWN}, minReplicaCount=3)]
            ),
            "where no traffic goes": kept([workload(replicas=1)], namespaces=["payments"]),
            "where traffic goes": broken([workload(replicas=1)], namespaces=["trading"]),
            "fewer will do": kept([workload(replicas=2)], minReplicas=2),
        },
    ),
    "k8s-pdb-covers-workload": Cases(
        DEPLOYMENT,
        compliant=[workload(replicas=3), budget(API, maxUnavailable=1)],
        violating=[workload(replicas=3), budget({"app": "other"}, maxUnavailable=1)],
        missing=broken([workload(replicas=3)]),
        unknown=[workload(replicas=3), budget(UNKNOWN, maxUnavailable=1)],
        more={
            "one replica": kept([workload(replicas=1)]),
            "two replicas": broken([workload(replicas=2)]),
            "by an expression": undecided(
                [
                    workload(replicas=3),
                    Res(
                        BUDGET,
                        {
                            "metadata": {"namespace": "trading"},
                            "spec": {
                                "selector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}
                            },
                        },
                        "budget",
                    ),
                ]
            ),
            "something else's that lets none go": kept(
                [
                    workload(replicas=3),
                    budget(API, maxUnavailable=1),
                    Res(
                        BUDGET,
                        {
                            "metadata": {"namespace": "trading"},
                            "spec": {"selector": {"matchLabels": {"app": "other"}}, "maxUnavailable": 0},
                        },
                        "other",
                    ),
                ]
            ),
            "none may go, by percent of those that may": broken(
                [workload(replicas=3), budget(API, maxUnavailable="0%")]
            ),
            "for the whole namespace": kept([workload(replicas=3), budget({}, maxUnavailable=1)]),
            "in another namespace": broken(
                [
                    workload(replicas=3),
                    Res(BUDGET, {"metadata": {"namespace": "x"}, "spec": {"selector": {}}}, "budget"),
                ]
            ),
            "none may go": broken([workload(replicas=3), budget(API, maxUnavailable=0)]),
            "none may go by percent": broken([workload(replicas=3), budget(API, minAvailable="100%")]),
            "all must stay": broken([workload(replicas=3), budget(API, minAvailable=3)]),
            "some must stay": kept([workload(replicas=3), budget(API, minAvailable=2)]),
            "where no traffic goes": kept([workload(replicas=3)], namespaces=["payments"]),
        },
    ),
}
