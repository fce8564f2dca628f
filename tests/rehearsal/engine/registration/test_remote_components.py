"""Remote components, what they register, and assets: what the engine adds to a program's own registrations."""

from __future__ import annotations

from hashlib import sha256

import pytest

from rehearsal.engine import urns
from rehearsal.values import Asset, Reference
from tests.rehearsal.lab import Lab, errors, nothing_changes, ops

CLUSTER = """
import json, pulumi_eks as eks, pulumi_kubernetes as k8s
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)
subnets = [aws.ec2.Subnet(f"s{z}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", opts=o) for i, z in enumerate("abc")]
trust = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": "eks.amazonaws.com"}}
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}), opts=o)
c = eks.Cluster("c", name="lab", version="1.35", authentication_mode=eks.AuthenticationMode.API,
    auto_mode=eks.AutoModeOptionsArgs(enabled=True), skip_default_node_group=True, create_instance_role=False,
    coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False), vpc_id=vpc.id,
    private_subnet_ids=[s.id for s in subnets], endpoint_private_access=True, endpoint_public_access=False,
    enabled_cluster_log_types=["api"], service_role=role, access_entries={"x": eks.AccessEntryArgs(
        principal_arn=role.arn, access_policies={"view": eks.AccessPolicyAssociationArgs(
            policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"))})},
    opts=O(providers=[p]))
k = k8s.Provider("k", kubeconfig=c.kubeconfig_json, cluster_identifier="lab")
k8s.core.v1.ConfigMap("m", metadata={"name": "m", "namespace": "kube-system"}, data={"a": "b"}, opts=O(provider=k))
pulumi.export("node", c.auto_mode_node_role_name)
"""
CHILDREN = {
    "eks:index:Cluster::c",
    "eks:index:Cluster$eks:index:ServiceRole::c-nodeRole",
    "eks:index:Cluster$eks:index:ServiceRole$aws:iam/role:Role::c-nodeRole-role",
    # The plugin names an attachment by the first eight digits of its policy's SHA-1.
    "eks:index:Cluster$eks:index:ServiceRole$aws:iam/rolePolicyAttachment:RolePolicyAttachment::c-nodeRole-7b85ae6b",
    "eks:index:Cluster$eks:index:ServiceRole$aws:iam/rolePolicyAttachment:RolePolicyAttachment::c-nodeRole-22021ef5",
    "eks:index:Cluster$aws:eks/cluster:Cluster::c-eksCluster",
    "eks:index:Cluster$pulumi:providers:kubernetes::c-eks-k8s",
    "eks:index:Cluster$aws:eks/accessEntry:AccessEntry::c-x",
    "eks:index:Cluster$aws:eks/accessEntry:AccessEntry$aws:eks/accessPolicyAssociation:AccessPolicyAssociation::c-x-view",
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, server: object) -> Lab:
    """A lab with a cluster in it, which no test may change."""
    lab = Lab(tmp_path_factory.mktemp("cluster"), server)  # pyright: ignore[reportArgumentType] the fixture's type is wider
    lab.program(CLUSTER)
    preview = lab.preview()
    assert not preview.failed, errors(preview)
    done = lab.up()
    assert not done.failed, errors(done)
    assert {(s.op, s.urn) for s in preview.steps} == {(s.op, s.urn) for s in done.steps}
    return lab


def test_a_remote_component_registers_the_children_of_the_real_plugin(cluster: Lab) -> None:
    found = {r.urn.split("::", 2)[2] for r in cluster.engine().recorded("dev").resources}
    assert {name for name in found if name.startswith("eks:")} == CHILDREN


def test_its_default_provider_is_registered(cluster: Lab) -> None:
    providers = [r for r in cluster.engine().recorded("dev").resources if r.type == "pulumi:providers:eks"]
    assert [provider.name for provider in providers] == ["default_4_4_0"]


