from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from tests.workloads import postgres as fixture
from tests.workloads.postgres import PASSWORD, SUPERUSER, Server, UnavailableError, install


def test_server_lets_nobody_in_without_tls(postgres: Server) -> None:
    with pytest.raises(DatabaseError, match="no encryption"):
        Connection(
            SUPERUSER,
            host=postgres.host,
            port=postgres.port,
            password=PASSWORD,
            ssl_context=False,
            timeout=10,
        )


def test_server_and_its_data_are_gone_afterwards(postgres: Server) -> None:
    with fixture.running() as another:
        folder = another.log_file.parent
        assert another.port != postgres.port
        another.connect().close()
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", another.port))


@pytest.fixture
def apt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Commands of apt-get, on a machine of root's without a server; each fails with the words `no network`."""
    asked: list[str] = []

    def fail(*arguments: str) -> str:
        asked.append(arguments[0])
        return "no network"

    monkeypatch.setattr(fixture, "TRIED", tmp_path / "tried")
    monkeypatch.setattr(fixture, "find", lambda: None)
    monkeypatch.setattr(fixture, "_apt_get", fail)
    monkeypatch.setattr(fixture.os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    return asked


def test_package_is_tried_once_and_the_reason_is_told_again(apt: list[str]) -> None:
    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"no network \(delete .*tried"):
            install()
    assert apt == ["update"]


def test_package_is_not_tried_when_another_process_got_it(
    apt: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixture, "find", lambda: Path("/here"))
    assert install() == Path("/here")
    assert apt == []


def test_only_root_installs(apt: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixture.os, "geteuid", lambda: 1000)
    with pytest.raises(UnavailableError, match="install Debian's package postgresql"):
        install()
    assert apt == []


def test_apt_get_tells_what_it_said() -> None:
    assert "no-such-command" in fixture._apt_get("no-such-command")
