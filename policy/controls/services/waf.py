"""Rules on WAF web ACLs and on Shield Advanced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value
from controls.language.graph import Graph, Platform
from controls.language.plain_data import from_json
from controls.language.remediation import Remedy
from controls.language.rules import (
    HIGH,
    MEDIUM,
    Config,
    Param,
    Rule,
    check_value,
    means_true,
    platform_rule,
    require_value,
    stack_rule,
)
from controls.language.shapes import require_companion
from controls.language.tokens import (
    ACCELERATOR,
    DISTRIBUTION,
    ELASTIC_IP,
    FIREWALL_GROUP,
    FIREWALL_LOG,
    LOAD_BALANCER,
    PROTECTION,
    WEB_ACL,
    WEB_ACL_ASSOCIATION,
    WEB_ACL_RULE,
    ZONE,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

GROUPS: Final = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
)


def rules_of(node: Node) -> list[Value]:
    """Rules of a web ACL, inline or as JSON; [UNKNOWN] when they aren't known."""
    rules, text = node.get("rules"), node.get("ruleJson")
    if rules is UNKNOWN or text is UNKNOWN:
        return [UNKNOWN]
    if isinstance(text, str):
        parsed = from_json(text)
        return [_camel_case(item) for item in parsed] if isinstance(parsed, list) else []
    return rules if isinstance(rules, list) else []


def _camel_case(value: Any) -> Any:
    """Converts AWS's own JSON to Pulumi's camel-case names."""
    if isinstance(value, dict):
        return {f"{key[:1].lower()}{key[1:]}": _camel_case(item) for key, item in value.items()}
    return [_camel_case(item) for item in value] if isinstance(value, list) else value


def _statements(rules: list[Value], kind: str) -> Iterator[tuple[Any, Any]]:
    """Statements of one kind, with the rules that hold them; (UNKNOWN, UNKNOWN) for one that isn't known."""
    for rule in rules:
        statement = rule.get("statement") if isinstance(rule, dict) else rule
        found = statement.get(kind) if isinstance(statement, dict) else statement
        if found is UNKNOWN:
            yield UNKNOWN, UNKNOWN
        elif isinstance(found, dict):
            yield rule, found


def has_rules(graph: Graph) -> Verdicts:
    for acl in graph.of(WEB_ACL):
        rules = rules_of(acl)
        if not rules and not graph.referrers(WEB_ACL_RULE, "webAclArn", acl):
            yield Fail("`rules` is empty: add managed rule groups and a rate rule", acl.urn)
        elif rules == [UNKNOWN]:
            yield Undecided("rules", acl.urn)


def managed_groups_present(node: Node, config: Config) -> Verdicts:
    found = [statement for _, statement in _statements(rules_of(node), "managedRuleGroupStatement")]
    names = {it if it is UNKNOWN else it.get("name", MISSING) for it in found}
    missing = [it for it in config["groups"] if it not in names]
    if missing and UNKNOWN in names:
        yield Undecided("rules")
    elif missing:
        yield Fail(f"`rules` lacks {', '.join(missing)}: add a managedRuleGroupStatement for each")


def rate_limited(node: Node, config: Config) -> Verdicts:
    """Rate-based rule of a web ACL that blocks. One that only counts limits nothing."""
    ceiling = config["ceiling"]
    limits = [
        statement if statement is UNKNOWN else statement.get("limit", MISSING)
        for rule, statement in _statements(rules_of(node), "rateBasedStatement")
        if rule is UNKNOWN or "count" not in (rule.get("action") or {})
    ]
    if any(isinstance(it, int) and it <= ceiling for it in limits):
        return
    if UNKNOWN in limits:
        yield Undecided("rules")
    else:
        yield Fail(f"`rules` has no rate rule that blocks at {ceiling} requests or fewer: add one")


def metrics_enabled(node: Node) -> Verdicts:
    """CloudWatch metrics of a web ACL and of each of its rules."""
    yield from check_value(node, "visibilityConfig.cloudwatchMetricsEnabled", means_true, "set it to true")
    for index, rule in enumerate(rules_of(node)):
        where = f"rules.{index}.visibilityConfig.cloudwatchMetricsEnabled"
        if rule is UNKNOWN:
            yield Undecided("rules")
            continue
        config = rule.get("visibilityConfig", MISSING) if isinstance(rule, dict) else MISSING
        enabled = _metrics_flag(config)
        if enabled is UNKNOWN:
            yield Undecided(where)
        elif not means_true(enabled):
            yield Fail(f"`{where}` isn't true: set it to true")


def _metrics_flag(config: Value) -> Value:
    """Returns whether a rule has metrics, as Pulumi writes it or as AWS's own JSON does."""
    if not isinstance(config, dict):
        return config
    return config.get("cloudwatchMetricsEnabled", config.get("cloudWatchMetricsEnabled", MISSING))


