"""The public keys by which tokens are verified: read from KMS in this region, and kept."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from workloads.authorizer.signature import PublicKey

# An unknown key id may be a key made since, or anybody's invention, which must not cost a request each.
PAUSE_SECONDS = 60
# How long a key that has been disabled goes on to be trusted.
FRESH_SECONDS = 600

SIGNS = "RSASSA_PKCS1_V1_5_SHA_256"
# The alias has no key, or one that was put out of use on purpose: then nothing that it signed is good.
# https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
GONE = ("NotFoundException", "DisabledException", "KMSInvalidStateException")

LOG = logging.getLogger(__name__)


class KeysUnavailableError(Exception):
    """It can't be told whether a token is good: KMS doesn't answer, or not with a key that signs tokens."""


class Keys:
    """The keys of some aliases, by key id: a multi-region key has the same in every region.

    `read` is KMS's GetPublicKey of an alias. What has been read is read again after ten minutes, or for an unknown
    key id, then at most once a minute. While KMS doesn't answer, what is known goes on to be trusted.
    """

    def __init__(
        self,
        aliases: Sequence[str],
        read: Callable[[str], Mapping[str, Any]],
        now: Callable[[], float],
    ) -> None:
        self._aliases, self._read, self._now = aliases, read, now
        self._known: dict[str, PublicKey] = {}
        self._read_at = self._asked_at = -math.inf
        self._answered = False  # the last time that KMS was asked

    def find(self, key_id: str) -> PublicKey | None:
        """The key, or None if no alias has it. Raises KeysUnavailableError if that can't be found out."""
        now = self._now()
        old = now - self._read_at >= FRESH_SECONDS
        if (old or key_id not in self._known) and now - self._asked_at >= PAUSE_SECONDS:
            self._ask(now)
        if key_id not in self._known and not self._answered:
            raise KeysUnavailableError(f"the key of a token can't be read: {', '.join(self._aliases)}")
        return self._known.get(key_id)

    def _ask(self, now: float) -> None:
        self._answered = False
        # As long as there is no key at all, every token that comes asks.
        self._asked_at = now if self._known else -math.inf
        try:
            found = [self._key(alias) for alias in self._aliases]
        except (BotoCoreError, ClientError, KeysUnavailableError) as error:
            LOG.warning("tokens' keys weren't read: %s", error)
            return
        self._known = {key_id: key for each in found if each for key_id, key in [each]}
        self._read_at = self._asked_at = now
        self._answered = True

    def _key(self, alias: str) -> tuple[str, PublicKey] | None:
        try:
            answer = self._read(alias)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in GONE:
                raise
            LOG.warning("%s: no key to verify by: %s", alias, error)
            return None
        if SIGNS not in answer.get("SigningAlgorithms", ()):
            raise KeysUnavailableError(
                f"{alias}: a {answer.get('KeySpec')} key; make it one that signs by {SIGNS}"
            )
        try:
            key = PublicKey.parse(answer["PublicKey"])
        except ValueError as error:
            raise KeysUnavailableError(f"{alias}: {error}") from None
        return answer["KeyId"].rpartition("/")[2], key
