"""One secret's versions, by the stages that Secrets Manager gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workloads.rotation.login import Login, RotationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueRequestTypeDef

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"
PREVIOUS = "AWSPREVIOUS"


class Versions:
    """Reads and writes versions of one secret. A version that has a value never gets another.

    Secrets Manager gives a rotation's token the stage AWSPENDING before it asks for the first step, asks again with
    the same token after a failure, and starts no other rotation as long as that one is pending.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
    """

    def __init__(self, client: SecretsManagerClient, secret: str) -> None:
        self._client, self._secret = client, secret

    def under_way(self, token: str) -> bool:
        """False if the rotation `token` has ended well. Raises RotationError if it isn't one, or no longer."""
        stages = self._stages().get(token, [])
        if CURRENT in stages:
            return False
        if PENDING not in stages:
            raise RotationError(
                f"{self._secret}: version {token} isn't {PENDING}; rotations are started by RotateSecret alone"
            )
        return True

    def at(self, stage: str) -> Login | None:
        """The login at a stage; None where no version has it."""
        return self._read({"SecretId": self._secret, "VersionStage": stage}, stage)

    def current(self) -> Login:
        """The login that is to work now. Raises RotationError where there is none."""
        login = self.at(CURRENT)
        if login is None:
            raise RotationError(
                f"{self._secret}: no version is {CURRENT}; write one with the login that works now"
            )
        return login

    def pending(self, token: str) -> Login | None:
        """The login of the rotation `token`; None as long as it has none."""
        return self._read({"SecretId": self._secret, "VersionId": token}, f"version {token}")

    def write_pending(self, token: str, login: Login) -> None:
        """Writes the login of the rotation `token`, unless another attempt at it did so first."""
        try:
            self._client.put_secret_value(
                SecretId=self._secret,
                ClientRequestToken=token,
                SecretString=login.text(),
                VersionStages=[PENDING],
            )
        except self._client.exceptions.ResourceExistsException:
            if self.pending(token) is None:
                raise

    def make_current(self, token: str) -> None:
        """Moves AWSCURRENT to `token`, and AWSPREVIOUS to where it was, unless another attempt did so first."""
        (before,) = [version for version, stages in self._stages().items() if CURRENT in stages]
        if before == token:
            return
        try:
            # AWS refuses if the version that is to lose the stage no longer has it.
            self._client.update_secret_version_stage(
                SecretId=self._secret,
                VersionStage=CURRENT,
                MoveToVersionId=token,
                RemoveFromVersionId=before,
            )
        except self._client.exceptions.InvalidParameterException:
            if self.under_way(token):
                raise

    def _stages(self) -> dict[str, list[str]]:
        described = self._client.describe_secret(SecretId=self._secret)
        if not described.get("RotationEnabled"):
            raise RotationError(f"{self._secret}: rotation is off; switch it on by RotateSecret")
        return described.get("VersionIdsToStages", {})

    def _read(self, asked: GetSecretValueRequestTypeDef, which: str) -> Login | None:
        try:
            found = self._client.get_secret_value(**asked)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return Login.parse(found.get("SecretString", ""), f"{self._secret}, {which}")
