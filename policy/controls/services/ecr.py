"""Rules on ECR repositories: scans, immutable tags, repository policies."""

from __future__ import annotations

from typing import Final

from controls.language.facts import Node
from controls.language.iam.documents import forbid_statements, open_to_all
from controls.language.remediation import Remedy
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Rule, require_true, require_value
from controls.language.tokens import REPOSITORY, REPOSITORY_POLICY
from controls.language.verdicts import Verdicts


def not_public(node: Node) -> Verdicts:
    message = "lets anyone use the repository: name accounts or roles"
    yield from forbid_statements(node, ("policy",), open_to_all, message)


RULES: Final = (
    require_true(
        "ecr-scan-on-push",
        HIGH,
        REPOSITORY,
        "imageScanningConfiguration.scanOnPush",
        asks="Images are scanned when they are pushed",
        fix="Set imageScanningConfiguration.scanOnPush to true",
        ids="ECR.1 EKS-1.8:5.1.1 CKV_AWS_163",
        remedy=Remedy({"imageScanningConfiguration.scanOnPush": True}),
    ),
    require_value(
        "ecr-tags-immutable",
        MEDIUM,
        REPOSITORY,
        "imageTagMutability",
        lambda it: it == "IMMUTABLE",
        message="set it to IMMUTABLE",
        asks="A tag always means the same image",
        fix="Set imageTagMutability to IMMUTABLE",
        ids="ECR.2 CKV_AWS_51",
        remedy=Remedy({"imageTagMutability": "IMMUTABLE"}),
    ),
    Rule(
        "ecr-policy-not-public",
        CRITICAL,
        REPOSITORY_POLICY,
        not_public,
        asks="Policies of repositories name no wildcard principal",
        fix="Name accounts or roles in Principal",
        ids="CIS-7.0:2.21 EKS-1.8:5.1.2 CKV_AWS_32",
        reads="policy",
    ),
)
