"""Cases of the rules on secrets in clusters."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.pods import forbidding, noted, pod

SECRET = "kubernetes:core/v1:Secret"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
IAM_ROLE = "aws:iam/role:Role"
IRSA = "eks.amazonaws.com/role-arn"
ARN = "arn:aws:iam::123456789012:role/castle"


def env(**setting: Any) -> dict[str, Any]:
    return {"env": [{"name": "SETTING", **setting}]}


CASES = {
    "k8s-no-literal-secret-env": forbidding(
        env(value="postgres://castle:hunter2@db.example:5432/trading"),
        {"env": [{"name": "DB_PASSWORD", "value": UNKNOWN}]},
        env(value="https://sqs.eu-west-1.amazonaws.com"),
        **{
            "called like one": broken(pod({"name": "app", "env": [{"name": "DB_PASSWORD", "value": "x"}]})),
            "the ARN of one": kept(
                pod({"name": "app", "env": [{"name": "API_KEY", "value": "arn:aws:secretsmanager:x"}]})
            ),
            "from elsewhere": kept(
                pod({"name": "app", "env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {}}}]})
            ),
            "a list that isn't known": undecided(pod({"name": "app", "env": UNKNOWN})),
            "one that isn't known": undecided(pod({"name": "app", "env": [UNKNOWN]})),
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
}
