"""Cases of the rules on roles, secrets and traffic inside of clusters, and on how many pods there are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from controls.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.cases import Case, Cases, broken, kept, undecided

NONE: Mapping[str, Case] = MappingProxyType({})

ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"
CLUSTER_ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
SCALER = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
SECRET = "kubernetes:core/v1:Secret"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
IAM_ROLE = "aws:iam/role:Role"


def rules(verbs: Any, resources: Any, group: Any = "", **more: Any) -> dict[str, Any]:
    return {"rules": [{"apiGroups": [group], "resources": resources, "verbs": verbs, **more}]}


def withholding(
    verb: str, resource: str, group: str = "", *, harmless: str = "get", more: Mapping[str, Case] = NONE
) -> Cases:
    """The cases of a rule that withholds a verb on a resource of a group."""
    return Cases(
        CLUSTER_ROLE,
        compliant=rules([harmless], ["pods"]),
        violating=rules([harmless, verb], [resource], group),
        missing=kept({}),
        unknown=rules([UNKNOWN], [resource], group),
        more={
            "every verb": broken(rules(["*"], [resource], group)),
            "every resource": broken(rules([verb], ["*"], group)),
            "every group": broken(rules([verb], [resource], "*")),
            "another group": kept(rules([verb], [resource], "example.org")),
            "verbs that aren't known": undecided(rules(UNKNOWN, [resource], group)),
            "rules that aren't known": undecided({"rules": UNKNOWN}),
            **more,
        },
    )


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


def noted(**notes: Any) -> dict[str, Any]:
    return {"metadata": {"annotations": notes}}


ALB = "alb.ingress.kubernetes.io/"
PUBLIC = {
    f"{ALB}scheme": "internet-facing",
    f"{ALB}wafv2-acl-arn": UNKNOWN,
    f"{ALB}ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    f"{ALB}load-balancer-attributes": "access_logs.s3.enabled=true,access_logs.s3.bucket=castle-logs",
}
IRSA = "eks.amazonaws.com/role-arn"
ARN = "arn:aws:iam::123456789012:role/castle"
API = {"app": "api"}

CASES = {
    "k8s-rbac-no-wildcards": Cases(
        ROLE,
        compliant=rules(["get"], ["pods"]),
        violating=rules(["*"], ["pods"]),
        missing=kept({}),
        unknown=rules([UNKNOWN], ["pods"]),
        more={
            "every resource": broken(rules(["get"], ["*"])),
            "every group": broken(rules(["get"], ["pods"], "*")),
            "every address": broken({"rules": [{"nonResourceURLs": ["*"], "verbs": ["get"]}]}),
        },
    ),
    "k8s-rbac-no-cluster-admin": Cases(
        BINDING,
        compliant={"roleRef": {"kind": "ClusterRole", "name": "castle-viewer"}},
        violating={"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}},
        missing=kept({}),
        unknown={"roleRef": {"name": UNKNOWN}},
    ),
    "k8s-rbac-no-broad-secret-read": withholding(
        "list",
        "secrets",
        more={
            "to watch them": broken(rules(["watch"], ["secrets"])),
            "named ones": kept(rules(["list"], ["secrets"], resourceNames=["one"])),
        },
    ),
    "k8s-rbac-no-escalate-bind-impersonate": withholding(
        "escalate",
        "clusterroles",
        "rbac.authorization.k8s.io",
        more={
            **{
                f"to bind {it}": broken(rules(["bind"], [it], "rbac.authorization.k8s.io"))
                for it in ("roles", "clusterroles", "rolebindings", "clusterrolebindings")
            },
            **{
                f"to be one of {it}": broken(rules(["impersonate"], [it]))
                for it in ("users", "groups", "serviceaccounts", "uids")
            },
            "to be somebody else with more": broken(
                rules(["impersonate"], ["userextras"], "authentication.k8s.io")
            ),
            "one that is named": broken(rules(["impersonate"], ["users"], resourceNames=["root"])),
        },
    ),
    "k8s-rbac-no-pod-create-or-exec": withholding(
        "create",
        "pods",
        harmless="list",
        more={
            **{
                f"to {verb} {it}": broken(rules([verb], [it]))
                for verb in ("create", "get")
                for it in ("pods/exec", "pods/attach", "nodes/proxy")
            },
            "a role whose name isn't known": broken(
                {"metadata": {"name": UNKNOWN}, **rules(["create"], ["pods"])}, controllers=["keda-*"]
            ),
            "to read pods": kept(rules(["get", "list"], ["pods", "pods/log"])),
            "a controller's": kept(
                {"metadata": {"name": "keda-operator"}, **rules(["create"], ["pods"])}, controllers=["keda-*"]
            ),
            "no controller's": broken(
                {"metadata": {"name": "operator"}, **rules(["create"], ["pods"])}, controllers=["keda-*"]
            ),
        },
    ),
    "k8s-rbac-no-webhook-control": withholding(
        "patch",
        "validatingwebhookconfigurations",
        "admissionregistration.k8s.io",
        more={
            **{
                f"to {it}": broken(
                    rules([it], ["mutatingwebhookconfigurations"], "admissionregistration.k8s.io")
                )
                for it in ("create", "update", "delete", "deletecollection")
            },
            "to read them": kept(
                rules(["get", "list"], ["mutatingwebhookconfigurations"], "admissionregistration.k8s.io")
            ),
        },
    ),
    "k8s-rbac-no-csr-approval": withholding(
        "update",
        "certificatesigningrequests/approval",
        "certificates.k8s.io",
        more={
            "by a patch": broken(
                rules(["patch"], ["certificatesigningrequests/approval"], "certificates.k8s.io")
            ),
            "as a signer": broken(rules(["approve"], ["signers"], "certificates.k8s.io")),
        },
    ),
    "k8s-rbac-no-token-creation": withholding("create", "serviceaccounts/token"),
    "k8s-no-system-masters": Cases(
        BINDING,
        compliant={"subjects": [{"kind": "Group", "name": "castle:viewers"}]},
        violating={"subjects": [{"kind": "Group", "name": "system:masters"}]},
        missing=kept({}),
        unknown={"subjects": [{"kind": "Group", "name": UNKNOWN}]},
        more={
            "everybody who signed in": broken({"subjects": [{"name": "system:authenticated"}]}),
            "everybody who didn't": broken({"subjects": [{"name": "system:unauthenticated"}]}),
            "nobody": kept({"subjects": [{"kind": "Group"}]}),
            "anybody": broken({"subjects": [{"name": "castle"}, {"name": "system:anonymous"}]}),
        },
    ),
    "k8s-no-secret-manifests": Cases(
        SECRET,
        compliant={"metadata": {"name": "token"}, "type": "kubernetes.io/service-account-token"},
        violating={"stringData": {"password": "x"}},
        missing=kept({}),
        unknown=broken({"data": UNKNOWN}),
        more={"encoded": broken({"data": {"password": "eA=="}}), "empty": kept({"data": {}})},
    ),
    "k8s-storage-class-encrypted": Cases(
        CLASS,
        compliant={
            "provisioner": "ebs.csi.eks.amazonaws.com",
            "parameters": {"encrypted": "true", "kmsKeyId": UNKNOWN},
        },
        violating={"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": "false", "kmsKeyId": "k"}},
        missing=broken({"provisioner": "ebs.csi.aws.com"}),
        unknown={"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": UNKNOWN, "kmsKeyId": "k"}},
        more={
            **{
                f"by {it}": broken({"provisioner": it})
                for it in ("ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs")
            },
            "with a key of AWS": broken(
                {"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": "true"}}
            ),
            "of files": kept({"provisioner": "efs.csi.aws.com"}),
            "of what isn't known": undecided({"provisioner": UNKNOWN}),
        },
    ),
    "k8s-service-account-iam-scoped": Cases(
        ACCOUNT,
        compliant=[
            Res(ACCOUNT, noted(**{IRSA: UNKNOWN}), "it", {"metadata": ["role"]}),
            Res(IAM_ROLE, {"arn": UNKNOWN}, "role"),
        ],
        violating=[Res(ACCOUNT, noted(**{IRSA: f"{ARN}-other"}), "it"), Res(IAM_ROLE, {"arn": ARN}, "role")],
        missing=kept([Res(ACCOUNT, {"metadata": {"name": "api"}}, "it")]),
        unknown=[Res(ACCOUNT, noted(**{IRSA: UNKNOWN}), "it")],
        more={
            "by its ARN": kept(
                [Res(ACCOUNT, noted(**{IRSA: ARN}), "it"), Res(IAM_ROLE, {"arn": ARN}, "role")]
            ),
            "by its ARN, beside another role": kept(
                [
                    Res(ACCOUNT, noted(**{IRSA: ARN}), "it"),
                    Res(IAM_ROLE, {"arn": UNKNOWN}, "other"),
                    Res(IAM_ROLE, {"arn": ARN}, "role"),
                ]
            ),
            "perhaps a role that has no ARN yet": undecided(
                [Res(ACCOUNT, noted(**{IRSA: ARN}), "it"), Res(IAM_ROLE, {"name": "castle"}, "role")]
            ),
            "perhaps a role whose ARN isn't known": undecided(
                [Res(ACCOUNT, noted(**{IRSA: ARN}), "it"), Res(IAM_ROLE, {"arn": UNKNOWN}, "role")]
            ),
            "notes that aren't known": undecided(
                [Res(ACCOUNT, {"metadata": {"annotations": UNKNOWN}}, "it")]
            ),
        },
    ),
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
    "k8s-service-not-node-port": Cases(
        SERVICE,
        compliant={"spec": {"type": "ClusterIP"}},
        violating={"spec": {"type": "NodePort"}},
        missing=kept({"spec": {}}),
        unknown={"spec": {"type": UNKNOWN}},
        more={
            "a public load balancer": broken({"spec": {"type": "LoadBalancer"}}),
            "an internal one": kept(
                {
                    **noted(**{"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}),
                    "spec": {"type": "LoadBalancer"},
                }
            ),
            "an internal one as of old": kept(
                {
                    **noted(**{"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}),
                    "spec": {"type": "LoadBalancer"},
                }
            ),
            "perhaps an internal one": undecided(
                {"metadata": {"annotations": UNKNOWN}, "spec": {"type": "LoadBalancer"}}
            ),
        },
    ),
    "k8s-service-no-external-ips": Cases(
        SERVICE,
        compliant={"spec": {"externalIPs": []}},
        violating={"spec": {"externalIPs": ["203.0.113.1"]}},
        missing=kept({"spec": {}}),
        unknown=broken({"spec": {"externalIPs": UNKNOWN}}),
    ),
    "k8s-ingress-tls": Cases(
        INGRESS,
        compliant={"spec": {"tls": [{"secretName": "certificate"}]}},
        violating={"spec": {"tls": []}},
        missing=broken({"spec": {}}),
        unknown={"spec": {"tls": UNKNOWN}},
        more={
            "a certificate of AWS": kept(noted(**{f"{ALB}certificate-arn": "arn:aws:acm:x"})),
            "perhaps a certificate of AWS": undecided({"metadata": {"annotations": UNKNOWN}}),
        },
    ),
    "k8s-ingress-waf-and-scheme": Cases(
        INGRESS,
        compliant=noted(**PUBLIC),
        violating=noted(**{f"{ALB}scheme": "internet-facing"}),
        missing=kept({}),
        unknown=noted(**PUBLIC | {f"{ALB}load-balancer-attributes": UNKNOWN}),
        more={
            "an internal one": kept(noted(**{f"{ALB}scheme": "internal"})),
            "perhaps an internal one": undecided({"metadata": {"annotations": UNKNOWN}}),
            "without logs": broken(noted(**PUBLIC | {f"{ALB}load-balancer-attributes": "idle_timeout=60"})),
            "without a TLS policy": broken(noted(**PUBLIC | {f"{ALB}ssl-policy": ""})),
        },
    ),
    "k8s-ingress-no-snippets": Cases(
        INGRESS,
        compliant=noted(**{f"{ALB}scheme": "internal"}),
        violating=noted(**{"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"}),
        missing=kept({}),
        unknown={"metadata": {"annotations": UNKNOWN}},
        more={"of another proxy": broken(noted(**{"nginx.org/location-snippets": "return 200;"}))},
    ),
}
