"""PostgreSQL server of the tests' own: Debian's package on loopback, with TLS and SCRAM as the ledger has them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from tests.workloads import certificates

HOST = "localhost"
SUPERUSER = "postgres"
PASSWORD = "of-the-superuser"  # of a server that ends with the tests
START_SECONDS = 60
APT_SECONDS = 120

# Holds the reason why this machine can't get the package, once that has been tried.
TRIED = Path(tempfile.gettempdir()) / "castle-postgresql"

# Ends the server when the tests are gone, whatever ended them: the pipe to its standard input then closes.
WHILE_TESTS_LAST = """
exec 3<&0
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT "$server"; } & watch=$!
wait "$server"; ended=$?
kill "$watch" 2>/dev/null
exit "$ended"
"""


class UnavailableError(Exception):
    """PostgreSQL can't be installed here; the text says why."""


@dataclass(frozen=True)
class Server:
    """Running server, and connections to it, as its superuser or as another user."""

    port: int
    authority: Path  # the certificate that its own is signed by
    log_file: Path
    host: str = HOST
    database: str = "postgres"

    def connect(self, user: str = SUPERUSER, password: str = PASSWORD) -> Connection:
        """Raises pg8000's DatabaseError if the server refuses. The connection is a context manager."""
        return Connection(
            user,
            host=self.host,
            port=self.port,
            database=self.database,
            password=password,
            ssl_context=ssl.create_default_context(cafile=str(self.authority)),
            timeout=START_SECONDS,
        )

    def log(self) -> str:
        """Log of the server so far, with every statement."""
        return self.log_file.read_text(encoding="utf-8")


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Runs a new server, empty but for its superuser, and removes it and its data. Raises UnavailableError."""
    programs = find() or install()
    folder = Path(tempfile.mkdtemp(prefix="castle-postgresql-"))
    try:
        owner = _owner()
        authority = _initialise(programs, folder, owner)
        server = Server(port=_free_port(), authority=authority, log_file=folder / "log")
        with _process(programs, folder, server, owner) as process:
            _wait_for(server, process)
            yield server
    finally:
        shutil.rmtree(folder)


def find() -> Path | None:
    """Folder with the newest server's programs."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def install() -> Path:
    """Gets the package, and returns what `find` then finds. Tried once a machine. Raises UnavailableError."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise UnavailableError(
            "no PostgreSQL server; install Debian's package postgresql, or run as root on Debian"
        )
    with TRIED.open("a+", encoding="utf-8") as file:
        fcntl.flock(
            file, fcntl.LOCK_EX
        )  # whoever comes at the same time waits, and finds what the first found
        if found := find():
            return found
        file.seek(0)
        reason = file.read()
        if not reason:
            reason = _apt_get("update") or _apt_get("install", "--no-install-recommends", "postgresql")
            if found := find():
                return found
            reason = reason or "the package has no server"
            file.write(reason)
    raise UnavailableError(f"no PostgreSQL server; {reason} (delete {TRIED} to have it tried again)")


def _apt_get(*arguments: str) -> str:
    """Runs apt-get; returns the reason if it fails, else nothing."""
    command = ["apt-get", "-qq", "-y", "-o", "Acquire::Retries=0", "-o", "DPkg::Lock::Timeout=60", *arguments]
    told = f"`apt-get {' '.join(arguments)}`"
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=APT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{told} took more than {APT_SECONDS} s"
    if done.returncode == 0:
        return ""
    last = (done.stderr or done.stdout).strip().splitlines()[-1:]
    return f"{told}: {''.join(last) or done.returncode}"


def _owner() -> str | None:
    """User that the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"


def _initialise(programs: Path, folder: Path, owner: str | None) -> Path:
    issued = certificates.issue(HOST)
    (folder / "authority.pem").write_bytes(issued.authority)
    (folder / "certificate.pem").write_bytes(issued.certificate)
    (folder / "password").write_text(PASSWORD)
    # Like rds.force_ssl: nothing is let in without TLS.
    (folder / "hosts").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_bytes(issued.key)
    if owner is not None:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, owner)
    told = subprocess.run(
        [
            *(programs / "initdb", "--pgdata", folder / "data", "--username", SUPERUSER),
            *("--pwfile", folder / "password", "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
        ],
        cwd=folder,
        user=owner,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise RuntimeError(f"initdb failed: {told.stderr.strip()}")
    return folder / "authority.pem"


@contextlib.contextmanager
def _process(
    programs: Path, folder: Path, server: Server, owner: str | None
) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": server.port,
        "unix_socket_directories": "",
        "hba_file": folder / "hosts",
        "ssl": "on",
        "ssl_cert_file": folder / "certificate.pem",
        "ssl_key_file": folder / "key.pem",
        "log_statement": "all",
        "fsync": "off",
        "shared_buffers": "16MB",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = ["sh", "-c", WHILE_TESTS_LAST, "sh", programs / "postgres", "-D", folder / "data", *options]
    with server.log_file.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, user=owner, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
        )
    with process:  # which closes its standard input at the end, and waits
        yield process


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            server.connect().close()
        except (InterfaceError, DatabaseError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server didn't start: {server.log().strip()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]
