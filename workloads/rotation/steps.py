"""Rotation steps createSecret, setSecret, testSecret and finishSecret: idempotent, also when run concurrently."""

from __future__ import annotations

from dataclasses import dataclass

from workloads.rotation.credentials import Credentials, RotationError, new_password
from workloads.rotation.database import Database
from workloads.rotation.versions import CURRENT, PREVIOUS, SecretVersions


@dataclass(frozen=True)
class Rotation:
    """Rotation of one secret; `token` is the id of the new version.

    At every moment the ledger accepts the password at AWSCURRENT or the one at AWSPENDING: the former until `set`
    commits, the latter until `finish` makes it the former.
    """

    versions: SecretVersions
    database: Database
    token: str

    def create(self) -> None:
        """Writes the pending credentials, with a new password, unless they have been written."""
        if self.versions.pending(self.token) is None:
            self.versions.write_pending(self.token, self.versions.current().with_password(new_password()))

    def set(self) -> None:
        """Changes the password in the database to the pending one.

        Where a failover has lost the last change, the server still accepts the previous password.
        """
        pending = self._pending()
        if self.database.opens(pending):
            return
        for stage in (CURRENT, PREVIOUS):
            known = self.versions.at(stage)
            if known is None:
                continue
            session = self.database.sign_in(pending.with_password(known.password))
            if session is not None:
                with session:
                    session.change_password(pending.password, self._in_progress)
                return
        raise RotationError(
            f"{pending.description}: neither the pending, the current nor the previous password opens; write one "
            f"that does as a new version with stage {CURRENT}, after ModifyDBCluster with MasterUserPassword if none "
            "is known"
        )

    def test(self) -> None:
        """Raises RotationError if the server refuses the pending password."""
        pending = self._pending()
        if not self.database.opens(pending):
            raise RotationError(
                f"{pending.description}: the pending password doesn't open; it is set again at the next attempt"
            )

    def finish(self) -> None:
        """Makes the pending credentials current, if the server still accepts them after a possible failover."""
        self.test()
        self.versions.make_current(self.token)

    def _in_progress(self) -> bool:
        return self.versions.in_progress(self.token)

    def _pending(self) -> Credentials:
        credentials = self.versions.pending(self.token)
        if credentials is None:
            raise RotationError(f"version {self.token} has no login yet; createSecret comes first")
        if credentials != self.versions.current().with_password(credentials.password):
            # A pending version of another host must not get the password that works.
            raise RotationError(
                f"version {self.token} is for {credentials.description} and differs from {CURRENT} in more than the "
                "password; cancel this rotation and start another"
            )
        return credentials
