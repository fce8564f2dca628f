"""The four steps of a rotation. Each may be called again, at any time and while it runs: it then ends the same."""

from __future__ import annotations

from dataclasses import dataclass

from workloads.rotation.database import Database
from workloads.rotation.login import Login, RotationError, new_password
from workloads.rotation.versions import CURRENT, PREVIOUS, Versions


@dataclass(frozen=True)
class Rotation:
    """The rotation `token` of one secret.

    At every moment the login at AWSCURRENT or the one at AWSPENDING opens the ledger: the first until `set` commits,
    the second until `finish` makes it the first.
    """

    versions: Versions
    database: Database
    token: str

    def create(self) -> None:
        """Writes the login that is to be, with a new password, unless it has been written."""
        if self.versions.pending(self.token) is None:
            self.versions.write_pending(self.token, self.versions.current().with_password(new_password()))

    def set(self) -> None:
        """Makes the server take the new password.

        The one before the current opens where a failover lost the last change.
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
                    session.change_password(pending.password, self._under_way)
                return
        raise RotationError(
            f"{pending.place}: neither the pending, the current nor the previous password opens; write one that does "
            f"as a new version with stage {CURRENT}, after ModifyDBCluster with MasterUserPassword if none is known"
        )

    def test(self) -> None:
        """Refuses a new password that opens nothing."""
        pending = self._pending()
        if not self.database.opens(pending):
            raise RotationError(
                f"{pending.place}: the pending password doesn't open; it is set again at the next attempt"
            )

    def finish(self) -> None:
        """Makes the new login the current one, if it still opens: a failover may have lost the change meanwhile."""
        self.test()
        self.versions.make_current(self.token)

    def _under_way(self) -> bool:
        return self.versions.under_way(self.token)

    def _pending(self) -> Login:
        login = self.versions.pending(self.token)
        if login is None:
            raise RotationError(f"version {self.token} has no login yet; createSecret comes first")
        if login != self.versions.current().with_password(login.password):
            # Whoever may write the secret must not thereby be told the password that works.
            raise RotationError(
                f"version {self.token} is for {login.place} and differs from {CURRENT} in more than the password; "
                "cancel this rotation and start another"
            )
        return login
