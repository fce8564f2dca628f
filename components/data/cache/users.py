"""Access strings of the users of the caches: commands by name, on keys with a prefix.

Each user is a service. Names are the same in every region, since a client writes to whichever has the primary role.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from settings.catalogue import SERVICES, Service

# Clients ask for the shards and keep their connections. Dangerous commands are taken away last, from all categories.
_EVERYBODY = "+@connection +cluster|slots +cluster|shards +cluster|nodes -@dangerous"
# A counter with an expiry, incremented by a script so that both happen or neither.
_COUNT = "+eval +evalsha +script|load +get +set +incrby +expire +pexpire +ttl +pttl +time"
_SESSION = "+get +set +getex +del +unlink +expire +ttl +exists"
_READ = "+get +mget +hget +hmget +hgetall +zrange +zrangebyscore +zcard +xrange +xread +exists +type +ttl"
_WRITE = (
    "+set +mset +hset +hdel +zadd +zrem +zremrangebyrank +xadd +xtrim +del +unlink +expire +publish +spublish"
)
_LISTEN = "+subscribe +unsubscribe +ssubscribe +sunsubscribe"


def _market_access(facts: Service) -> str:
    """Access string of a service in the global cache: one that writes may write in whichever region is primary."""
    if facts.market_cache == "writes":
        return f"on ~market:* &market:* {_READ} {_WRITE} {_LISTEN} {_EVERYBODY}"
    return f"on ~market:* {_READ} {_EVERYBODY}"


def _local_access(service: str, facts: Service) -> str:
    """Access string of a service in the cell's own cache: its own limits and, if it has them, the sessions."""
    if facts.sessions:
        return f"on ~limit:{service}:* ~session:* {_COUNT} {_SESSION} {_EVERYBODY}"
    return f"on ~limit:{service}:* {_COUNT} {_EVERYBODY}"


MARKET_USERS: Final[Mapping[str, str]] = {
    service: _market_access(facts)
    for service, facts in sorted(SERVICES.items())
    if facts.market_cache is not None
}
LOCAL_USERS: Final[Mapping[str, str]] = {
    service: _local_access(service, facts) for service, facts in sorted(SERVICES.items())
}
