"""Who may leave the VPC through its gateway endpoints."""

from __future__ import annotations


def gateway_policy(service: str, account: str, region: str) -> dict[str, object]:
    """Only this account's principals; through S3 also the layers of container images, which AWS owns.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-s3-gateway
    """
    own = {
        "Sid": "OwnPrincipals",
        "Effect": "Allow",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": account}},
    }
    image_layers = {
        "Sid": "ImageLayers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*",
    }
    statements = [own, image_layers] if service == "s3" else [own]
    return {"Version": "2012-10-17", "Statement": statements}
