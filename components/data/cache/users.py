"""Access strings of the users of the caches: commands by name, on keys with a prefix.

Each user is a service. Names are the same in every region, since a client writes to whichever has the primary role.
"""

from __future__ import annotations

from collections.abc import Mapping

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

# Market Data writes to whichever region has the primary role. Orders are checked against the last price.
MARKET_USERS: Mapping[str, str] = {
    "market-data": f"on ~market:* &market:* {_READ} {_WRITE} {_LISTEN} {_EVERYBODY}",
    "trading-api": f"on ~market:* {_READ} {_EVERYBODY}",
}

# Each has its own limits. Accounts is where people sign in, and alone sees the sessions.
LOCAL_USERS: Mapping[str, str] = {
    "accounts": f"on ~limit:accounts:* ~session:* {_COUNT} {_SESSION} {_EVERYBODY}",
    "market-data": f"on ~limit:market-data:* {_COUNT} {_EVERYBODY}",
    "payments": f"on ~limit:payments:* {_COUNT} {_EVERYBODY}",
    "trading-api": f"on ~limit:trading-api:* {_COUNT} {_EVERYBODY}",
}
