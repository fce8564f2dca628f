from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.workloads.rotation.lab import CURRENT, FIRST_PASSWORD, Lab, token
from workloads.rotation.credentials import RotationError
from workloads.rotation.handler import handler


@pytest.mark.parametrize("missing", ["SecretId", "ClientRequestToken", "Step"])
def test_event_that_lacks_something_is_refused(missing: str) -> None:
    event = {"SecretId": "arn", "ClientRequestToken": "token", "Step": "testSecret"}
    with pytest.raises(RotationError, match=f"the event lacks {missing}"):
        handler({key: value for key, value in event.items() if key != missing}, None)


def test_unknown_step_is_refused() -> None:
    with pytest.raises(RotationError, match="Step is dropSecret; it must be one of createSecret, "):
        handler({"SecretId": "arn", "ClientRequestToken": "token", "Step": "dropSecret"}, None)


def test_secret_whose_rotation_is_off_is_refused(lab: Lab) -> None:
    unrotated = lab.client.create_secret(Name="unrotated", SecretString="{}")["ARN"]
    with pytest.raises(RotationError, match=r"unrotated.*: rotation is off; switch it on by RotateSecret"):
        replace(lab, secret=unrotated).step("createSecret", token())


def test_rotations_of_unlike_secrets_do_not_touch_each_other(lab: Lab) -> None:
    other = Lab.new(lab.server, lab.superuser)
    lab.rotate()
    assert other.password(CURRENT) == FIRST_PASSWORD
    assert other.opens(FIRST_PASSWORD)


def test_handler_takes_what_lambda_gives(lab: Lab) -> None:
    version = lab.start(token())
    event = json.loads(
        json.dumps(
            {"SecretId": lab.secret, "ClientRequestToken": version, "Step": "createSecret", "New": "field"}
        )
    )
    assert handler(event, object()) is None
