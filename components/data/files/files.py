"""EFS file system of a cell, with an access point for each service, and its replication to another region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm
from components.data.store_security_group import StoreNetwork, store_security_group
from settings.catalogue import SERVICES

PORT = 2049
NAMESPACE = "AWS/EFS"
# Seconds. AWS keeps most copies within a quarter of an hour.
# https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html
MAX_COPY_AGE_SECONDS = 1800
MAX_IO_PERCENT = 80  # of the operations a second that a file system can do
BUSY_MINUTES = 15  # so that a burst alarms nobody
# All actions of NFS clients; every other action is a call of AWS's API, which is over TLS anyway.
_CLIENT_ACTIONS = [
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientRootAccess",
    "elasticfilesystem:ClientWrite",
]


@dataclass(frozen=True)
class ReplicaRegion:
    """Region to which AWS replicates the file system, and that region's key."""

    region: str
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class FilesArgs:
    network: StoreNetwork
    key_arn: pulumi.Input[str]  # of this region
    replica: ReplicaRegion | None  # None only where a platform has a single home region

    tags: Mapping[str, str]
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class Files(pulumi.ComponentResource):
    """A file system in all zones, which is mounted over TLS through a service's access point and not otherwise.

    AWS makes the copy and writes it; it can be read meanwhile. A failover deletes the replication, which leaves the
    copy behind as a file system that can be written; so does taking the cell down.
    https://docs.aws.amazon.com/efs/latest/ug/delete-replications.html
    """

    file_system_id: pulumi.Output[str]

    def __init__(self, name: str, args: FilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Files", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self.file_system_id = self._file_system().id
        self._mount_targets()
        self._policy()
        # The plans of the cell's backups select it by its tag. AWS's own daily backup would be a second, unlocked and
        # under AWS's key.
        aws.efs.BackupPolicy(
            f"{name}-backup",
            file_system_id=self.file_system_id,
            backup_policy=aws.efs.BackupPolicyBackupPolicyArgs(status="DISABLED"),
            opts=self._child,
        )
        for service, facts in SERVICES.items():
            self._access_point(service, facts.file_user)
        self._load_alarm()
        if args.replica is not None:
            self._replicate(args.replica)
        self.register_outputs({"file_system_id": self.file_system_id})

    def _file_system(self) -> aws.efs.FileSystem:
        transition = aws.efs.FileSystemLifecyclePolicyArgs
        return aws.efs.FileSystem(
            f"{self._name}-files",
            encrypted=True,
            kms_key_id=self._args.key_arn,
            throughput_mode="elastic",  # paid by what is read and written, and there are no credits to run out of
            lifecycle_policies=[
                transition(transition_to_ia="AFTER_30_DAYS"),
                transition(transition_to_archive="AFTER_90_DAYS"),
                transition(transition_to_primary_storage_class="AFTER_1_ACCESS"),
            ],
            # No replication may make it its copy, which would empty it.
            protection=aws.efs.FileSystemProtectionArgs(replication_overwrite="ENABLED"),
            tags={"Name": self._name, **self._args.tags},
            opts=pulumi.ResourceOptions(parent=self, protect=not self._args.retire),
        )

    def _mount_targets(self) -> None:
        group_id = store_security_group(
            self._name, self._args.network, port=PORT, description="Shared files", parent=self
        )
        for zone, subnet_id in self._args.network.data_subnet_ids.items():
            aws.efs.MountTarget(
                f"{self._name}-mount-{zone}",
                file_system_id=self.file_system_id,
                subnet_id=subnet_id,
                security_groups=[group_id],
                opts=self._child,
            )

    def _policy(self) -> None:
        aws.efs.FileSystemPolicy(
            f"{self._name}-policy",
            file_system_id=self.file_system_id,
            policy=json.dumps(file_system_policy()),
            opts=self._child,
        )

    def _access_point(self, service: str, user: int) -> None:
        aws.efs.AccessPoint(
            f"{self._name}-of-{service}",
            file_system_id=self.file_system_id,
            posix_user=aws.efs.AccessPointPosixUserArgs(uid=user, gid=user),
            root_directory=aws.efs.AccessPointRootDirectoryArgs(
                path=f"/{service}",
                creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                    owner_uid=user, owner_gid=user, permissions="0750"
                ),
            ),
            tags={"Name": f"{self._name}-{service}"},
            opts=self._child,
        )

    def _load_alarm(self) -> None:
        alarm(
            f"{self._name}-busy",
            AlarmSpec(
                description="The file system is near the operations a second that it can do",
                namespace=NAMESPACE,
                metric="PercentIOLimit",
                dimensions={"FileSystemId": self.file_system_id},
                statistic="Maximum",
                comparison="above",
                threshold=MAX_IO_PERCENT,
                periods=BUSY_MINUTES,
            ),
            self._args.alarm_topic_arn,
            self._child,
        )

    def _replicate(self, copy: ReplicaRegion) -> None:
        replication = aws.efs.ReplicationConfiguration(
            f"{self._name}-copy",
            source_file_system_id=self.file_system_id,
            destination=aws.efs.ReplicationConfigurationDestinationArgs(
                region=copy.region, kms_key_id=copy.key_arn
            ),
            opts=self._child,
        )
        alarm(
            f"{self._name}-copy-late",
            AlarmSpec(
                description=f"The copy of the files in {copy.region} is more than "
                f"{MAX_COPY_AGE_SECONDS // 60} minutes old",
                namespace=NAMESPACE,
                metric="TimeSinceLastSync",
                dimensions={
                    "FileSystemId": self.file_system_id,
                    "DestinationFileSystemId": replication.destination.file_system_id.apply(
                        lambda id_: id_ or ""
                    ),
                },
                statistic="Maximum",
                comparison="above",
                threshold=MAX_COPY_AGE_SECONDS,
                missing="breaching",
            ),
            self._args.alarm_topic_arn,
            self._child,
        )


def file_system_policy() -> dict[str, object]:
    """Denies clients without TLS, without an access point, or as root.

    It allows nothing: clients need a role whose own policy allows them to mount, since a file system with a policy
    lets in nobody else. https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
    """
    anybody = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": "*"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                **anybody,
                "Sid": "TlsOnly",
                "Action": _CLIENT_ACTIONS,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                **anybody,
                "Sid": "ThroughAccessPoints",
                "Action": _CLIENT_ACTIONS,
                "Condition": {"Null": {"elasticfilesystem:AccessPointArn": "true"}},
            },
            {**anybody, "Sid": "NobodyIsRoot", "Action": "elasticfilesystem:ClientRootAccess"},
        ],
    }
