"""Schemas: read from the SDK, and from the cache without it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.cloud.types.property_names import camel, nearest, snake
from rehearsal.cloud.types.schema import Schemas, UnknownTypeError, pins
from tests.root import ROOT

FLOW_LOG = "aws:ec2/flowLog:FlowLog"


def test_schema_has_the_inputs_their_types_and_what_is_required(schemas: Path) -> None:
    schema = Schemas(schemas).of("aws:iam/role:Role")
    assert schema is not None
    assert schema.inputs.required == ("assumeRolePolicy",)
    assert schema.inputs.properties["maxSessionDuration"] == "integer"
    assert schema.inputs.properties["managedPolicyArns"] == {"list": "string"}
    assert schema.inputs.properties["tags"] == {"map": "string"}
    assert {"arn", "uniqueId", "tagsAll"} <= schema.outputs and "id" not in schema.outputs
    assert schema.taggable and not schema.regional


def test_schema_has_the_objects_inside_inputs_even_those_that_hold_themselves(schemas: Path) -> None:
    schema = Schemas(schemas).of("aws:wafv2/webAcl:WebAcl")
    assert schema is not None
    rules = schema.inputs.properties["rules"]["list"]["object"]
    assert set(schema.objects[rules].required) == {"name", "priority", "statement", "visibilityConfig"}
    (nested,) = [name for name in schema.objects if name.endswith(".WebAclRuleStatementArgs")]
    assert {"andStatement", "notStatement"} <= schema.objects[nested].properties.keys()


def test_list_that_the_sdk_calls_open_is_read_as_open(schemas: Path) -> None:
    schema = Schemas(schemas).of("aws:rds/cluster:Cluster")
    assert schema is not None
    engine = schema.inputs.properties["engine"]
    assert "aurora-postgresql" in engine["enum"] and engine["open"]


def test_documented_replacement_is_read_and_a_conditional_one_is_not(schemas: Path) -> None:
    schema = Schemas(schemas).of("aws:rds/cluster:Cluster")
    assert schema is not None
    assert "availabilityZones" in schema.pinned and "storageType" not in schema.pinned


def test_kubernetes_kinds_and_providers_have_schemas_and_custom_kinds_have_none(schemas: Path) -> None:
    known = Schemas(schemas)
    map_, provider = known.of("kubernetes:core/v1:ConfigMap"), known.of("pulumi:providers:aws")
    assert map_ is not None and map_.inputs.properties["kind"] == {"enum": ["ConfigMap"]}
    assert provider is not None and "allowedAccountIds" in provider.inputs.properties
    assert known.of("kubernetes:karpenter.sh/v1:NodePool") is None


@pytest.mark.parametrize("token", ["aws:ec2/vpc:Vpcc", "gcp:compute:Instance", "eks:index:Clustr"])
def test_unknown_type_is_an_error(token: str, schemas: Path) -> None:
    with pytest.raises(UnknownTypeError):
        Schemas(schemas).of(token)


def test_cache_gives_the_same_and_a_damaged_one_is_read_anew(tmp_path: Path) -> None:
    first = Schemas(tmp_path).of(FLOW_LOG)
    assert Schemas(tmp_path).of(FLOW_LOG) == first
    (file,) = tmp_path.rglob("*.json")
    for damage in ("{", json.dumps({"format": 0})):
        file.write_text(damage)
        assert Schemas(tmp_path).of(FLOW_LOG) == first


def test_process_with_a_cache_imports_no_sdk(schemas: Path) -> None:
    Schemas(schemas).of(FLOW_LOG)
    script = (
        "import sys; from pathlib import Path; from rehearsal.cloud.types.schema import Schemas;"
        f"assert Schemas(Path(sys.argv[1])).of('{FLOW_LOG}');"
        "assert not [m for m in sys.modules if m.startswith('pulumi')]"
    )
    subprocess.run([sys.executable, "-c", script, str(schemas)], check=True, cwd=ROOT)


def test_names_are_turned_either_way() -> None:
    for wire, python in (("vpcId", "vpc_id"), ("enableDnsSupport", "enable_dns_support"), ("name", "name")):
        assert (snake(wire), camel(python)) == (python, wire)
    assert snake("serverlessv2ScalingConfiguration") == "serverlessv2_scaling_configuration"


def test_nearest_name_is_found_in_either_spelling_or_not_at_all() -> None:
    names = ["cidrBlock", "instanceTenancy"]
    assert nearest("cidr_blok", names) == nearest("cidrblock", names) == "cidrBlock"
    assert nearest("zzz", names) is None


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("Name of it. Changing this forces a new resource to be created.", True),
        ("Name of it (Forces new resource).", True),
        (
            "Defaults to false. If the type is anything other than X, changing this value forces a new resource.",
            False,
        ),
        ("Its size. Changing this forces a new resource unless it grows.", False),
        ("Its size.", False),
    ],
)
def test_a_conditional_sentence_pins_nothing(text: str, pinned: bool) -> None:
    assert pins(text) is pinned
