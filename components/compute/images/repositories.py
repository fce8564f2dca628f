"""Where a cell has its images, and how they come to the other cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

UNTAGGED_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class ImageRepositoriesArgs:
    prefix: str  # of every repository's name, by which they are replicated
    images: Sequence[str]
    key_arn: pulumi.Input[str]
    keep: int  # how many images of each, the youngest
    tags: Mapping[str, str]
    retire: bool


class ImageRepositories(pulumi.ComponentResource):
    """A repository for each image. A tag stands for one image for ever, and each image is scanned when it comes in.

    Every cell makes its own before the birth cell replicates into it: one that replication made would have neither
    key nor rules. https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
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
                policy=json.dumps(lifecycle(args.keep)),
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.urls[image], self.arns[image] = repository.repository_url, repository.arn
        self.register_outputs({"urls": self.urls})


def lifecycle(keep: int) -> dict[str, object]:
    """What no tag names goes after two weeks, and of the rest the youngest `keep` stay.

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
