-- Schema of the ledger: homes, orders, trades, funds, deposits, entries, outbox, relay.
-- Amounts are in the smallest unit of their asset, prices in ticks, quantities in lots.

-- Instruments, their terms, and the home of each: the cell that matches it.

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

-- Moves of homes, and the sequence from which each one applies.
CREATE TABLE ledger.moves (
    instrument text        NOT NULL REFERENCES ledger.homes,
    epoch      bigint      NOT NULL,
    cell       text        NOT NULL,
    sequence   bigint      NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument, epoch)
);

-- Committed batches, by ids that are never used again: a failover that loses a batch loses its id, while its sequence
-- is used again. Batches older than all projected outcomes may be deleted.
CREATE TABLE ledger.batches (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    instrument text   NOT NULL,
    epoch      bigint NOT NULL,
    sequence   bigint NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX old_batches ON ledger.batches USING brin (at);

-- Orders. The unfilled quantity rests in the book while the order is open. An order of an instrument without a home
-- is kept too, as rejected.
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
    sequence   bigint NOT NULL, -- of its batch,
    number     bigint NOT NULL, -- and its number there: together, its time priority
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
    entry     bigint NOT NULL DEFAULT 0, -- number of the last entry
    PRIMARY KEY (account, asset)
);

-- Deposits. The caller chooses the id, by which a deposit is idempotent.
CREATE TABLE ledger.deposits (
    id      text        PRIMARY KEY,
    account text        NOT NULL,
    asset   text        NOT NULL,
    amount  bigint      NOT NULL CHECK (amount > 0),
    at      timestamptz NOT NULL DEFAULT now()
);

-- Changes of balances, each by a batch or by a deposit.
CREATE TABLE ledger.entries (
    account    text   NOT NULL,
    asset      text   NOT NULL,
    number     bigint NOT NULL,
    available  bigint NOT NULL,
    held       bigint NOT NULL,
    instrument text,
    epoch      bigint,
    sequence   bigint,
    deposit    text REFERENCES ledger.deposits,
    PRIMARY KEY (account, asset, number),
    FOREIGN KEY (account, asset) REFERENCES ledger.funds,
    CHECK (num_nulls(instrument, epoch, sequence) = CASE WHEN deposit IS NULL THEN 0 ELSE 3 END)
);

-- Transactional outbox: bodies that the relay hasn't published yet.
CREATE TABLE ledger.outbox (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body json NOT NULL
);

-- The one relay: its cell, its epoch, and the lease of the process that holds it.
CREATE TABLE ledger.relay (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    cell    text        NOT NULL,
    epoch   bigint      NOT NULL DEFAULT 1,
    holder  text,
    until   timestamptz NOT NULL DEFAULT now(),
    rewound bigint      NOT NULL DEFAULT 0 -- the last epoch whose relay compared the projections with the ledger
);

-- Reconciliation report of each epoch: outcomes that were published, and that a failover has lost.
CREATE TABLE ledger.reconciliations (
    epoch  bigint PRIMARY KEY,
    report json        NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);

-- Adds a deposit to a balance; false if it was added before. A caller needs no right but to execute this function.
CREATE FUNCTION ledger.deposit(deposit text, to_account text, of_asset text, added bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    became ledger.funds;
BEGIN
    INSERT INTO ledger.deposits (id, account, asset, amount) VALUES (deposit, to_account, of_asset, added)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        IF NOT EXISTS (
            SELECT FROM ledger.deposits AS kept
            WHERE (kept.id, kept.account, kept.asset, kept.amount) = (deposit, to_account, of_asset, added)
        ) THEN
            RAISE unique_violation USING MESSAGE =
                format('deposit %s was of another account, asset or amount; give this one another id', deposit);
        END IF;
        RETURN false;
    END IF;
    INSERT INTO ledger.funds AS kept (account, asset, available, entry) VALUES (to_account, of_asset, added, 1)
    ON CONFLICT (account, asset) DO UPDATE SET available = kept.available + added, entry = kept.entry + 1
    RETURNING * INTO became;
    INSERT INTO ledger.entries (account, asset, number, available, held, deposit)
    VALUES (to_account, of_asset, became.entry, added, 0, deposit);
    INSERT INTO ledger.outbox (body) VALUES (json_build_object('balances', json_build_array(row_to_json(became))));
    RETURN true;
END $$;
