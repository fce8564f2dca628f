"""Cases of the rules on OpenSearch domains."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept
from tests.policy.subjects.documents import ACCOUNT, document

DOMAIN = "aws:opensearch/domain:Domain"
POLICY = "aws:opensearch/domainPolicy:DomainPolicy"
TLS = "Policy-Min-TLS-1-2-PFS-2023-10"


def switch(option: str, name: str = "enabled") -> Cases:
    """The cases of a switch that AWS leaves off."""
    return Cases(
        DOMAIN,
        compliant={option: {name: True}},
        violating={option: {name: False}},
        missing=broken({}),
        unknown={option: {name: UNKNOWN}},
    )


def logs(*kinds: Any, **more: Any) -> dict[str, Any]:
    return {
        "logPublishingOptions": [{"logType": it, "cloudwatchLogGroupArn": UNKNOWN, **more} for it in kinds]
    }


def nodes(**given: Any) -> dict[str, Any]:
    return {"clusterConfig": given}


def endpoint(policy: Any, https: Any = True) -> dict[str, Any]:
    return {"domainEndpointOptions": {"enforceHttps": https, "tlsSecurityPolicy": policy}}


def access(**statement: Any) -> dict[str, Any]:
    return {"accessPolicies": document({"Action": "es:ESHttpGet", "Resource": "*", **statement})}


ERRORS = ("ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS")


CASES = {
    "opensearch-encrypted-at-rest": switch("encryptAtRest"),
    "opensearch-node-to-node-encrypted": switch("nodeToNodeEncryption"),
    "opensearch-fine-grained-access": switch("advancedSecurityOptions"),
    "opensearch-auto-software-update": switch("softwareUpdateOptions", "autoSoftwareUpdateEnabled"),
    "opensearch-in-vpc": Cases(
        DOMAIN,
        compliant={"vpcOptions": {"subnetIds": [UNKNOWN]}},
        violating={"vpcOptions": {"subnetIds": []}},
        missing=broken({}),
        unknown=kept({"vpcOptions": UNKNOWN}),
    ),
    "opensearch-error-logs": Cases(
        DOMAIN,
        compliant=logs(*ERRORS),
        violating=logs(*ERRORS[1:]),
        missing=broken({}),
        unknown=logs(*ERRORS[1:], UNKNOWN),
        more={
            **{f"without {it}": broken(logs(*(log for log in ERRORS if log != it))) for it in ERRORS},
            "all of them, beside another": kept(logs(*ERRORS, UNKNOWN)),
            "switched off": broken(logs(*ERRORS, enabled=False)),
        },
    ),
    "opensearch-audit-logs": Cases(
        DOMAIN,
        compliant=logs("AUDIT_LOGS"),
        violating=logs(*ERRORS),
        missing=broken({}),
        unknown={"logPublishingOptions": UNKNOWN},
        more={"switched off": broken(logs("AUDIT_LOGS", enabled=False))},
    ),
    "opensearch-three-data-nodes": Cases(
        DOMAIN,
        compliant=nodes(instanceCount=3, zoneAwarenessEnabled=True),
        violating=nodes(instanceCount=2, zoneAwarenessEnabled=True),
        missing=broken({}),
        unknown=nodes(instanceCount=3, zoneAwarenessEnabled=UNKNOWN),
        more={"in one zone": broken(nodes(instanceCount=3))},
    ),
    "opensearch-dedicated-masters": Cases(
        DOMAIN,
        compliant=nodes(dedicatedMasterEnabled=True, dedicatedMasterCount=3),
        violating=nodes(dedicatedMasterEnabled=True, dedicatedMasterCount=2),
        missing=broken({}),
        unknown=nodes(dedicatedMasterEnabled=True, dedicatedMasterCount=UNKNOWN),
        more={"switched off": broken(nodes(dedicatedMasterEnabled=False, dedicatedMasterCount=3))},
    ),
    "opensearch-https-enforced": Cases(
        DOMAIN,
        compliant=endpoint(TLS),
        violating=endpoint("Policy-Min-TLS-1-0-2019-07"),
        missing=broken({}),
        unknown=endpoint(UNKNOWN),
        more={
            "beside plain HTTP": broken(endpoint(TLS, https=False)),
            "for authorities": kept(endpoint("Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08")),
        },
    ),
    "opensearch-policy-not-open": Cases(
        DOMAIN,
        compliant=access(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/castle"}),
        violating=access(Principal={"AWS": "*"}),
        missing=kept({}),
        unknown={"accessPolicies": UNKNOWN},
        more={"on its own": broken(Res(POLICY, access(Principal="*")))},
    ),
}
