"""Rules on OpenSearch domains: encryption, VPC, logs, nodes, access policies, updates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, comparable
from controls.language.iam.documents import forbid_statements, open_to_all
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    HIGH,
    MEDIUM,
    Check,
    Rule,
    check_value,
    means_false,
    means_true,
    require_true,
)
from controls.language.shapes import number, require_present
from controls.language.tokens import SEARCH_DOMAIN, SEARCH_POLICY
from controls.language.verdicts import Fail, Undecided, Verdicts

# TLS policies that take TLS 1.2 or newer with forward secrecy only (OpenSearch.8).
_TLS: Final = ("Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08")


def logs_published(kinds: Iterable[str]) -> Check:
    """Check that logs of these kinds are published."""

    def check(node: Node) -> Verdicts:
        options = [it for _, it in node.find("logPublishingOptions.*")]
        found = comparable(
            it.get("logType", MISSING) if isinstance(it, dict) else it
            for it in options
            if not isinstance(it, dict) or not means_false(it.get("enabled", MISSING))
        )
        missing = [it for it in kinds if it not in found]
        if missing and UNKNOWN in found:
            yield Undecided("logPublishingOptions")
        elif missing:
            yield Fail(f"`logPublishingOptions` lacks {', '.join(missing)}: publish it to a log group")

    return check


def three_nodes(node: Node) -> Verdicts:
    yield from check_value(
        node, "clusterConfig.instanceCount", lambda it: number(it) >= 3, "set it to 3 or more"
    )
    yield from check_value(node, "clusterConfig.zoneAwarenessEnabled", means_true, "set it to true")


def dedicated_masters(node: Node) -> Verdicts:
    yield from check_value(node, "clusterConfig.dedicatedMasterEnabled", means_true, "set it to true")
    yield from check_value(
        node, "clusterConfig.dedicatedMasterCount", lambda it: number(it) >= 3, "set it to 3 or more"
    )


def https_enforced(node: Node) -> Verdicts:
    yield from check_value(node, "domainEndpointOptions.enforceHttps", means_true, "set it to true")
    yield from check_value(
        node, "domainEndpointOptions.tlsSecurityPolicy", lambda it: it in _TLS, f"use {_TLS[0]}"
    )


def policy_not_public(node: Node) -> Verdicts:
    message = "lets anyone search: name roles"
    yield from forbid_statements(node, ("accessPolicies",), open_to_all, message)


RULES: Final = (
    require_true(
        "opensearch-encrypted-at-rest",
        HIGH,
        SEARCH_DOMAIN,
        "encryptAtRest.enabled",
        asks="Domains are encrypted at rest",
        fix="Set encryptAtRest.enabled to true, with a key in kmsKeyId",
        ids="OpenSearch.1 CKV_AWS_5",
        remedy=Remedy({"encryptAtRest.enabled": True}, create_only=True),
    ),
    require_present(
        "opensearch-in-vpc",
        CRITICAL,
        SEARCH_DOMAIN,
        "vpcOptions.subnetIds",
        message="name private subnets",
        asks="Domains run inside a network",
        fix="Set vpcOptions with private subnets and a security group when the domain is created",
        ids="OpenSearch.2 CKV_AWS_137",
    ),
    require_true(
        "opensearch-node-to-node-encrypted",
        HIGH,
        SEARCH_DOMAIN,
        "nodeToNodeEncryption.enabled",
        asks="Traffic between nodes is encrypted",
        fix="Set nodeToNodeEncryption.enabled to true",
        ids="OpenSearch.3 CKV_AWS_6",
        remedy=Remedy({"nodeToNodeEncryption.enabled": True}, create_only=True),
    ),
    Rule(
        "opensearch-error-logs",
        MEDIUM,
        SEARCH_DOMAIN,
        logs_published(("ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS")),
        asks="Errors and slow requests are logged",
        fix="Publish ES_APPLICATION_LOGS, INDEX_SLOW_LOGS and SEARCH_SLOW_LOGS in logPublishingOptions",
        ids="OpenSearch.4 CKV_AWS_84",
        reads="logPublishingOptions",
    ),
    Rule(
        "opensearch-audit-logs",
        MEDIUM,
        SEARCH_DOMAIN,
        logs_published(("AUDIT_LOGS",)),
        asks="Who asks for what is logged",
        fix="Publish AUDIT_LOGS in logPublishingOptions",
        ids="OpenSearch.5 CKV_AWS_317",
        reads="logPublishingOptions",
    ),
    Rule(
        "opensearch-three-data-nodes",
        MEDIUM,
        SEARCH_DOMAIN,
        three_nodes,
        asks="Domains have three data nodes or more, over several zones",
        fix="Set clusterConfig.instanceCount to 3 or more and zoneAwarenessEnabled to true",
        ids="OpenSearch.6",
        reads="clusterConfig",
    ),
    Rule(
        "opensearch-dedicated-masters",
        MEDIUM,
        SEARCH_DOMAIN,
        dedicated_masters,
        asks="Domains have three nodes of their own that elect a primary",
        fix="Set clusterConfig.dedicatedMasterEnabled to true and dedicatedMasterCount to 3",
        ids="OpenSearch.11 CKV_AWS_318 CKV2_AWS_59",
        reads="clusterConfig",
    ),
    require_true(
        "opensearch-fine-grained-access",
        HIGH,
        SEARCH_DOMAIN,
        "advancedSecurityOptions.enabled",
        asks="Rights go down to indices and documents",
        fix="Set advancedSecurityOptions.enabled to true, with a role as master user",
        ids="OpenSearch.7 CKV2_AWS_52",
    ),
    Rule(
        "opensearch-https-enforced",
        HIGH,
        SEARCH_DOMAIN,
        https_enforced,
        asks="Domains take HTTPS only, with TLS 1.2 and forward secrecy",
        fix=f"Set domainEndpointOptions.enforceHttps to true and tlsSecurityPolicy to {_TLS[0]}",
        ids="OpenSearch.8 CKV_AWS_83 CKV_AWS_228",
        reads="domainEndpointOptions",
        remedy=Remedy(
            {"domainEndpointOptions.enforceHttps": True, "domainEndpointOptions.tlsSecurityPolicy": _TLS[0]}
        ),
    ),
    Rule(
        "opensearch-policy-not-open",
        CRITICAL,
        SEARCH_DOMAIN + SEARCH_POLICY,
        policy_not_public,
        asks="Access policies of domains name no wildcard principal",
        fix="Name roles in Principal",
        ids="CIS-7.0:2.21",
        reads="accessPolicies",
    ),
    require_true(
        "opensearch-auto-software-update",
        MEDIUM,
        SEARCH_DOMAIN,
        "softwareUpdateOptions.autoSoftwareUpdateEnabled",
        asks="Service software updates itself",
        fix="Set softwareUpdateOptions.autoSoftwareUpdateEnabled to true",
        ids="OpenSearch.10",
        remedy=Remedy({"softwareUpdateOptions.autoSoftwareUpdateEnabled": True}),
    ),
)
