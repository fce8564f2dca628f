"""The pack as Pulumi runs it, a process of its own that is asked over gRPC."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from tests.root import PACK


@contextmanager
def running(config: dict[str, Any], *, preview: bool) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", "."],
        cwd=PACK,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PULUMI_PROJECT": "castle",
            "PULUMI_STACK": "main",
            "PULUMI_DRY_RUN": str(preview).lower(),
            "PULUMI_CONFIG": json.dumps(config),
        },
    )
    try:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.kill()
        process.communicate()


def struct(props: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(props)
    return made


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:main::castle::{token}::{name}"


def analyze(pack: Any, token: str, props: dict[str, Any], **options: Any) -> Any:
    return pack.Analyze(
        analyzer_pb2.AnalyzeRequest(
            type=token,
            name="it",
            urn=urn(token, "it"),
            properties=struct(props),
            options=analyzer_pb2.AnalyzerResourceOptions(**options),
            provider=analyzer_pb2.AnalyzerProviderResource(
                type="pulumi:providers:aws", name="aws", properties=struct({"region": "eu-west-1"})
            ),
        )
    )


def in_stack(
    token: str, name: str, props: dict[str, Any], **needs: list[str]
) -> analyzer_pb2.AnalyzerResource:
    return analyzer_pb2.AnalyzerResource(
        type=token,
        name=name,
        urn=urn(token, name),
        properties=struct(props),
        propertyDependencies={
            prop: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns) for prop, urns in needs.items()
        },
    )