def test_one_whose_default_provider_is_switched_off_is_refused(lab: Lab) -> None:
    lab.program('eks.Cluster("c")', "import pulumi_eks as eks\n")
    assert errors(lab.up(**{"pulumi:disable-default-providers": '["eks"]'})) == [
        "Default provider for 'eks' disabled. 'eks:index:Cluster' must use an explicit provider."
    ]


def test_its_outputs_hold_resources_as_references(cluster: Lab) -> None:
    (component,) = [r for r in cluster.engine().recorded("dev").resources if r.type == "eks:index:Cluster"]
    inside = component.outputs["eksCluster"]
    assert isinstance(inside, Reference)
    assert urns.name_of(inside.urn) == "c-eksCluster"
    assert inside.id == "lab"


def test_its_children_are_in_the_providers_that_it_was_given(cluster: Lab) -> None:
    resources = {r.name: r for r in cluster.engine().recorded("dev").resources}
    assert urns.split_reference(resources["c-eksCluster"].provider)[0] == resources["p"].urn


def test_a_second_up_changes_nothing_and_a_destroy_leaves_nothing(lab: Lab) -> None:
    lab.program(CLUSTER)
    lab.up()
    again = lab.up()
    assert not again.failed, errors(again)
    assert ops(again) == []
    gone = lab.destroy()
    assert not gone.failed, errors(gone)
    assert lab.living() == set()


def test_a_provider_of_an_unknown_cluster_is_not_asked_in_a_preview(lab: Lab) -> None:
    lab.program(
        CLUSTER.replace(
            'pulumi.export("node"', 'pulumi.export("kind", m.kind); pulumi.export("node"'
        ).replace("k8s.core.v1.ConfigMap", "m = k8s.core.v1.ConfigMap")
    )
    result = lab.preview()
    assert not result.failed, errors(result)
    (config,) = [r for r in result.resources if r.name == "m"]
    assert config.outputs == {}


def test_what_the_stand_in_does_not_build_is_refused_and_never_passed_over(lab: Lab) -> None:
    lab.program(CLUSTER.replace("skip_default_node_group=True,", "skip_default_node_group=True, proxy='x',"))
    (message,) = errors(lab.up())
    assert "the rehearsal doesn't build what proxy asks for" in message


@pytest.mark.parametrize(
    ("asset", "of"),
    [
        ('pulumi.FileAsset("x.txt")', b"abc"),
        ('pulumi.StringAsset("abc")', b"abc"),
        ('pulumi.FileArchive("x.zip")', b"zip"),
    ],
)
def test_an_asset_carries_the_hash_of_its_bytes(lab: Lab, asset: str, of: bytes) -> None:
    (lab.folder / "x.txt").write_bytes(b"abc")
    (lab.folder / "x.zip").write_bytes(b"zip")
    lab.program(
        f"""
class Holder(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("lab:index:Holder", "h", {{"file": {asset}}})
        self.register_outputs({{}})
Holder()
"""
    )
    result = lab.up()
    assert not result.failed, errors(result)
    (holder,) = [r for r in result.resources if r.name == "h"]
    assert isinstance(holder.inputs["file"], Asset)
    assert dict(holder.inputs["file"].fields)["hash"] == sha256(of).hexdigest()
    nothing_changes(lab)


def test_a_changed_file_is_a_change_and_a_missing_one_an_error(lab: Lab) -> None:
    folder = lab.folder / "d"
    folder.mkdir()
    (folder / "a").write_text("1")
    lab.program(
        """
class Holder(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("lab:index:Holder", "h", {"all": pulumi.AssetArchive({"d": pulumi.FileArchive("d")})})
        self.register_outputs({})
Holder()
"""
    )
    lab.up()
    (folder / "a").write_text("2")
    assert ops(lab.up()) == ["update h"]
    (folder / "a").unlink()
    folder.rmdir()
    assert "No such file or directory" in errors(lab.up())[0]
