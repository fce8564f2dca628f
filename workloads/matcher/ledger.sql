-- The ledger of orders. Amounts are in the smallest unit of their asset, prices in ticks, quantities in lots.

CREATE TABLE ledger.homes (
    instrument text PRIMARY KEY,
    base       text   NOT NULL,
    quote      text   NOT NULL CHECK (quote <> base),
    lot        bigint NOT NULL CHECK (lot > 0),  -- of base, in a lot
    tick       bigint NOT NULL CHECK (tick > 0), -- of quote, in a tick for a lot
    cell       text   NOT NULL,
    epoch      bigint NOT NULL DEFAULT 1,        -- raised by each move
    sequence   bigint NOT NULL DEFAULT 0         -- raised by each batch
);

-- Where an instrument has been, and from which sequence on.
CREATE TABLE ledger.moves (
    instrument text        NOT NULL REFERENCES ledger.homes,
    epoch      bigint      NOT NULL,
    cell       text        NOT NULL,
    sequence   bigint      NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument, epoch)
);

-- What was committed, by ids that nothing else will ever have: a failover that takes a batch back takes its id, while
-- its sequence may come again. Those older than a projected outcome lasts may be deleted.
CREATE TABLE ledger.batches (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    instrument text   NOT NULL,
    epoch      bigint NOT NULL,
    sequence   bigint NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

-- What isn't filled rests in the book while the order is open. An order of an instrument without a home is kept too,
-- as rejected.
CREATE TABLE ledger.orders (
    instrument text   NOT NULL,
    id         text   NOT NULL,
    account    text   NOT NULL,
    kind       text   NOT NULL CHECK (kind IN ('limit', 'market', 'cancel', 'unreadable')),
    buy        boolean,
    price      bigint CHECK (price > 0),
    quantity   bigint NOT NULL,
    target     text,
    status     text   NOT NULL CHECK (status IN ('open', 'filled', 'cancelled', 'rejected', 'done')),
    unfilled   bigint NOT NULL CHECK (unfilled BETWEEN 0 AND quantity),
    reason     text,
    sequence   bigint NOT NULL, -- of the batch that it came with,
    number     bigint NOT NULL, -- and its place there: together, its time
    PRIMARY KEY (instrument, id),
    CHECK (status <> 'open' OR (kind = 'limit' AND unfilled > 0))
);
CREATE INDEX open_orders ON ledger.orders (instrument, sequence, number) WHERE status = 'open';

CREATE TABLE ledger.trades (
    instrument text   NOT NULL REFERENCES ledger.homes,
    epoch      bigint NOT NULL,
    sequence   bigint NOT NULL,
    number     bigint NOT NULL,
    maker      text   NOT NULL,
    taker      text   NOT NULL,
    buyer      text   NOT NULL,
    seller     text   NOT NULL CHECK (seller <> buyer),
    price      bigint NOT NULL CHECK (price > 0),
    quantity   bigint NOT NULL CHECK (quantity > 0),
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument, sequence, number)
);

CREATE TABLE ledger.funds (
    account   text   NOT NULL,
    asset     text   NOT NULL,
    available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
    held      bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    entry     bigint NOT NULL DEFAULT 0, -- the number of the last
    PRIMARY KEY (account, asset)
);

-- What was added to a balance, and why: by a batch, or from outside.
CREATE TABLE ledger.entries (
    account    text   NOT NULL,
    asset      text   NOT NULL,
    number     bigint NOT NULL,
    available  bigint NOT NULL,
    held       bigint NOT NULL,
    instrument text   NOT NULL,
    epoch      bigint NOT NULL,
    sequence   bigint NOT NULL,
    PRIMARY KEY (account, asset, number),
    FOREIGN KEY (account, asset) REFERENCES ledger.funds
);

-- What the relay still has to tell.
CREATE TABLE ledger.outbox (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body json NOT NULL
);

-- Whose the one relay is.
CREATE TABLE ledger.relay (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    cell    text        NOT NULL,
    epoch   bigint      NOT NULL DEFAULT 1,
    holder  text,
    until   timestamptz NOT NULL DEFAULT now(),
    rewound bigint      NOT NULL DEFAULT 0 -- the last epoch whose relay compared the projections with the ledger
);

-- What each new relay found published and gone.
CREATE TABLE ledger.reconciliations (
    epoch  bigint PRIMARY KEY,
    report json        NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);
