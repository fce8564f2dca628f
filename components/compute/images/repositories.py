"""ECR repositories of a cell's images, with their lifecycle policy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

UNTAGGED_DAYS = 14  # after which an image without a tag is deleted


@dataclass(frozen=True, kw_only=True)
class ImageRepositoriesArgs:
    prefix: str  # of every repository's name; replication rules select by it
    images: Sequence[str]
    key_arn: pulumi.Input[str]
    keep: int  # images of each repository, the youngest
    tags: Mapping[str, str]
    retire: bool


class ImageRepositories(pulumi.ComponentResource):
    """ECR repository for each image, with immutable tags and scans on push.

    Every cell creates its own before the birth cell replicates into it: replication itself would create them without
    key and lifecycle policy. https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
    """

    urls: dict[str, pulumi.Output[str]]  # by image
    arns: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: ImageRepositoriesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:compute:ImageRepositories", name, None, opts)
        self.urls, self.arns = {}, {}
        for image in args.images:
            repository = aws.ecr.Repository(
                f"{name}-{image}",
                name=f"{args.prefix}/{image}",
                image_tag_mutability="IMMUTABLE",
                image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(
                    scan_on_push=True
                ),
                encryption_configurations=[
                    aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=args.key_arn)
                ],
                tags=dict(args.tags),
                force_delete=args.retire,  # with images in it, it can't be deleted otherwise
                opts=pulumi.ResourceOptions(parent=self, protect=not args.retire),
            )
            aws.ecr.LifecyclePolicy(
                f"{name}-{image}-lifecycle",
                repository=repository.name,
                policy=json.dumps(lifecycle_policy(args.keep)),
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.urls[image], self.arns[image] = repository.repository_url, repository.arn
        self.register_outputs({"urls": self.urls})


def lifecycle_policy(keep: int) -> dict[str, object]:
    """Lifecycle policy that deletes untagged images after `UNTAGGED_DAYS` and all but the youngest `keep`.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": UNTAGGED_DAYS,
    }
    surplus = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep}
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Untagged",
                "selection": untagged,
                "action": {"type": "expire"},
            },
            {"rulePriority": 2, "description": "Surplus", "selection": surplus, "action": {"type": "expire"}},
        ]
    }
