"""Migration of the ledger: its schema (`ledger.sql`), and its users with their rights (`roles.sql`)."""

from __future__ import annotations

from importlib import resources

from workloads.matcher.session import Session

MIGRATION_LOCK = 0x6C6564676572  # key of an advisory lock; any number that nothing else locks by


def migrate(session: Session) -> None:
    """Creates the schema `ledger` and its roles, unless they exist. Migrations at the same time run one by one."""
    with session.transaction():
        session.run(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        session.run("CREATE SCHEMA IF NOT EXISTS ledger")
        session.run(
            "CREATE TABLE IF NOT EXISTS ledger.versions (version int PRIMARY KEY, at timestamptz DEFAULT now())"
        )
        done = {version for (version,) in session.run("SELECT version FROM ledger.versions")}
        for version, name in enumerate(("ledger.sql", "roles.sql"), start=1):
            if version not in done:
                session.run((resources.files("workloads.matcher") / name).read_text(encoding="utf-8"))
                session.run(f"INSERT INTO ledger.versions VALUES ({version})")
