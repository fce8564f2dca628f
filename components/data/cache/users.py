"""Who signs in to the caches, and what each may do there: commands by name, on keys of a beginning.

One user is one service. Names are the same in every region, since a client writes to whichever has the role.
"""

from __future__ import annotations

from collections.abc import Mapping

# Clients ask where the shards are, and stay in touch. Nobody may anything dangerous, whatever a word above it allows.
_EVERYBODY = "+@connection +cluster|slots +cluster|shards +cluster|nodes -@dangerous"
# A counter with a time of its own, raised by a script so that it is done at once or not at all.
_COUNT = "+eval +evalsha +script|load +get +set +incrby +expire +pexpire +ttl +pttl +time"
_SESSION = "+get +set +getex +del +unlink +expire +ttl +exists"
_READ = "+get +mget +hget +hmget +hgetall +zrange +zrangebyscore +zcard +xrange +xread +exists +type +ttl"
_WRITE = (
    "+set +mset +hset +hdel +zadd +zrem +zremrangebyrank +xadd +xtrim +del +unlink +expire +publish +spublish"
)
_LISTEN = "+subscribe +unsubscribe +ssubscribe +sunsubscribe"

# Whichever region has the role, the service Market Data writes there. Orders are checked against the last price.
MARKET_USERS: Mapping[str, str] = {
    "market-data": f"on ~market:* &market:* {_READ} {_WRITE} {_LISTEN} {_EVERYBODY}",
    "trading": f"on ~market:* {_READ} {_EVERYBODY}",
}

# Each has its own limits. Accounts is where people sign in, and alone sees the sessions.
LOCAL_USERS: Mapping[str, str] = {
    "accounts": f"on ~limit:accounts:* ~session:* {_COUNT} {_SESSION} {_EVERYBODY}",
    "market-data": f"on ~limit:market-data:* {_COUNT} {_EVERYBODY}",
    "payments": f"on ~limit:payments:* {_COUNT} {_EVERYBODY}",
    "trading": f"on ~limit:trading:* {_COUNT} {_EVERYBODY}",
}
