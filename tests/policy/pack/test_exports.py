"""What `pulumi stack export` says, as the platform rules read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from controls.language.facts import MISSING
from controls.pack import exceptions, exports

VPC = "aws:ec2/vpc:Vpc"
PROVIDER_URN = "urn:pulumi:a::castle::pulumi:providers:aws::aws"


def entry(token: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:a::castle::castle:index:Cell${token}::{name}", "type": token, **more}


def provider() -> dict[str, Any]:
    inputs = {"region": "eu-west-1", "allowedAccountIds": '["123456789012"]'}
    return {"urn": PROVIDER_URN, "type": "pulumi:providers:aws", "inputs": inputs}


def export(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": list(entries)}}


def written(folder: Path, stack: str, *cidrs: str) -> str:
    vpcs = [entry(VPC, f"vpc{i}", outputs={"cidrBlock": cidr}) for i, cidr in enumerate(cidrs)]
    file = folder / f"{stack}.json"
    file.write_text(json.dumps(export(*vpcs)))
    return f"{stack}={file}"


def test_a_node_has_outputs_over_inputs_its_id_and_its_provider() -> None:
    vpc = entry(
        VPC,
        "vpc",
        id="vpc-1",
        inputs={"cidrBlock": "10.0.0.0/16", "tags": {"tier": "app"}},
        outputs={"cidrBlock": "10.1.0.0/16"},
        provider=f"{PROVIDER_URN}::some-id",
        protect=True,
        propertyDependencies={"cidrBlock": ["urn:x"], "tags": None},
    )
    node = exports.nodes(export(provider(), vpc))[1]
    assert (node.name, node.type, node.protect, node.region) == ("vpc", VPC, True, "eu-west-1")
    assert (node.get("id"), node.get("cidrBlock"), node.tag("tier")) == ("vpc-1", "10.1.0.0/16", "app")
    assert node.provider("allowedAccountIds") == ["123456789012"]
    assert node.property_dependencies == {"cidrBlock": ("urn:x",), "tags": ()}


def test_what_is_encrypted_is_left_out() -> None:
    secret = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "ciphertext": "v1:canary",
    }
    (node,) = exports.nodes(export(entry(VPC, "vpc", outputs={"password": secret, "list": [secret]})))
    assert node.get("password") is MISSING
    assert "canary" not in str(node)


def test_what_is_about_to_be_deleted_is_gone() -> None:
    assert exports.nodes(export(entry(VPC, "old", delete=True))) == []


@pytest.mark.parametrize(("second", "status"), [("10.1.0.0/16", 0), ("10.0.0.0/16", 1)])
def test_the_command_tells_what_it_finds(second: str, status: int, tmp_path: Path, capsys: Any) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"all": "disabled", "vpc-cidrs-disjoint-across-regions": "mandatory"}')
    stacks = [written(tmp_path, "a", "10.0.0.0/16"), written(tmp_path, "b", second)]
    arguments = ["--config", str(config), *stacks]
    assert exports.main(arguments) == status
    assert ("vpc-cidrs-disjoint-across-regions (mandatory, high)" in capsys.readouterr().out) == bool(status)


def test_the_command_does_without_a_configuration_file(tmp_path: Path, capsys: Any) -> None:
    assert exports.main([written(tmp_path, "a", "10.0.0.0/16")]) == 1
    assert "cloudtrail-multi-region (mandatory, high)" in capsys.readouterr().out


def test_the_command_says_what_is_wrong_with_the_exceptions(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    def malformed(*_: Any) -> Any:
        raise exceptions.MalformedError("exceptions.yaml: write a list of exceptions")

    monkeypatch.setattr(exceptions, "load", malformed)
    assert exports.main([written(tmp_path, "a", "10.0.0.0/16")]) == 2
    assert capsys.readouterr().err == "exceptions.yaml: write a list of exceptions\n"


@pytest.mark.parametrize("arguments", [[], ["a.json"], ["a=nowhere.json"], ["--config"]])
def test_the_command_says_how_it_is_called(arguments: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        exports.main(arguments)
    assert ended.value.code == 2
    assert "STACK=FILE" in capsys.readouterr().err
