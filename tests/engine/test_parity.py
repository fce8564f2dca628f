"""Parity: the embedded engine does what the CLI engine does, operation by operation.

Each scenario is a row of programs for one stack. After each of them both engines preview and update; at the
end both update once more and destroy. Compared are the sets of (operation, URN, changed keys, replacing keys).
"""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from rehearsal.cli_engine import CliEngine
from rehearsal.engine.events import Remediation, Step, Violation
from rehearsal.engine.operations import Result
from rehearsal.engine.options import OperationOptions
from rehearsal.engine.policies.pack import PackSource
from rehearsal.project import Project
from tests.engine import journey
from tests.rehearsal.lab import HEAD, Lab
from tests.root import ROOT

pytestmark = pytest.mark.engine

VPC = 'vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n'
SUBNET = 'aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=o)\n'
FIRST = VPC.replace("opts=o", "opts=O(provider=p, delete_before_replace=True)")
COMPONENT = """
class C(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("lab:index:C", name, None, opts)
        vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=O(parent=self))
        aws.ec2.Subnet(f"{name}-subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=O(parent=self))
        self.register_outputs({"vpc": vpc.id})
"""
TAGGING = """
def tag(args):
    if args.type_ == "aws:ec2/vpc:Vpc":
        return pulumi.ResourceTransformResult({**args.props, "tags": {"by": "LABEL"}}, args.opts)
pulumi.runtime.register_resource_transform(tag)
"""
CLUSTER = """
import json, pulumi_eks as eks, pulumi_kubernetes as k8s
subnets = [aws.ec2.Subnet(f"s{z}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", opts=o) for i, z in enumerate("abc")]
trust = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": "eks.amazonaws.com"}}
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}), opts=o)
c = eks.Cluster("c", name="lab", version="1.35", authentication_mode=eks.AuthenticationMode.API,
    auto_mode=eks.AutoModeOptionsArgs(enabled=True), skip_default_node_group=True, create_instance_role=False,
    coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False), vpc_id=vpc.id, service_role=role,
    private_subnet_ids=[s.id for s in subnets], endpoint_private_access=True, endpoint_public_access=False,
    enabled_cluster_log_types=["api"], opts=O(providers=[p]))
k = k8s.Provider("k", kubeconfig=c.kubeconfig_json, cluster_identifier="lab")
k8s.core.v1.ConfigMap("m", metadata={"name": "m", "namespace": "kube-system"}, data={"a": "b"}, opts=O(provider=k))
pulumi.export("group", c.cluster_security_group_id)
"""

SCENARIOS: dict[str, list[str]] = {
    "an update in place": [VPC + SUBNET, VPC.replace("opts", 'tags={"a": "b"}, opts') + SUBNET],
    "a removal": [VPC + SUBNET, VPC],
    "a replacement and what depends on it": [VPC + SUBNET, VPC.replace("0/16", "0/17") + SUBNET],
    "delete before replace": [FIRST + SUBNET, FIRST.replace("0/16", "0/17") + SUBNET],
    "replace on changes": [
        VPC,
        VPC.replace("opts=o", 'tags={"a": "b"}, opts=O(provider=p, replace_on_changes=["tags"])'),
    ],
    "an alias of a resource": [
        VPC,
        VPC.replace('"vpc"', '"net"').replace(
            "opts=o", 'opts=O(provider=p, aliases=[pulumi.Alias(name="vpc")])'
        ),
    ],
    "an alias of a component": [
        COMPONENT + 'C("old", O(providers=[p]))',
        COMPONENT + 'C("new", O(providers=[p], aliases=[pulumi.Alias(name="old")]))',
        COMPONENT + 'C("new", O(providers=[p]))',
    ],
    "an alias of what is replaced, and a removal of what was in it": [
        VPC + SUBNET,
        VPC.replace('"vpc"', '"net"')
        .replace("0/16", "0/17")
        .replace("opts=o", 'opts=O(provider=p, aliases=[pulumi.Alias(name="vpc")])'),
    ],
    "ignored changes": [
        VPC.replace("opts", 'tags={"a": "1", "b": "1"}, opts'),
        VPC.replace(
            "opts=o", 'tags={"a": "2", "b": "2"}, opts=O(provider=p, ignore_changes=["tags.a", "tagsAll.a"])'
        ),
    ],
    "retain on delete": [VPC.replace("opts=o", "opts=O(provider=p, retain_on_delete=True)"), ""],
    "deleted with": [
        VPC + SUBNET.replace("opts=o", "opts=O(provider=p, deleted_with=vpc, retain_on_delete=True)"),
        "",
    ],
    "protection": [VPC.replace("opts=o", "opts=O(provider=p, protect=True)"), ""],
    "protection against replacement": [
        VPC.replace("opts=o", "opts=O(provider=p, protect=True)"),
        VPC.replace("0/16", "0/17").replace("opts=o", "opts=O(provider=p, protect=True)"),
        VPC.replace("0/16", "0/17"),
    ],
    "transforms": [TAGGING + VPC, TAGGING.replace("LABEL", "other") + VPC],
    "secrets": [
        VPC.replace("opts", 'tags={"a": pulumi.Output.secret("1")}, opts') + 'pulumi.export("t", vpc.id)',
        VPC.replace("opts", 'tags={"a": pulumi.Output.secret("2")}, opts') + 'pulumi.export("t", vpc.id)',
    ],
    "a provider's own change": [VPC, "p.x = 1\n" + VPC, VPC],
    "a remote component and an object in its cluster": [
        VPC + CLUSTER,
        VPC + CLUSTER.replace('"a": "b"', '"a": "c"'),
        VPC,
    ],
}


