"""Commands about what a stack has recorded: export, import, output and history."""

from __future__ import annotations

import json

import pytest

from tests.rehearsal.commands.stacks.command_line import SUBNET, VPC, asked, run, two_stacks
from tests.rehearsal.lab import Lab, nothing_changes

SECRET = 'aws.sns.Topic("topic", display_name=pulumi.Output.secret("hush"), opts=o)\n'


@pytest.fixture
def up(lab: Lab) -> Lab:
    two_stacks(lab).program('vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n' + SECRET)
    assert not lab.up().failed
    return lab


def test_an_export_with_its_secrets_can_be_imported_again(up: Lab) -> None:
    exported = run(up, "stack", "export", "--stack", "dev", "--show-secrets")
    run(up, "state", "delete", "--all", "--stack", "dev")
    assert up.living() == set()
    assert run(up, "stack", "import", "--stack", "dev", text=exported) == "Import complete.\n"
    assert up.living() == {"Vpc vpc", "Topic topic"}
    assert "hush" not in "".join(up.lines())
    nothing_changes(up)


def test_an_export_without_its_secrets_is_refused(up: Lab) -> None:
    exported = run(up, "export", "dev")
    assert "hush" not in exported
    code, said = asked(up, "stack", "import", "--stack", "dev", text=exported)
    assert code == 1
    assert said.startswith("error: the file is without its secrets, or has them encrypted: ")


def test_what_the_engine_does_not_know_is_refused_by_name(up: Lab) -> None:
    exported = json.loads(run(up, "stack", "export", "--stack", "dev", "--show-secrets"))
    exported["deployment"]["resources"][-1]["viewOf"] = VPC
    code, said = asked(up, "stack", "import", "--stack", "dev", text=json.dumps(exported))
    assert code == 1
    assert "viewOf: the embedded engine doesn't know it" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no", "not JSON: "),
        ("[]", "no export of a stack: "),
        ('{"version": 4, "deployment": {}}', "version 4 of an export; only version 3 can be read"),
    ],
)
def test_what_is_no_export_is_refused(lab: Lab, text: str, says: str) -> None:
    code, said = asked(two_stacks(lab), "stack", "import", "--stack", "dev", text=text)
    assert code == 1
    assert said.startswith(f"error: {says}")


def test_an_import_of_fewer_resources_leaves_the_others_to_nobody(up: Lab) -> None:
    exported = json.loads(run(up, "stack", "export", "--stack", "dev", "--show-secrets"))
    resources = exported["deployment"]["resources"]
    exported["deployment"]["resources"] = [it for it in resources if it["urn"] != VPC]
    run(up, "stack", "import", "--stack", "dev", text=json.dumps(exported))
    assert up.living() == {"Topic topic"}


def test_outputs_are_shown_for_people_programs_and_shells(lab: Lab) -> None:
    root = {
        "urn": "urn:pulumi:dev::lab::pulumi:pulumi:Stack::lab-dev",
        "type": "pulumi:pulumi:Stack",
        "outputs": {
            "id": "it's",
            "many": [1, "a"],
            "key": {
                "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                "plaintext": '"hush"',
            },
        },
    }
    text = json.dumps({"version": 3, "deployment": {"resources": [root]}})
    output = ("stack", "output", "--stack", "dev")
    run(two_stacks(lab), "stack", "import", "--stack", "dev", text=text)
    assert run(lab, *output).splitlines()[1:] == [
        "    OUTPUT  VALUE",
        "    id      it's",
        "    key     [secret]",
        '    many    [1,"a"]',
    ]
    assert run(lab, *output, "id") == "it's\n"
    assert json.loads(run(lab, *output, "--json")) == {"id": "it's", "key": "[secret]", "many": [1, "a"]}
    assert json.loads(run(lab, *output, "key", "--json", "--show-secrets")) == "hush"
    assert run(lab, *output, "id", "--shell") == "id='it'\"'\"'s'\n"
    assert asked(lab, *output, "none") == (1, "error: current stack does not have output property 'none'\n")


def test_history_has_each_operation_with_its_result_but_no_preview(lab: Lab) -> None:
    history = ("stack", "history", "--stack", "dev")
    assert run(two_stacks(lab), *history) == "Stack has never been updated\n"
    run(lab, "up", "dev")
    lab.program("raise ValueError('broken')")
    asked(lab, "up", "dev", "--skip-preview")
    run(lab, "refresh", "dev")
    run(lab, "destroy", "dev", "--preview-only")
    run(lab, "destroy", "dev")
    kept = json.loads(run(lab, *history, "--json"))
    assert [(it["version"], it["kind"], it["result"]) for it in kept] == [
        (4, "destroy", "succeeded"),
        (3, "refresh", "succeeded"),
        (2, "update", "failed"),
        (1, "update", "succeeded"),
    ]
    assert kept[-1]["resourceChanges"] == {"create": 4}
    assert "Version: 1\n" in run(lab, *history, "--page", "2", "--page-size", "3")
    assert SUBNET not in lab.engine().store.state("dev")
