"""The provider's protocol, spoken over gRPC as the CLI speaks it, and without one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal import provider
from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.inventory import Inventory
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.state.store import Store
from rehearsal.values import ASSET, UNKNOWN, Asset, Reference, Secret, Values, decode, encode
from tests.root import ROOT

VPC, TOPIC, OBJECT = "aws:ec2/vpc:Vpc", "aws:sns/topic:Topic", "aws:s3/bucketObjectv2:BucketObjectv2"
ACCOUNT = '["123456789012"]'


def urn(type_: str, name: str = "it") -> str:
    return f"urn:pulumi:dev::lab::{type_}::{name}"


@dataclass
class Client:
    """One connection, configured for one region: an instance of the provider, as the CLI holds it."""

    stub: Any

    def configure(self, **config: str) -> pb.ConfigureResponse:
        return self.stub.Configure(pb.ConfigureRequest(args=encode({"allowedAccountIds": ACCOUNT} | config)))

    def check(self, type_: str, name: str = "it", **inputs: Any) -> pb.CheckResponse:
        return self.stub.Check(pb.CheckRequest(urn=urn(type_, name), news=encode(inputs)))

    def create(
        self, type_: str, name: str = "it", preview: bool = False, **inputs: Any
    ) -> tuple[str, Values]:
        checked = decode(self.check(type_, name, **inputs).inputs)
        made = self.stub.Create(
            pb.CreateRequest(urn=urn(type_, name), properties=encode(checked), preview=preview)
        )
        return made.id, decode(made.properties)


@dataclass
class Served:
    """The servers of all packages over one cloud."""

    ports: dict[str, int]
    store: Store
    state: Path

    @contextmanager
    def connection(self, package: str = "aws") -> Iterator[Client]:
        # A channel of its own, as each instance in the CLI has: gRPC would share one between equal addresses.
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(f"127.0.0.1:{self.ports[package]}", options=options) as channel:
            yield Client(provider_pb2_grpc.ResourceProviderStub(channel))


@pytest.fixture
def served(tmp_path: Path, server: ForkServer) -> Iterator[Served]:
    store = Store(tmp_path / "state", baseline.resources())
    with provider.serve(store, Cloud(store.resources, ROOT / ".cache" / "schema"), server) as env:
        attached = dict(pair.split(":") for pair in env["PULUMI_DEBUG_PROVIDERS"].split(","))
        yield Served({package: int(port) for package, port in attached.items()}, store, tmp_path / "state")


@pytest.fixture
def aws(served: Served) -> Iterator[Client]:
    with served.connection() as client:
        client.configure(region="us-east-1")
        yield client


def refused(call: Any, request: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return caught.value.details() or ""  # pyright: ignore[reportAttributeAccessIssue] every failed call has them


@pytest.mark.parametrize("package", ["aws", "eks", "kubernetes"])
def test_every_package_is_there_and_says_what_it_takes(served: Served, package: str) -> None:
    with served.connection(package) as client:
        client.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
        assert client.stub.GetPluginInfo(empty_pb2.Empty()).version
        hands = client.stub.Handshake(pb.ProviderHandshakeRequest())
        assert (hands.accept_secrets, hands.accept_resources, hands.accept_outputs) == (True, True, True)
        configured = client.configure()
        assert configured.acceptSecrets
        assert configured.supportsPreview
        client.stub.Cancel(empty_pb2.Empty())


def test_a_wrong_input_comes_back_as_a_failure_at_its_path(aws: Client) -> None:
    (failure,) = aws.check(VPC, cidrBlok="10.0.0.0/16").failures
    assert failure.property == "cidrBlok"
    assert "cidrBlock" in failure.reason


def test_a_preview_makes_nothing_and_knows_no_id(aws: Client, served: Served) -> None:
    before = dict(served.store.resources)
    id_, outputs = aws.create(VPC, preview=True, cidrBlock="10.0.0.0/16")
    assert id_ == ""
    assert outputs["arn"] is UNKNOWN
    assert served.store.resources == before


def test_what_is_created_is_read_updated_and_deleted(aws: Client) -> None:
    id_, outputs = aws.create(VPC, cidrBlock="10.0.0.0/16")
    inputs = decode(aws.check(VPC, cidrBlock="10.0.0.0/16").inputs)
    read = aws.stub.Read(
        pb.ReadRequest(id=id_, urn=urn(VPC), inputs=encode(inputs), properties=encode(outputs))
    )
    assert (read.id, decode(read.properties)) == (id_, outputs)

    new = decode(aws.check(VPC, cidrBlock="10.0.0.0/16", enableDnsHostnames=True).inputs)
    sides: dict[str, Any] = {"olds": encode(outputs), "news": encode(new), "old_inputs": encode(inputs)}
    found = aws.stub.Diff(pb.DiffRequest(id=id_, urn=urn(VPC), **sides))
    assert (list(found.diffs), list(found.replaces)) == (["enableDnsHostnames"], [])
    updated = aws.stub.Update(pb.UpdateRequest(id=id_, urn=urn(VPC), **sides))
    assert decode(updated.properties)["enableDnsHostnames"] is True

    aws.stub.Delete(
        pb.DeleteRequest(id=id_, urn=urn(VPC), properties=updated.properties, old_inputs=encode(new))
    )
    assert aws.stub.Read(pb.ReadRequest(id=id_, urn=urn(VPC))).id == ""


def test_what_cannot_change_in_place_is_a_replacement(aws: Client) -> None:
    id_, outputs = aws.create(VPC, cidrBlock="10.0.0.0/16")
    inputs, new = (decode(aws.check(VPC, cidrBlock=f"10.{n}.0.0/16").inputs) for n in (0, 1))
    sides: dict[str, Any] = {"olds": encode(outputs), "news": encode(new), "old_inputs": encode(inputs)}
    found = aws.stub.Diff(pb.DiffRequest(id=id_, urn=urn(VPC), **sides))
    assert list(found.replaces) == ["cidrBlock"]
    ignored = aws.stub.Diff(pb.DiffRequest(id=id_, urn=urn(VPC), ignoreChanges=["cidrBlock"], **sides))
    assert ignored.changes == pb.DiffResponse.DIFF_NONE


def test_a_refusal_is_in_the_clouds_words_and_without_a_traceback(aws: Client) -> None:
    vpc, outputs = aws.create(VPC, cidrBlock="10.0.0.0/16")
    aws.create("aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock="10.0.0.0/24")
    said = refused(aws.stub.Delete, pb.DeleteRequest(id=vpc, urn=urn(VPC), properties=encode(outputs)))
    assert said.startswith("DependencyViolation")
    assert "Traceback" not in said


def test_two_instances_of_one_package_keep_their_regions_apart(served: Served) -> None:
    with served.connection() as east, served.connection() as west:
        east.configure(region="us-east-1")
        west.configure(region="us-west-2")
        arns = [
            client.create(TOPIC, name)[1]["arn"] for client, name in ((east, "a"), (west, "b"), (east, "c"))
        ]
    assert [arn.split(":")[3] for arn in arns] == ["us-east-1", "us-west-2", "us-east-1"]


def test_a_secret_setting_is_used_like_a_plain_one(served: Served) -> None:
    with served.connection() as client:
        settings = {"region": Secret("us-west-2"), "defaultTags": Secret({"tags": {"a": "b"}})}
        client.stub.Configure(pb.ConfigureRequest(args=encode(settings)))
        _, outputs = client.create(TOPIC)
    assert (outputs["region"], outputs["tagsAll"]) == ("us-west-2", {"a": "b"})


def test_a_secret_stays_one_and_is_in_clear_in_no_file(aws: Client, served: Served) -> None:
    _, outputs = aws.create("aws:ssm/parameter:Parameter", type="SecureString", value=Secret("hunter2"))
    assert outputs["value"] == Secret("hunter2")
    files = [file.read_bytes() for file in served.state.iterdir()]
    assert files
    assert not any(b"hunter2" in file for file in files)


def test_an_unknown_input_is_taken_in_a_preview(aws: Client) -> None:
    _, outputs = aws.create("aws:ec2/subnet:Subnet", preview=True, vpcId=UNKNOWN, cidrBlock="10.0.0.0/24")
    assert outputs["vpcId"] is UNKNOWN


def test_an_asset_arrives_whole(aws: Client) -> None:
    bucket, _ = aws.create("aws:s3/bucket:Bucket")
    asset = Asset(ASSET, (("hash", "2cf24dba"), ("text", "hello")))
    checked = decode(aws.check(OBJECT, bucket=bucket, key="k", source=asset).inputs)
    assert checked["source"] == asset


def test_a_resource_passed_as_a_value_arrives_as_one(aws: Client) -> None:
    it = Reference(urn(VPC), "vpc-1", "")
    assert decode(aws.check(TOPIC, displayName=it).inputs)["displayName"] == it


def test_a_function_answers_and_an_unknown_one_is_refused_by_name(aws: Client) -> None:
    request = pb.InvokeRequest(tok="aws:index/getRegion:getRegion", args=encode({}))
    answer = decode(getattr(aws.stub.Invoke(request), "return"))
    assert answer["region"] == "us-east-1"
    said = refused(aws.stub.Invoke, pb.InvokeRequest(tok="aws:index/getMoon:getMoon", args=encode({})))
    assert "aws:index/getMoon:getMoon" in said


def test_an_unknown_component_is_refused_with_those_that_there_are(served: Served) -> None:
    with served.connection("eks") as eks:
        request = pb.ConstructRequest(type="eks:index:Moon", name="m", project="lab", stack="dev")
        said = refused(eks.stub.Construct, request)
    assert "eks:index:Cluster" in said


def test_one_call_at_a_time_looks_at_the_cloud(aws: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, inside, most = Inventory.sync, [0], [0]

    def slowly(world: Inventory) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.01)
        sync(world)
        inside[0] -= 1

    monkeypatch.setattr(Inventory, "sync", slowly)

    def make_and_ask(n: int) -> Values:
        aws.create(TOPIC, f"t{n}")
        asked = pb.InvokeRequest(tok="aws:index/getRegion:getRegion", args=encode({}))
        return decode(getattr(aws.stub.Invoke(asked), "return"))

    with ThreadPoolExecutor(8) as pool:
        assert all(answer["region"] == "us-east-1" for answer in pool.map(make_and_ask, range(8)))
    assert most == [1]