def step_set(result: Result) -> set[journey.StepKey]:
    """Steps as a set, those on default providers, too."""
    return journey.step_set([event for event in result.events if isinstance(event, Step)])


def agree(embedded: Result, cli: Result) -> None:
    assert step_set(embedded) == step_set(cli), cli.events
    assert embedded.failed == cli.failed, cli.events


@pytest.mark.parametrize("name", SCENARIOS)
def test_both_engines_do_the_same(lab: Lab, name: str) -> None:
    with CliEngine(Project.read(lab.folder), lab.folder / ".cli") as cli:
        for program in SCENARIOS[name]:
            lab.program(program, HEAD)
            preview = lab.preview()
            agree(preview, cli.preview("dev", {}))
            if not preview.failed:
                agree(lab.up(), cli.update("dev", {}))
                again = lab.up()
                assert again.changes == 0
                agree(again, cli.update("dev", {}))
        agree(lab.destroy(), cli.destroy("dev"))


@pytest.mark.parametrize("options", ["o", "O(provider=p, delete_before_replace=True)"])
def test_both_engines_replace_the_same_by_force(lab: Lab, options: str) -> None:
    urn = "urn:pulumi:dev::lab::aws:ec2/vpc:Vpc::vpc"
    with CliEngine(Project.read(lab.folder), lab.folder / ".cli") as cli:
        lab.program(VPC.replace("opts=o", f"opts={options}") + SUBNET, HEAD)
        agree(lab.up(), cli.update("dev", {}))
        for replacing in ([urn], [urn.replace("vpc:Vpc::vpc", "subnet:Subnet::subnet")], []):
            engine, forced = lab.engine(), OperationOptions(replaces=tuple(replacing))
            config = engine.project.config("dev", {})
            agree(engine.preview("dev", config, forced), cli.preview("dev", {}, forced))
            agree(engine.update("dev", config, forced), cli.update("dev", {}, forced))
        agree(lab.destroy(), cli.destroy("dev"))


# ---- remedies ---------------------------------------------------------------------------------------

MENDED = """
bucket = aws.s3.Bucket("bucket", opts=o)
aws.s3.BucketPublicAccessBlock("block", bucket=bucket.id, block_public_acls=False, opts=o)
aws.kms.Key("key", description=pulumi.Output.secret("hush"), opts=o)
"""


def remediated(result: Result) -> set[tuple[str, str, tuple[str, ...]]]:
    found = [event for event in result.events if isinstance(event, Remediation)]
    return {(event.rule, event.urn, event.changed) for event in found}


def rules(lab: Lab, **config: Any) -> PackSource:
    """Castle's pack in the lab's project, with these rules on."""
    pack = lab.folder / "policy"
    shutil.copytree(ROOT / "policy", pack)
    file = lab.folder / "rules.json"
    file.write_text(json.dumps({"all": "disabled", **config}))
    return PackSource(pack, file)


def test_both_engines_have_the_pack_mend_the_same(lab: Lab) -> None:
    lab.pack = rules(lab, **{"kms-key-rotation": "remediate", "s3-public-access-block-flags": "remediate"})
    lab.program(MENDED)
    with CliEngine(Project.read(lab.folder), lab.folder / ".cli", lab.pack) as cli:
        for mine, theirs in (
            (lab.preview(), cli.preview("dev", {})),
            (lab.up(), cli.update("dev", {})),
            (lab.up(), cli.update("dev", {})),
        ):
            assert not mine.failed, mine.events
            agree(mine, theirs)
            assert len(remediated(mine)) == 2
            assert remediated(mine) == remediated(theirs)
        for name in ("block", "key"):
            ours, its = (
                next(it for it in result.resources if it.name == name).inputs for result in (mine, theirs)
            )
            assert ours.keys() == its.keys()
            assert ours.get("__defaults") == its.get("__defaults")
        assert ours["enableKeyRotation"] is its["enableKeyRotation"] is True
        assert "ciphertext" in its["description"]


@pytest.mark.parametrize("level", ["remediate", "mandatory"])
def test_both_engines_refuse_what_is_not_mended(lab: Lab, level: str) -> None:
    """A remediation that may replace a resource changes nothing until the configuration asks for it."""
    lab.pack = rules(lab, **{"ebs-volume-encrypted": level})
    lab.program('aws.ebs.Volume("volume", availability_zone="us-east-1a", size=8, opts=o)')
    with CliEngine(Project.read(lab.folder), lab.folder / ".cli", lab.pack) as cli:
        for mine, theirs in ((lab.preview(), cli.preview("dev", {})), (lab.up(), cli.update("dev", {}))):
            assert mine.failed
            agree(mine, theirs)
            assert [(it.rule, it.mandatory) for it in violations(mine)] == [("ebs-volume-encrypted", True)]
            assert [(it.rule, it.mandatory) for it in violations(theirs)] == [("ebs-volume-encrypted", True)]


def violations(result: Result) -> list[Violation]:
    return [event for event in result.events if isinstance(event, Violation)]
