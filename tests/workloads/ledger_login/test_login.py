"""Login to the writer through a switchover, against a stand-in for the ledger that checks tokens as RDS does."""

from __future__ import annotations

import hashlib
import hmac
import socket
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote

import pytest
from botocore.httpsession import URLLib3Session

from workloads.ledger_login import token
from workloads.ledger_login.login import LoginRefusedError, NoWriterError, WriterLogin

HOST, PORT, USER = "castle-ledger.global-1.global.rds.amazonaws.com", 5432, "matcher"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
MEMBERS = ["us-east-1", "eu-west-1", "us-west-2"]


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Credentials are at hand, and no service can be asked anything: a login that tries to fails."""

    def send(*_: object) -> None:
        raise AssertionError("a service was asked")

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.setattr(URLLib3Session, "send", send)
    monkeypatch.setattr(socket.socket, "connect", send)
    token._signer.cache_clear()
    yield
    token._signer.cache_clear()


class Ledger:
    """Stand-in for the writer: it takes tokens whose signature is right for the region that it is in now."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.tried: list[str] = []  # the regions that tokens were signed for

    def connect(self, password: str) -> str:
        place, _, query = password.partition("/?")
        fields = dict(parse_qsl(query))
        day, region, *scope = fields["X-Amz-Credential"].split("/")[1:]
        self.tried.append(region)
        assert (place, fields["DBUser"], fields["Action"]) == (f"{HOST}:{PORT}", USER, "connect")
        assert scope == ["rds-db", "aws4_request"]
        if not hmac.compare_digest(self._signature(place, fields, day), fields["X-Amz-Signature"]):
            raise LoginRefusedError("28P01: PAM authentication failed")
        return f"a session in {self.region}"

    def _signature(self, place: str, fields: dict[str, str], day: str) -> str:
        """Signature Version 4 of the request that a token is, by the region's own key.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
        """
        rest = sorted((key, value) for key, value in fields.items() if key != "X-Amz-Signature")
        query = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in rest)
        nothing = hashlib.sha256(b"").hexdigest()
        request = f"GET\n/\n{query}\nhost:{place}\n\nhost\n{nothing}"
        scope = f"{day}/{self.region}/rds-db/aws4_request"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{fields['X-Amz-Date']}\n{scope}\n{digest}"
        key = f"AWS4{SECRET}".encode()
        for part in (*scope.split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        return key.hex()


def login(regions: list[str] = MEMBERS) -> WriterLogin:
    return WriterLogin(host=HOST, port=PORT, user=USER, regions=regions)


def test_the_writers_region_is_found_by_trying_the_members() -> None:
    ledger = Ledger("us-west-2")
    assert login().open(ledger.connect) == "a session in us-west-2"
    assert ledger.tried == MEMBERS


def test_the_region_that_opened_is_tried_first_from_then_on() -> None:
    ledger, writer = Ledger("eu-west-1"), login()
    writer.open(ledger.connect)
    ledger.tried.clear()
    writer.open(ledger.connect)
    assert ledger.tried == ["eu-west-1"]


def test_after_a_switchover_the_token_is_signed_for_the_new_writers_region() -> None:
    ledger, writer = Ledger("us-east-1"), login()
    assert writer.open(ledger.connect) == "a session in us-east-1"
    ledger.region = "eu-west-1"
    ledger.tried.clear()
    assert writer.open(ledger.connect) == "a session in eu-west-1"
    assert (ledger.tried, writer.region) == (["us-east-1", "eu-west-1"], "eu-west-1")
    ledger.region = "us-east-1"  # and back
    assert writer.open(ledger.connect) == "a session in us-east-1"


def test_a_token_of_another_secret_opens_in_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    ledger = Ledger("us-east-1")
    with pytest.raises(NoWriterError):
        login().open(ledger.connect)
    assert ledger.tried == MEMBERS


def test_a_writer_in_a_region_that_isnt_named_is_one_clear_error() -> None:
    with pytest.raises(NoWriterError) as raised:
        login(["us-east-1"]).open(Ledger("eu-west-1").connect)
    assert str(raised.value) == (
        f"matcher at {HOST}:5432 isn't let in (signed for us-east-1: 28P01: PAM authentication failed); name the "
        "regions of all members of the ledger, and allow rds-db:connect in each"
    )


def test_a_server_that_doesnt_answer_is_no_reason_to_try_another_region() -> None:
    writer = login()
    tried: list[str] = []

    def connect(password: str) -> str:
        tried.append(password)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        writer.open(connect)
    assert (len(tried), writer.region) == (1, "us-east-1")


def test_a_login_without_a_region_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="name those of the ledger's members"):
        login([])
