"""What a region of the account has once: the defaults of whatever is made there, by hand or by a service."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


class Baseline(pulumi.ComponentResource):
    """Disks are encrypted, images and snapshots stay private, machines ask for tokens, no serial console."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:account:Baseline", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        aws.ebs.EncryptionByDefault(f"{name}-disks", enabled=True, opts=child)
        aws.ebs.SnapshotBlockPublicAccess(f"{name}-snapshots", state="block-all-sharing", opts=child)
        aws.ec2.ImageBlockPublicAccess(f"{name}-images", state="block-new-sharing", opts=child)
        aws.ec2.InstanceMetadataDefaults(
            f"{name}-metadata", http_tokens="required", http_put_response_hop_limit=1, opts=child
        )
        aws.ec2.SerialConsoleAccess(f"{name}-console", enabled=False, opts=child)
        self.register_outputs({})
