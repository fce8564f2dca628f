"""The tables hold only what the SDK declares, and what their columns are for."""

import re
from pathlib import Path

import pytest

from rehearsal.cloud.images import IMAGE
from rehearsal.cloud.types import syntax, type_table
from rehearsal.cloud.types.schema import Declaration, Schema, Schemas
from rehearsal.cloud.types.type_table import (
    TableError,
    TypeRow,
    load_yaml,
    parse_row,
    type_row,
    types_by_kind,
)

TABLE = load_yaml(type_table.FILE)
AWS = sorted(token for token in TABLE if token.startswith("aws:"))


@pytest.fixture(scope="module")
def known(schemas: Path) -> Schemas:
    return Schemas(schemas)


def exists(path: str, declared: Declaration, schema: Schema) -> bool:
    """Returns whether an input path leads somewhere in what the SDK declares."""
    first, _, rest = re.sub(r"\[\d+\]", "", path).partition(".")
    shape = declared.properties.get(first)
    while isinstance(shape, dict) and "list" in shape:
        shape = shape["list"]
    if shape is None or not rest:
        return shape is not None
    if isinstance(shape, dict) and "map" in shape:
        return True  # which keys there may be, the SDK doesn't declare
    return (
        isinstance(shape, dict)
        and "object" in shape
        and exists(rest, schema.objects[shape["object"]], schema)
    )


@pytest.mark.parametrize("token", AWS)
def test_line_names_only_properties_that_the_type_has(token: str, known: Schemas) -> None:
    schema = known.of(token)
    assert schema is not None
    about = type_row(token, schema)
    inputs = [*about.fixed, *about.watch, *about.refs, *about.defaults, *about.open]
    inputs += [*about.syntax, *about.principals]
    inputs += [part for paths in about.unique for part in paths.split("+")]
    inputs += [about.lock] if about.lock else []
    inputs += [about.name.of] if about.name else []
    for case in about.refuse:
        given = [*case.missing, *case.given, *case.any, *case.equals, *case.unless, *case.beyond]
        given += [*case.like, *case.unlike, *case.below, *case.apart, *case.within, *case.uncovered]
        given += [path for paths in case.apart.values() for path in paths]
        given += [least.partition(" + ")[0] for least in case.below.values() if isinstance(least, str)]
        here = f"{case.each}." if case.each else ""
        paths = [*(here + path for path in given), *case.changed, *case.was]
        inputs += [re.sub(r"\[\d+\]", "", path) for path in paths]
    wrong = [path for path in inputs if not exists(path, schema.inputs, schema)]
    outputs = schema.outputs | schema.inputs.properties.keys()
    along = [path.split(".")[0] for path in about.also]
    wrong += [name for name in (*about.out, *about.live, *along) if name not in outputs and name[:2] != "__"]
    assert wrong == []


@pytest.mark.parametrize("token", AWS)
def test_placeholders_of_a_line_name_only_properties_that_the_type_has(token: str, known: Schemas) -> None:
    schema = known.of(token)
    assert schema is not None
    about = type_row(token, schema)
    own = {
        "id",
        "arn",
        "region",
        "account",
        "uuid",
        "octet",
        "item",
        *schema.outputs,
        *schema.inputs.properties,
    }
    text = str((about.id, about.arn, about.out, about.live, [case.say for case in about.refuse]))
    roots = {
        re.split(r"[.\[|]|->", inside)[0] for inside in re.findall(r"(?<!\$)\{([A-Za-z_][^{}]*)\}", text)
    }
    made = re.compile(r"(hex|digits|upper|lower|here):\w+|__\w+|which")
    assert [root for root in roots if root not in own and not made.fullmatch(root)] == []


def test_references_that_must_lie_in_one_vpc_are_references() -> None:
    for token, columns in TABLE.items():
        for group in columns.get("together", ()):
            assert set(group["paths"]) <= set(columns["refs"]), token


def test_contents_of_a_thing_name_it_by_a_property_that_they_have(known: Schemas) -> None:
    for token in AWS:
        contents = type_row(token, known.of(token)).contents
        if contents is not None and contents.of != IMAGE:  # which no program makes
            (inside, outside) = known.of(contents.of), known.of(token)
            assert inside is not None and outside is not None
            assert contents.by in inside.inputs.properties and contents.unless in outside.inputs.properties


def test_every_notation_exists_and_every_name_pattern_leads_to_one() -> None:
    for columns in TABLE.values():
        for notation in columns.get("syntax", {}).values():
            assert callable(syntax.syntax_check(notation))
    for name in load_yaml(type_table.FILE.with_name("syntax.yaml"))["names"].values():
        assert callable(syntax.syntax_check(name))


def test_reference_takes_the_form_of_the_ids_that_it_refers_to(known: Schemas) -> None:
    route = type_row("aws:ec2/route:Route", known.of("aws:ec2/route:Route"))
    assert route.syntax["routeTableId"] == "id rtb"
    assert route.syntax["gatewayId"] == "id igw local* vgw-*"
    assert "roleArn" not in type_row("aws:eks/cluster:Cluster", known.of("aws:eks/cluster:Cluster")).syntax


def test_every_kind_that_a_reference_names_is_the_kind_of_some_type() -> None:
    named = {
        kind
        for columns in TABLE.values()
        for written in columns.get("refs", {}).values()
        for kind in written.partition("@")[0].rstrip("*~").split("|")
    }
    assert named <= types_by_kind().keys() | {"any"}


def test_line_with_an_unknown_column_is_an_error() -> None:
    with pytest.raises(TableError, match="aws:x: there is no column ids"):
        parse_row("aws:x", {"ids": "x"})


def test_type_without_a_line_gets_one_from_its_schema() -> None:
    schema = Schema(
        "aws:svc/bigThing:BigThing",
        Declaration({"name": "string"}, ()),
        {},
        frozenset({"arn"}),
        frozenset("p"),
    )
    made = type_row(schema.token, schema)
    assert (made.id, made.arn, made.fixed, made.known) == ("{name}", "svc:big-thing/{id}", ("p",), False)
    assert made.name is not None and made.name.of == "name"


def test_type_without_a_name_gets_a_made_up_id() -> None:
    schema = Schema("aws:svc/bigThing:BigThing", Declaration({}, ()), {}, frozenset(), frozenset())
    assert type_row(schema.token, schema).id == "big-thing-{hex:17}"


def test_object_of_an_unknown_kind_is_named_by_its_metadata() -> None:
    made = type_row("kubernetes:karpenter.sh/v1:NodePool", None)
    assert made != TypeRow() and "metadata.name" in made.fixed


@pytest.mark.parametrize(
    ("token", "path", "replaces"),
    [  # as the provider's source has it, and not as CloudFormation or a conditional sentence of the SDK's
        ("aws:rds/clusterInstance:ClusterInstance", "publiclyAccessible", False),
        ("aws:route53/record:Record", "type", False),
        ("aws:route53/record:Record", "setIdentifier", False),
        ("aws:ecs/service:Service", "enableEcsManagedTags", False),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "privateDnsEnabled", False),
        ("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", "outputFormat", True),
    ],
)
def test_an_input_is_replaced_for_where_the_provider_says_so(
    known: Schemas, token: str, path: str, replaces: bool
) -> None:
    assert (path in type_row(token, known.of(token)).fixed) is replaces
