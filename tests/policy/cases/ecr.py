"""Cases of the rules on ECR repositories."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept
from tests.policy.subjects.documents import ACCOUNT, doubtful, policy

REPOSITORY = "aws:ecr/repository:Repository"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/castle"


CASES = {
    "ecr-scan-on-push": Cases(
        REPOSITORY,
        compliant={"imageScanningConfiguration": {"scanOnPush": True}},
        violating={"imageScanningConfiguration": {"scanOnPush": False}},
        missing=broken({}),
        unknown={"imageScanningConfiguration": {"scanOnPush": UNKNOWN}},
    ),
    "ecr-tags-immutable": Cases(
        REPOSITORY,
        compliant={"imageTagMutability": "IMMUTABLE"},
        violating={"imageTagMutability": "MUTABLE"},
        missing=broken({}),
        unknown={"imageTagMutability": UNKNOWN},
    ),
    "ecr-policy-not-public": Cases(
        REPOSITORY_POLICY,
        compliant=policy(Principal={"AWS": ROLE}, Action="ecr:BatchGetImage"),
        violating=policy(Principal="*", Action="ecr:BatchGetImage"),
        missing=kept({}),
        unknown=doubtful(Principal=UNKNOWN, Action="ecr:BatchGetImage"),
    ),
}
