"""Cases of the rules on Redshift clusters and serverless workgroups."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

CLUSTER = "aws:redshift/cluster:Cluster"
PARAMETERS = "aws:redshift/parameterGroup:ParameterGroup"
WORKGROUP = "aws:redshiftserverless/workgroup:Workgroup"
NAMESPACE = "aws:redshiftserverless/namespace:Namespace"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INBOUND = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"


def switch(token: str, name: str) -> Cases:
    """A switch that AWS leaves off."""
    return Cases(
        token,
        compliant={name: True},
        violating={name: False},
        missing=broken({}),
        unknown={name: UNKNOWN},
        more={"true as text": kept({name: "true"})},
    )


def hidden(token: str) -> Cases:
    return Cases(
        token,
        compliant={"publiclyAccessible": False},
        violating={"publiclyAccessible": True},
        missing=kept({}),
        unknown={"publiclyAccessible": UNKNOWN},
    )


def key_named(token: str, name: str, value: str) -> Cases:
    return Cases(
        token,
        compliant={name: value},
        violating={name: ""},
        missing=broken({}),
        unknown=kept({name: UNKNOWN}),
    )


def requiring(token: str, listed: str, name: str, value: str) -> Cases:
    """The setting `require_ssl`, among others."""

    def props(*settings: tuple[Any, Any]) -> dict[str, Any]:
        return {listed: [{name: it, value: to} for it, to in settings]}

    return Cases(
        token,
        compliant=props(("search_path", "trades"), ("require_ssl", "true")),
        violating=props(("require_ssl", "false")),
        missing=broken({}),
        unknown=props(("require_ssl", UNKNOWN)),
        more={
            "another setting": broken(props(("use_fips_ssl", "true"))),
            "perhaps the unknown one": undecided(props((UNKNOWN, "true"))),
            "beside an unknown one": kept(props((UNKNOWN, "x"), ("require_ssl", "true"))),
            "all unknown": undecided({listed: UNKNOWN}),
        },
    )


def behind(*openings: dict[str, Any], token: str = CLUSTER, port: Any = None) -> list[Res]:
    """A warehouse, its security group, and what that lets in."""
    name = "securityGroupIds" if token == WORKGROUP else "vpcSecurityGroupIds"
    return [
        Res(token, {name: [UNKNOWN], **({} if port is None else {"port": port})}, "it", {name: ["group"]}),
        Res(GROUP, {"description": "warehouse"}, "group"),
        *(
            Res(INBOUND, {"ipProtocol": "tcp", **it}, f"in{i}", {"securityGroupId": ["group"]})
            for i, it in enumerate(openings)
        ),
    ]


def opened(cidr: Any, port: Any = 5439) -> dict[str, Any]:
    return {"securityGroupId": UNKNOWN, "cidrIpv4": cidr, "fromPort": port, "toPort": port}


CASES = {
    "redshift-not-public": hidden(CLUSTER),
    "redshift-serverless-not-public": hidden(WORKGROUP),
    "redshift-enhanced-vpc-routing": switch(CLUSTER, "enhancedVpcRouting"),
    "redshift-serverless-vpc-routing": switch(WORKGROUP, "enhancedVpcRouting"),
    "redshift-encrypted": switch(CLUSTER, "encrypted"),
    "redshift-multi-az": switch(CLUSTER, "multiAz"),
    "redshift-ssl-required": requiring(PARAMETERS, "parameters", "name", "value"),
    "redshift-serverless-ssl-required": requiring(
        WORKGROUP, "configParameters", "parameterKey", "parameterValue"
    ),
    "redshift-subnet-group-explicit": key_named(CLUSTER, "clusterSubnetGroupName", "castle"),
    "redshift-serverless-cmk": key_named(NAMESPACE, "kmsKeyId", KEY),
    "redshift-security-group-restricted": Cases(
        CLUSTER,
        compliant=behind(opened("10.1.0.0/16")),
        violating=behind(opened("8.8.8.0/24")),
        missing=kept(behind()),
        unknown=behind(opened(UNKNOWN)),
        more={
            "from a security group": kept(
                behind(
                    {
                        "securityGroupId": UNKNOWN,
                        "referencedSecurityGroupId": UNKNOWN,
                        "fromPort": 5439,
                        "toPort": 5439,
                    }
                )
            ),
            "written in the group": broken(
                [
                    *behind()[:1],
                    Res(
                        GROUP,
                        {
                            "ingress": [
                                {
                                    "protocol": "tcp",
                                    "fromPort": 0,
                                    "toPort": 65535,
                                    "cidrBlocks": ["8.8.8.0/24"],
                                }
                            ]
                        },
                        "group",
                    ),
                ]
            ),
            "another port": kept(behind(opened("8.8.8.0/24", 443))),
            "a port of its own": broken(behind(opened("8.8.8.0/24", 5500), port=5500)),
            "an unknown port": undecided(behind(opened("8.8.8.0/24"), port=UNKNOWN)),
            "a workgroup": broken(behind(opened("0.0.0.0/0"), token=WORKGROUP)),
        },
    ),
    "redshift-managed-admin-password": Cases(
        CLUSTER,
        compliant={"manageMasterPassword": True, "masterUsername": "platform_admin"},
        violating={"masterPassword": "canary-secret-0451"},
        missing=broken({"masterUsername": "platform_admin"}),
        unknown={"manageMasterPassword": UNKNOWN},
        more={
            "beside one that is unknown": broken({"manageMasterPassword": True, "masterPassword": UNKNOWN}),
            "write-only": broken({"masterPasswordWo": UNKNOWN}),
            "restored": kept({"snapshotIdentifier": "snap"}),
            "a namespace": kept(Res(NAMESPACE, {"manageAdminPassword": True})),
            "a namespace without an administrator": kept(Res(NAMESPACE, {"namespaceName": "castle"})),
            "a namespace's password": broken(Res(NAMESPACE, {"adminUserPassword": UNKNOWN})),
        },
    ),
    "redshift-snapshot-retention": Cases(
        CLUSTER,
        compliant={"automatedSnapshotRetentionPeriod": 7},
        violating={"automatedSnapshotRetentionPeriod": 0},
        missing=broken({}),
        unknown={"automatedSnapshotRetentionPeriod": UNKNOWN},
    ),
    "redshift-audit-logging": Cases(
        CLUSTER,
        compliant=[
            Res(CLUSTER, {"clusterIdentifier": "castle"}, "it"),
            Res("aws:redshift/logging:Logging", {"clusterIdentifier": "castle"}, "logging"),
        ],
        violating=[
            Res(CLUSTER, {"clusterIdentifier": "castle"}, "it"),
            Res("aws:redshift/logging:Logging", {"clusterIdentifier": "other"}, "logging"),
        ],
        missing=broken([Res(CLUSTER)]),
        unknown=kept(
            [
                Res(CLUSTER, {"clusterIdentifier": UNKNOWN}, "it"),
                Res(
                    "aws:redshift/logging:Logging",
                    {"clusterIdentifier": UNKNOWN},
                    "logging",
                    {"clusterIdentifier": ["it"]},
                ),
            ]
        ),
    ),
    "redshift-version-upgrade": Cases(
        CLUSTER,
        compliant={"allowVersionUpgrade": True},
        violating={"allowVersionUpgrade": False},
        missing=kept({}),
        unknown={"allowVersionUpgrade": UNKNOWN},
    ),
    "redshift-custom-admin-username": Cases(
        CLUSTER,
        compliant={"masterUsername": "platform_admin"},
        violating={"masterUsername": "awsuser"},
        missing=kept({"snapshotIdentifier": "snap"}),
        unknown={"masterUsername": UNKNOWN},
    ),
    "redshift-serverless-logs-exported": Cases(
        NAMESPACE,
        compliant={"logExports": ["userlog", "connectionlog", "useractivitylog"]},
        violating={"logExports": ["useractivitylog"]},
        missing=broken({}),
        unknown={"logExports": UNKNOWN},
        more={
            "perhaps the unknown one": undecided({"logExports": ["userlog", UNKNOWN]}),
            "beside an unknown one": kept({"logExports": ["userlog", "connectionlog", UNKNOWN]}),
        },
    ),
}
