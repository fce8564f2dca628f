"""The cache of schemas is filled with the classes of a program, and with no others."""

from __future__ import annotations

from pathlib import Path

from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.types.schema import Schemas
from rehearsal.cloud.types.schema_filling import fill
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.project import Project
from rehearsal.state.store import Store
from tests.rehearsal.lab import Lab

TOPIC = "aws:sns/topic:Topic"


def written(cache: Path) -> list[str]:
    return sorted(file.stem for file in cache.rglob("*.json"))


def test_only_what_is_a_resource_class_is_written_and_reads_as_it_would_without(tmp_path: Path) -> None:
    fill(str(tmp_path), ["pulumi_aws.sns.Topic", "pulumi_aws.sns.TopicArgs", "pulumi_aws.nowhere.Nothing"])
    assert written(tmp_path) == ["aws-sns-topic-Topic"]
    assert Schemas(tmp_path).of(TOPIC) == Schemas().of(TOPIC)


def test_an_engine_that_starts_its_server_fills_its_clouds_cache(lab: Lab, tmp_path: Path) -> None:
    lab.program('aws.sns.Topic("topic", opts=o)\n')
    store = Store(tmp_path / "state", baseline.resources())
    cloud = Cloud(store.resources, tmp_path / "cache")
    with EmbeddedEngine(Project.read(lab.folder), store, cloud) as opened:
        assert not opened.preview("dev", {}).failed
        assert "aws-sns-topic-Topic" in written(tmp_path / "cache")
