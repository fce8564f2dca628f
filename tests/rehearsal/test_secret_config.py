"""Secret config of a stack file, encrypted by the Pulumi CLI with the passphrase `hush`."""

from __future__ import annotations

import pytest

from rehearsal.project import Project, ProjectError
from tests.rehearsal.lab import Lab, errors

STACK_FILE = """\
encryptionsalt: v1:uzQqb6Z79Rw=:v1:zelWfNDLE8eV5cdg:sHntj4BiE9O50g2zo0vwb2VwsTSVrQ==
config:
  lab:token:
    secure: v1:+urXLJBoR3U0PoIk:XJWiLQWiw8SAsukU2nZNKOsBC5+M7g==
  lab:db:
    password:
      secure: v1:hFjXjRE2Qel/JOHs:PajG9t6ZDNzAel8etP8VuVgp3G8=
    user: me
"""


@pytest.fixture
def project(lab: Lab) -> Project:
    (lab.folder / "Pulumi.dev.yaml").write_text(STACK_FILE)
    return Project.read(lab.folder)


def test_secrets_are_decrypted_and_their_keys_are_secret(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "hush")
    config = project.config("dev", {})
    assert config == {"lab:token": "s3cret", "lab:db": '{"password": "deep", "user": "me"}'}
    assert config.secret == {"lab:token", "lab:db"}


@pytest.mark.parametrize(
    ("passphrase", "message"),
    [
        (None, "Pulumi.dev.yaml: lab:token: it is encrypted; set PULUMI_CONFIG_PASSPHRASE"),
        ("loud", "Pulumi.dev.yaml: lab:token: the passphrase in PULUMI_CONFIG_PASSPHRASE isn't the one"),
    ],
)
def test_without_the_right_passphrase_it_is_one_error(
    project: Project, monkeypatch: pytest.MonkeyPatch, passphrase: str | None, message: str
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    if passphrase:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", passphrase)
    with pytest.raises(ProjectError) as raised:
        project.config("dev", {})
    assert str(raised.value).startswith(message)


def test_a_stand_in_needs_no_passphrase_and_stays_secret(project: Project) -> None:
    config = project.config("dev", {"token": "x", "db": "{}"})
    assert config["lab:token"] == "x"
    assert config.secret == {"lab:token", "lab:db"}


def test_the_program_has_them_as_secrets(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "hush")
    (lab.folder / "Pulumi.dev.yaml").write_text(STACK_FILE)
    lab.program("""
        config = pulumi.Config()
        assert pulumi.runtime.is_config_secret("lab:token")
        aws.sns.Topic("topic", display_name=config.require_secret("token"), opts=o)
    """)
    result = lab.up()
    assert not result.failed, errors(result)
    (topic,) = (it for it in result.resources if it.name == "topic")
    assert str(topic.inputs["displayName"]) == str(topic.outputs["displayName"]) == "[secret]"