def load_balancers_covered(graph: Graph) -> Verdicts:
    """Web ACL of each public application load balancer: only those that speak HTTP can have one."""
    for balancer in graph.of(LOAD_BALANCER):
        internal = balancer.flag("internal")
        if internal is True or balancer.get("loadBalancerType") in ("network", "gateway"):
            continue
        if not graph.referrers(WEB_ACL_ASSOCIATION, "resourceArn", balancer):
            if internal is UNKNOWN:
                yield Undecided("internal", balancer.urn)
            else:
                yield Fail("no web ACL is bound to it: add a WebAclAssociation", balancer.urn)


def shield_protected(platform: Platform, config: Config) -> Verdicts:
    """Shield protection of public entry points, only where Shield Advanced is bought: it binds for a year and has
    a monthly price."""
    if not config["bought"]:
        return
    graph = platform.graph
    entries = [it for it in graph.of(LOAD_BALANCER) if it.flag("internal") is not True]
    for entry in (*entries, *graph.of(DISTRIBUTION + ACCELERATOR + ZONE + ELASTIC_IP)):
        if not graph.referrers(PROTECTION, "resourceArn", entry):
            yield Fail("nothing protects this public entry: add a shield Protection", entry.urn)


RULES: Final = (
    stack_rule(
        "waf-has-rules",
        HIGH,
        WEB_ACL,
        has_rules,
        asks="Web ACLs are not empty",
        fix="Add managed rule groups and a rate rule",
        ids="WAF.10 CKV_AWS_175",
        reads="rules ruleJson",
    ),
    Rule(
        "waf-managed-rule-groups",
        HIGH,
        WEB_ACL,
        managed_groups_present,
        asks="Web ACLs have AWS's groups for common attacks, bad inputs, SQL injection and bad addresses",
        fix="Add a managedRuleGroupStatement of vendor AWS for each group",
        ids="CKV_AWS_192 CKV2_AWS_47 CKV2_AWS_76 CKV2_AWS_77",
        reads="rules ruleJson",
        config={"groups": Param(list(GROUPS), "Managed rule groups that each web ACL has")},
    ),
    Rule(
        "waf-rate-limit",
        HIGH,
        WEB_ACL,
        rate_limited,
        asks="Web ACLs block addresses that ask too often",
        fix="Add a rateBasedStatement with the action block",
        reads="rules ruleJson",
        config={"ceiling": Param(10000, "Most requests of one address in the rule's window")},
    ),
    require_companion(
        "waf-logging",
        MEDIUM,
        WEB_ACL,
        FIREWALL_LOG,
        "resourceArn",
        message="nothing logs what it blocks: add a WebAclLoggingConfiguration",
        asks="Web ACLs log what they see",
        fix="Add a WebAclLoggingConfiguration with the web ACL's ARN",
        ids="WAF.11 CKV2_AWS_31",
    ),
    Rule(
        "waf-metrics-enabled",
        MEDIUM,
        WEB_ACL + FIREWALL_GROUP,
        metrics_enabled,
        asks="Web ACLs, rule groups and their rules have metrics",
        fix="Set cloudwatchMetricsEnabled to true in each visibilityConfig",
        ids="WAF.12",
        reads="visibilityConfig rules",
        remedy=Remedy(
            {
                "visibilityConfig.cloudwatchMetricsEnabled": True,
                "rules.*.visibilityConfig.cloudwatchMetricsEnabled": True,
            }
        ),
    ),
    stack_rule(
        "alb-waf-associated",
        HIGH,
        LOAD_BALANCER + WEB_ACL_ASSOCIATION,
        load_balancers_covered,
        asks="Internet-facing load balancers are bound to a web ACL",
        fix="Add a WebAclAssociation between the load balancer and a regional web ACL",
        ids="ELB.16 CKV2_AWS_28",
        reads="resourceArn webAclArn",
    ),
    require_value(
        "cloudfront-waf-associated",
        HIGH,
        DISTRIBUTION,
        "webAclId",
        bool,
        message="name the ARN of a web ACL of scope CLOUDFRONT",
        asks="Distributions name a web ACL",
        fix="Make a web ACL of scope CLOUDFRONT in us-east-1 and name its ARN in webAclId",
        ids="CloudFront.6 CKV_AWS_68",
    ),
    platform_rule(
        "shield-protects-public-entry",
        HIGH,
        LOAD_BALANCER + DISTRIBUTION + ACCELERATOR + ZONE + ELASTIC_IP,
        shield_protected,
        asks="Where Shield Advanced is bought, each public entry has a protection",
        fix="Add a shield Protection with the entry's ARN",
        narrowed="Shield Advanced binds for a year and has a monthly price: it is asked for where it is"
        " bought.",
        config={"bought": Param(False, "Whether Shield Advanced is bought")},
    ),
)
