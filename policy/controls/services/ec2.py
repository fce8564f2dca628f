"""Rules on EC2 instances, launch templates and EBS volumes: metadata service, addresses, encryption, user data."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from controls.language.credentials import holds_credential
from controls.language.facts import UNKNOWN, Node
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    HIGH,
    MEDIUM,
    Rule,
    check_value,
    means_true,
    require_not_true,
    require_true,
    require_value,
)
from controls.language.shapes import number
from controls.language.tokens import INSTANCE, LAUNCH_TEMPLATE, VOLUME
from controls.language.verdicts import Fail, Undecided, Verdicts


def user_data_clean(node: Node) -> Verdicts:
    text = node.get("userData")
    if text is UNKNOWN:
        yield Undecided("userData")
    elif isinstance(text, str) and (holds_credential(text) or holds_credential(_decoded(text))):
        yield Fail("`userData` holds a credential: let the instance's role read it from Secrets Manager")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


def from_template(node: Node) -> bool:
    """Returns whether the instance takes what it doesn't set itself from a launch template."""
    return node.has("launchTemplate")


def imdsv2_required(node: Node) -> Verdicts:
    path, message = "metadataOptions.httpTokens", "write required"
    yield from check_value(node, path, lambda it: it == "required", message, missing_ok=from_template(node))


def disks_encrypted(node: Node) -> Verdicts:
    message = "set it to true"
    yield from check_value(
        node, "rootBlockDevice.encrypted", means_true, message, missing_ok=from_template(node)
    )
    yield from check_value(node, "ebsBlockDevices.*.encrypted", means_true, message)


def template_disks_encrypted(node: Node) -> Verdicts:
    """Encryption of a launch template's EBS volumes. A mapping of an instance store volume, or of no device, has
    nothing that EBS could encrypt."""
    for where, mapping in node.find("blockDeviceMappings.*"):
        if not (isinstance(mapping, dict) and {"virtualName", "noDevice"} & mapping.keys()):
            yield from check_value(node, f"{where}.ebs.encrypted", means_true, "set it to true")


RULES: Final = (
    require_value(
        "launch-template-imdsv2-required",
        HIGH,
        LAUNCH_TEMPLATE,
        "metadataOptions.httpTokens",
        lambda it: it == "required",
        message="write required",
        asks="Instances demand tokens for their metadata (IMDSv2)",
        fix="Set metadataOptions.httpTokens to required",
        ids="EC2.170 EC2.8 AutoScaling.3 CIS-3.0:5.6 CIS-5.0:5.7 CKV_AWS_79",
        remedy=Remedy({"metadataOptions.httpTokens": "required"}),
    ),
    require_value(
        "launch-template-hop-limit",
        MEDIUM,
        LAUNCH_TEMPLATE,
        "metadataOptions.httpPutResponseHopLimit",
        lambda it: number(it) == 1,
        message="set it to 1",
        missing_ok=True,  # AWS takes 1
        asks="Pods can't reach the credentials of their node: answers about them make one hop",
        fix="Set metadataOptions.httpPutResponseHopLimit to 1",
        ids="AutoScaling.4 CKV_AWS_341",
        remedy=Remedy({"metadataOptions.httpPutResponseHopLimit": 1}),
    ),
    require_not_true(
        "launch-template-no-public-ip",
        HIGH,
        LAUNCH_TEMPLATE,
        "networkInterfaces.*.associatePublicIpAddress",
        asks="Instances ask for no public address",
        fix="Leave associatePublicIpAddress out and use private subnets",
        ids="EC2.25 AutoScaling.5 CKV_AWS_88",
        remedy=Remedy({"networkInterfaces.*.associatePublicIpAddress": "false"}),
    ),
    Rule(
        "launch-template-ebs-encrypted",
        HIGH,
        LAUNCH_TEMPLATE,
        template_disks_encrypted,
        asks="All disks of a launch template are encrypted",
        fix="Set ebs.encrypted to true in each mapping",
        ids="EC2.181 CIS-3.0:2.2.1 CIS-5.0:5.1.1 CKV_AWS_8",
        reads="blockDeviceMappings",
        remedy=Remedy({"blockDeviceMappings.*.ebs.encrypted": "true"}),
    ),
    Rule(
        "launch-template-no-userdata-secrets",
        CRITICAL,
        LAUNCH_TEMPLATE,
        user_data_clean,
        asks="User data holds no credential, encoded or not",
        fix="Let the instance's role read the credential from Secrets Manager; revoke the one written down",
        ids="CKV_AWS_46",
        reads="userData",
    ),
    Rule(
        "ec2-instance-imdsv2-required",
        HIGH,
        INSTANCE,
        imdsv2_required,
        asks="Instances outside of a template demand tokens for their metadata (IMDSv2)",
        fix="Set metadataOptions.httpTokens to required",
        ids="EC2.8 CIS-3.0:5.6 CIS-5.0:5.7 CKV_AWS_79",
        reads="metadataOptions",
        narrowed="What an instance doesn't say itself it takes from its launch template, which is judged on its own.",
    ),
    require_not_true(
        "ec2-instance-no-public-ip",
        HIGH,
        INSTANCE,
        "associatePublicIpAddress",
        asks="Instances ask for no public address",
        fix="Leave associatePublicIpAddress out and use private subnets",
        ids="EC2.9 CKV_AWS_88",
    ),
    Rule(
        "ec2-instance-disks-encrypted",
        HIGH,
        INSTANCE,
        disks_encrypted,
        asks="All disks that an instance brings are encrypted",
        fix="Set encrypted to true in rootBlockDevice and in each of ebsBlockDevices",
        ids="EC2.3 CIS-3.0:2.2.1 CIS-5.0:5.1.1 CKV_AWS_8",
        reads="rootBlockDevice ebsBlockDevices",
        narrowed="What an instance doesn't say itself it takes from its launch template, which is judged on its own.",
    ),
    require_true(
        "ebs-volume-encrypted",
        HIGH,
        VOLUME,
        "encrypted",
        asks="Volumes are encrypted",
        fix="Set encrypted to true when the volume is created",
        ids="EC2.3 CIS-3.0:2.2.1 CIS-5.0:5.1.1 CKV_AWS_3 CKV2_AWS_2",
        remedy=Remedy({"encrypted": True}, create_only=True),
    ),
)
