"""Language host: programs run without source positions, and register all their resources at once."""

from __future__ import annotations

from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine.events import Diagnostic
from tests.rehearsal.engine.replay import Recorder
from tests.rehearsal.lab import Lab

VPCS = """
for i in range(3):
    aws.ec2.Vpc(f"v{i}", cidr_block=f"10.{i}.0.0/16", opts=o)
"""
COUNTING = """
from pulumi.runtime import stack
wait = stack.wait_for_rpcs
async def counted(*args, **named):
    print("begun:", len(stack._get_rpc_manager().rpcs))
    await wait(*args, **named)
stack.wait_for_rpcs = counted
"""


def test_no_registration_says_where_it_was_written(lab: Lab) -> None:
    lab.program(VPCS)
    opened = lab.engine()
    recorder = Recorder(opened.project, opened.store, opened.cloud, server=opened.server)
    assert not recorder.update("dev", {}).failed
    asked = (it.message for it in recorder.requests["dev"])
    messages = [it for it in asked if isinstance(it, pb.RegisterResourceRequest)]
    assert {"v0", "v1", "v2"} <= {it.name for it in messages}
    assert not [it.name for it in messages if it.stackTrace.frames or it.HasField("sourcePosition")]


def test_every_registration_has_begun_before_the_sdk_waits_for_them(lab: Lab) -> None:
    lab.program(VPCS + COUNTING)
    said = [event.message for event in lab.up().events if isinstance(event, Diagnostic)]
    assert said == ["begun: 5"]  # the stack, its provider, and the networks
