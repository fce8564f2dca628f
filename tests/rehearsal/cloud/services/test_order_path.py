"""Identity, the order path and images in the pretend cloud, under the policies: up, nothing new, and down again."""

from __future__ import annotations

from rehearsal.engine.policies.pack import PackSource
from tests.rehearsal.lab import Lab, errors, nothing_changes, ops
from tests.root import ROOT

HEAD = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import pulumi, pulumi_aws as aws
from components.alarms import alarm_topic
from components.compute.functions.function import Function, FunctionArgs
from components.compute.images.repositories import ImageRepositories, ImageRepositoriesArgs
from components.compute.images.replication import ImageReplication, ImageReplicationArgs
from components.identity.boundary import Boundary, BoundaryArgs
from components.identity.signing_key import Generation, SigningKey, SigningKeyArgs
from components.keys.key_family import KeyFamily, KeyFamilyArgs
from components.messaging.order_consumer import OrderConsumer, OrderConsumerArgs, receive_statements
from components.messaging.order_queue import OrderQueue, OrderQueueArgs
from components.messaging.topic import Subscription, Topic, TopicArgs
from components.security_group_rules import EgressRule
from settings import Family
p = aws.Provider("p", region="us-east-1", allowed_account_ids=["123456789012"])
o = pulumi.ResourceOptions(provider=p)
account, deployer = "123456789012", "arn:aws:iam::123456789012:role/castle-deployer"
retire = pulumi.Config().get_bool("retire") or False
"""

GROUND = """
key = KeyFamily("key", KeyFamilyArgs(family=Family("ledger", "global", "us-east-1", ("eu-west-1",)),
    alias="alias/castle-ledger", account=account, deployer=deployer, log_groups=[], cluster_roles="none",
    retain_on_delete=False, retire=retire), o)
key = key.arns["us-east-1"]
alarms = alarm_topic("alarms", account=account, region="us-east-1", key_arn=key, opts=o)
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)
subnets = {zone: aws.ec2.Subnet(f"subnet-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24",
    availability_zone=f"us-east-1{zone}", opts=o).id for number, zone in enumerate("abc")}
aws.ec2.DefaultSecurityGroup("nobody", vpc_id=vpc.id, opts=o)
"""

IDENTITY = """
boundary = Boundary("boundary", BoundaryArgs(policy_name="castle-boundary", account=account,
    regions=["us-east-1", "eu-west-1"], backup_roles="none", node_roles="node-*"), o)
generations = [Generation(name=each) for each in (pulumi.Config().get("generations") or "a").split()]
SigningKey("tokens", SigningKeyArgs(alias="alias/castle-tokens", generations=generations,
    signing_generation=pulumi.Config().get("signs") or "a", account=account, deployer=deployer,
    signers=["castle-*-accounts"],
    region="us-east-1", replicas=["eu-west-1"], retire=retire), o)
"""

ORDERS = """
queue = OrderQueue("orders", OrderQueueArgs(queue="castle-us-east-1-orders.fifo",
    dead_letter_queue="castle-us-east-1-orders-dead.fifo", account=account, region="us-east-1", key_arn=key,
    senders=["castle-*-trading-api"], consumer_timeout_seconds=10, alarm_topic_arn=alarms, late_seconds=30,
    retire=retire), o)
topic = Topic("trades", TopicArgs(topic="castle-us-east-1-trades", account=account, region="us-east-1", key_arn=key,
    publishers=["castle-*-matcher"], alarm_topic_arn=alarms, retire=retire,
    subscriptions={"market": Subscription(queue="castle-us-east-1-market", filter_policy={"kind": ["trade"]})}), o)
function = Function("matcher", FunctionArgs(function="castle-us-east-1-matcher", role="castle-us-east-1-matcher",
    description="Matches", account=account, region="us-east-1", handler="matcher.handler",
    archive=pulumi.AssetArchive({"matcher.py": pulumi.StringAsset("def handler(event, context): ...")}),
    environment={"MODE": "live"}, environment_key_arn=key, signing_profiles=[SIGNING], memory=1024, timeout=10,
    concurrency=50, statements=[{"Sid": "Publish", "Effect": "Allow", "Action": "sns:Publish", "Resource": topic.arn},
        *receive_statements([queue.arn, queue.dead_letter_arn], key, "us-east-1")],
    vpc_id=vpc.id, subnet_ids=subnets, egress={"ledger": EgressRule(5432, "10.0.0.0/16")}, key_arn=key, log_days=30,
    alarm_topic_arn=alarms), o)
OrderConsumer("consumer", OrderConsumerArgs(function_name=function.name, function_concurrency=50, queue_arn=queue.arn,
    dead_letter_arn=queue.dead_letter_arn), o)
""".replace("SIGNING", '"arn:aws:signer:us-east-1:123456789012:/signing-profiles/castle/abcdefghij"')

IMAGES = """
images = ImageRepositories("images", ImageRepositoriesArgs(prefix="castle", images=["trading-api", "accounts"],
    key_arn=key, keep=50, tags={}, retire=retire), o)
ImageReplication("replication", ImageReplicationArgs(account=account, prefix="castle", regions=["eu-west-1"]), o)
"""


def test_all_of_it_comes_up_stays_and_goes(lab: Lab) -> None:
    lab.pack = PackSource(ROOT / "policy", ROOT / "policy" / "castle.json")
    lab.program(GROUND + IDENTITY + ORDERS + IMAGES, HEAD)
    first = lab.up()
    assert (errors(first), first.failed) == ([], False)
    nothing_changes(lab)
    assert [step for step in lab.refresh().steps if step.changed] == []
    lab.pack = None  # which wants protection, and knows by castle:retire alone when it goes
    lab.up(retire="true")
    assert errors(lab.destroy()) == []
    assert lab.living() == set()


def test_another_key_signs_without_any_being_replaced(lab: Lab) -> None:
    lab.program(IDENTITY, HEAD)
    assert errors(lab.up()) == []
    added = ops(lab.up(generations="a b"))
    assert {each.split("-")[0] for each in added} == {"create tokens"}
    moved = ops(lab.up(generations="a b", signs="b"))
    assert sorted(moved) == ["update tokens-signs-alias-eu-west-1", "update tokens-signs-alias-us-east-1"]
