"""Versions of a secret by their staging labels: AWSCURRENT, AWSPENDING and AWSPREVIOUS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workloads.rotation.credentials import Credentials, RotationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueRequestTypeDef

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"
PREVIOUS = "AWSPREVIOUS"


class SecretVersions:
    """Reads and writes versions of one secret. The value of a version never changes.

    Secrets Manager gives a rotation's token the stage AWSPENDING before it invokes the first step, retries with the
    same token after a failure, and starts no other rotation as long as that one is pending.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
    """

    def __init__(self, client: SecretsManagerClient, secret: str) -> None:
        self._client, self._secret = client, secret

    def in_progress(self, token: str) -> bool:
        """Returns whether the rotation `token` is in progress; false if it has succeeded. Raises
        RotationError otherwise.
        """
        stages = self._stages().get(token, [])
        if CURRENT in stages:
            return False
        if PENDING not in stages:
            raise RotationError(
                f"{self._secret}: version {token} isn't {PENDING}; rotations are started by RotateSecret alone"
            )
        return True

    def at(self, stage: str) -> Credentials | None:
        """Credentials at a stage; None where no version has it."""
        return self._read({"SecretId": self._secret, "VersionStage": stage}, stage)

    def current(self) -> Credentials:
        """Credentials at AWSCURRENT. Raises RotationError where there are none."""
        credentials = self.at(CURRENT)
        if credentials is None:
            raise RotationError(
                f"{self._secret}: no version is {CURRENT}; write one with the login that works now"
            )
        return credentials

    def pending(self, token: str) -> Credentials | None:
        """Credentials of the rotation `token`; None until they are written."""
        return self._read({"SecretId": self._secret, "VersionId": token}, f"version {token}")

    def write_pending(self, token: str, credentials: Credentials) -> None:
        """Writes the credentials of the rotation `token`, unless another attempt at it did so first."""
        try:
            self._client.put_secret_value(
                SecretId=self._secret,
                ClientRequestToken=token,
                SecretString=credentials.to_json(),
                VersionStages=[PENDING],
            )
        except self._client.exceptions.ResourceExistsException:
            if self.pending(token) is None:
                raise

    def make_current(self, token: str) -> None:
        """Moves AWSCURRENT to `token`, and AWSPREVIOUS to the version before, unless another attempt did so first."""
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
            if self.in_progress(token):
                raise

    def _stages(self) -> dict[str, list[str]]:
        described = self._client.describe_secret(SecretId=self._secret)
        if not described.get("RotationEnabled"):
            raise RotationError(f"{self._secret}: rotation is off; switch it on by RotateSecret")
        return described.get("VersionIdsToStages", {})

    def _read(self, request: GetSecretValueRequestTypeDef, which: str) -> Credentials | None:
        try:
            found = self._client.get_secret_value(**request)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return Credentials.parse(found.get("SecretString", ""), f"{self._secret}, {which}")
