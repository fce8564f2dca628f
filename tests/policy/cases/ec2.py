"""Cases of the rules on EC2 instances, launch templates and disks."""

from __future__ import annotations

import base64
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept, undecided

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
PEM = "-----BEGIN PRIVATE KEY-----"
MACHINE = "aws:ec2/instance:Instance"
FROM_TEMPLATE = {"launchTemplate": {"id": "lt-1"}}


def disks(root: Any, *further: Any) -> dict[str, Any]:
    return {
        "rootBlockDevice": {"encrypted": root},
        "ebsBlockDevices": [{"deviceName": "/dev/sdf", "encrypted": it} for it in further],
    }


def demanding(tokens: Any) -> dict[str, Any]:
    return {"metadataOptions": {"httpTokens": tokens}}


CASES = {
    "launch-template-imdsv2-required": Cases(
        TEMPLATE,
        compliant={"metadataOptions": {"httpTokens": "required"}},
        violating={"metadataOptions": {"httpTokens": "optional"}},
        missing=broken({}),
        unknown={"metadataOptions": {"httpTokens": UNKNOWN}},
    ),
    "launch-template-no-public-ip": Cases(
        TEMPLATE,
        compliant={"networkInterfaces": [{"associatePublicIpAddress": "false"}]},
        violating={"networkInterfaces": [{"associatePublicIpAddress": "true"}]},
        missing=kept({}),
        unknown={"networkInterfaces": [{"associatePublicIpAddress": UNKNOWN}]},
    ),
    "launch-template-ebs-encrypted": Cases(
        TEMPLATE,
        compliant={"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}]},
        violating={"blockDeviceMappings": [{"ebs": {"encrypted": "false"}}]},
        missing=broken({"blockDeviceMappings": [{"ebs": {}}]}),
        unknown={"blockDeviceMappings": [{"ebs": {"encrypted": UNKNOWN}}]},
        more={
            "a disk of the machine itself": kept({"blockDeviceMappings": [{"virtualName": "ephemeral0"}]}),
            "no disk": kept({"blockDeviceMappings": [{"noDevice": "true"}]}),
            "of the image": broken({"blockDeviceMappings": [{"deviceName": "/dev/xvda"}]}),
            "not known at all": undecided({"blockDeviceMappings": UNKNOWN}),
        },
    ),
    "launch-template-no-userdata-secrets": Cases(
        TEMPLATE,
        compliant={"userData": base64.b64encode(b"#!/bin/sh").decode()},
        violating={"userData": base64.b64encode(PEM.encode()).decode()},
        missing=kept({}),
        unknown={"userData": UNKNOWN},
        more={"in clear": broken({"userData": PEM})},
    ),
    "ebs-volume-encrypted": Cases(
        "aws:ebs/volume:Volume",
        compliant={"encrypted": True},
        violating={"encrypted": False},
        missing=broken({}),
        unknown={"encrypted": UNKNOWN},
    ),
    "ec2-instance-imdsv2-required": Cases(
        MACHINE,
        compliant=demanding("required"),
        violating=demanding("optional"),
        missing=broken({"instanceType": "t3.small"}),
        unknown=demanding(UNKNOWN),
        more={
            "from a template": kept(FROM_TEMPLATE),
            "from a template, and against it": broken({**FROM_TEMPLATE, **demanding("optional")}),
        },
    ),
    "ec2-instance-no-public-ip": Cases(
        MACHINE,
        compliant={"associatePublicIpAddress": False},
        violating={"associatePublicIpAddress": True},
        missing=kept({}),
        unknown={"associatePublicIpAddress": UNKNOWN},
    ),
    "ec2-instance-disks-encrypted": Cases(
        MACHINE,
        compliant=disks(True, True),
        violating=disks(True, True, False),
        missing=broken({"instanceType": "t3.small"}),
        unknown=disks(UNKNOWN),
        more={
            "its first disk alone isn't": broken(disks(False, True)),
            "a disk of which nothing is said": broken(
                {**disks(True), "ebsBlockDevices": [{"volumeSize": 8}]}
            ),
            "from a template": kept(FROM_TEMPLATE),
            "from a template, and against it": broken({**FROM_TEMPLATE, **disks(False)}),
        },
    ),
    "launch-template-hop-limit": Cases(
        TEMPLATE,
        compliant={"metadataOptions": {"httpPutResponseHopLimit": 1}},
        violating={"metadataOptions": {"httpPutResponseHopLimit": 2}},
        missing=kept({}),
        unknown={"metadataOptions": {"httpPutResponseHopLimit": UNKNOWN}},
    ),
}
