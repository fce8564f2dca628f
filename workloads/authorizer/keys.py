"""Public keys by which tokens' signatures are verified: read from KMS in this region, and cached."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from workloads.authorizer.signature import PublicKey

# Least time between two reads: an unknown key id may be a new key, or invented, and must not cost a request each.
MIN_REFRESH_SECONDS = 60
# Time after which keys are read again: for as long, a disabled key is still trusted.
CACHE_SECONDS = 600

SIGNING_ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256"
# The alias has no key, or one that was disabled on purpose: tokens that it signed are refused.
# https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
UNUSABLE_KEY_CODES = ("NotFoundException", "DisabledException", "KMSInvalidStateException")

LOG = logging.getLogger(__name__)


class KeysUnavailableError(Exception):
    """No token can be verified: KMS doesn't respond, or not with a key that signs tokens."""


class PublicKeys:
    """Public keys of aliases, by key id: a multi-region key has the same id in every region.

    `read` is KMS's GetPublicKey of an alias. Keys are read again after ten minutes, and for an unknown key id at most
    once a minute. While KMS doesn't respond, cached keys are still trusted.
    """

    def __init__(
        self,
        aliases: Sequence[str],
        read: Callable[[str], Mapping[str, Any]],
        now: Callable[[], float],
    ) -> None:
        self._aliases, self._read, self._now = aliases, read, now
        self._known: dict[str, PublicKey] = {}
        self._read_at = self._tried_at = -math.inf
        self._read_succeeded = False  # the last read

    def find(self, key_id: str) -> PublicKey | None:
        """Public key of a key id; None if no alias has it. Raises KeysUnavailableError if KMS doesn't respond."""
        now = self._now()
        stale = now - self._read_at >= CACHE_SECONDS
        if (stale or key_id not in self._known) and now - self._tried_at >= MIN_REFRESH_SECONDS:
            self._refresh(now)
        if key_id not in self._known and not self._read_succeeded:
            raise KeysUnavailableError(f"the key of a token can't be read: {', '.join(self._aliases)}")
        return self._known.get(key_id)

    def _refresh(self, now: float) -> None:
        self._read_succeeded = False
        # As long as there is no key at all, each token causes a read.
        self._tried_at = now if self._known else -math.inf
        try:
            keys = [self._key(alias) for alias in self._aliases]
        except (BotoCoreError, ClientError, KeysUnavailableError) as error:
            LOG.warning("tokens' keys weren't read: %s", error)
            return
        self._known = dict(each for each in keys if each)
        self._read_at = self._tried_at = now
        self._read_succeeded = True

    def _key(self, alias: str) -> tuple[str, PublicKey] | None:
        try:
            answer = self._read(alias)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in UNUSABLE_KEY_CODES:
                raise
            LOG.warning("%s: no key to verify by: %s", alias, error)
            return None
        if SIGNING_ALGORITHM not in answer.get("SigningAlgorithms", ()):
            raise KeysUnavailableError(
                f"{alias}: a {answer.get('KeySpec')} key; make it one that signs by {SIGNING_ALGORITHM}"
            )
        try:
            key = PublicKey.parse(answer["PublicKey"])
        except ValueError as error:
            raise KeysUnavailableError(f"{alias}: {error}") from None
        return answer["KeyId"].rpartition("/")[2], key
