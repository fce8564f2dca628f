"""Secrecy of passwords: none is in the function's or the server's log, in an error, or sent to a wrong server."""

from __future__ import annotations

import logging
import re
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workloads import certificates
from tests.workloads.rotation.effects import before_effect
from tests.workloads.rotation.lab import CURRENT, FIRST_PASSWORD, PENDING, PREVIOUS, Lab, token
from workloads.rotation.credentials import RotationError


def passwords(lab: Lab) -> list[str]:
    known = [lab.password(stage) for stage in (CURRENT, PENDING, PREVIOUS)]
    return [FIRST_PASSWORD, *(password for password in known if password)]


def test_servers_log_shows_the_change_and_no_password(lab: Lab) -> None:
    lab.rotate()
    log = lab.server.log()
    assert "ALTER ROLE CURRENT_USER PASSWORD 'SCRAM-SHA-256$" in log
    assert not [password for password in passwords(lab) if password in log]


def test_functions_log_shows_no_password_at_any_level(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        version = lab.rotate()
    assert f"version {version}: done" in caplog.text
    assert not [password for password in passwords(lab) if password in caplog.text]


@pytest.fixture
def prepared(lab: Lab) -> tuple[Lab, str]:
    """Rotation whose pending credentials are created, and not yet set."""
    version = lab.start(token())
    lab.step("createSecret", version)
    return lab, version


def refused(lab: Lab, version: str, step: str = "setSecret") -> str:
    """Traceback of the step's error, in which no password may be."""
    with pytest.raises(RotationError) as refusal:
        lab.step(step, version)
    shown = "".join(traceback.format_exception(refusal.value))
    assert not [password for password in passwords(lab) if password in shown]
    return shown


def test_unknown_authority_is_refused(
    prepared: tuple[Lab, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "another.pem").write_bytes(certificates.issue("localhost").authority)
    monkeypatch.setenv("DATABASE_CA", str(tmp_path / "another.pem"))
    assert "certificate verify failed" in refused(*prepared)


def test_certificate_of_another_host_is_refused(lab: Lab) -> None:
    lab.write({"password": FIRST_PASSWORD, "host": "127.0.0.1"})  # the certificate is for localhost
    version = lab.start(token())
    lab.step("createSecret", version)
    assert "IP address mismatch" in refused(lab, version)


def test_authorities_of_the_runtime_are_used_unless_others_are_named(
    prepared: tuple[Lab, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workloads.ledger_login.endpoint.CERTIFICATE_AUTHORITIES", "/runtime/authorities.pem")
    monkeypatch.delenv("DATABASE_CA")
    assert "DATABASE_CA: /runtime/authorities.pem: No such file" in refused(*prepared)


@pytest.fixture
def plain_server() -> Iterator[tuple[int, Callable[[], list[bytes]]]]:
    """Port of a server without TLS, and a function for the bytes that its one client sent."""
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            heard.append(connection.recv(1024))
            connection.sendall(b"N")
            heard.append(connection.recv(1024))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()

        def sent() -> list[bytes]:
            thread.join()
            return heard

        yield listening.getsockname()[1], sent


def test_server_without_tls_hears_nothing(
    lab: Lab, plain_server: tuple[int, Callable[[], list[bytes]]]
) -> None:
    port, sent = plain_server
    lab.write({"password": FIRST_PASSWORD, "port": port})
    version = lab.start(token())
    lab.step("createSecret", version)
    assert "Server refuses SSL" in refused(lab, version)
    request_for_tls = bytes.fromhex("00000008 04d2162f")
    assert sent() == [request_for_tls, b""]


def test_server_that_is_gone_is_told_apart_from_a_wrong_password(lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    lab.write({"password": FIRST_PASSWORD, "port": port})
    version = lab.start(token())
    lab.step("createSecret", version)
    assert f"no connection: Can't create a connection to host localhost and port {port}" in refused(
        lab, version
    )


def test_server_that_only_reads_is_told_apart(prepared: tuple[Lab, str]) -> None:
    lab, version = prepared
    lab.as_superuser(f"ALTER ROLE {lab.role} SET default_transaction_read_only = on")
    assert "must be the global writer endpoint" in refused(lab, version)
    assert lab.opens(FIRST_PASSWORD)


def test_refusal_of_the_server_is_told_in_its_words(prepared: tuple[Lab, str]) -> None:
    lab, version = prepared
    lab.as_superuser(f"ALTER ROLE {lab.role} NOLOGIN")
    assert f'the server refuses: role "{lab.role}" is not permitted to log in' in refused(lab, version)


def test_failed_change_is_told_by_its_code_alone(prepared: tuple[Lab, str]) -> None:
    """The server's words may quote the statement."""
    lab, version = prepared
    altering = 10
    with before_effect(altering, lambda: lab.as_superuser(f"DROP ROLE {lab.role}")):
        shown = refused(lab, version)
    assert re.search(r"the password wasn't changed: SQLSTATE \w{5}\n", shown)
    assert "SCRAM-SHA-256$" not in shown
