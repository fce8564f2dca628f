-- Users of the ledger and their rights. Each logs in by IAM (`rds_iam`), and has exactly what its statements need.

DO $$
DECLARE
    who text;
BEGIN
    FOREACH who IN ARRAY ARRAY['matcher', 'relay', 'reader', 'payments'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = who) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', who);
        END IF;
        EXECUTE format('GRANT rds_iam TO %I', who);
        EXECUTE format('GRANT USAGE ON SCHEMA ledger TO %I', who);
        -- A function that was stopped half-way leaves its session behind, with its locks.
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''5s''', who);
        EXECUTE format('ALTER ROLE %I SET lock_timeout = ''4s''', who); -- below RESPONSE_TIMEOUT_SECONDS
    END LOOP;
END $$;

-- Locking a home needs UPDATE on one of its columns. Only the administrator may move it: write its cell and epoch.
GRANT SELECT, UPDATE (sequence) ON ledger.homes TO matcher;
GRANT SELECT, INSERT ON ledger.batches TO matcher;
GRANT SELECT, INSERT, UPDATE (status, unfilled, reason) ON ledger.orders TO matcher;
GRANT SELECT, INSERT, UPDATE (available, held, entry) ON ledger.funds TO matcher;
GRANT INSERT ON ledger.trades, ledger.entries, ledger.outbox TO matcher;

GRANT SELECT, UPDATE (holder, until, rewound) ON ledger.relay TO relay;
GRANT SELECT, INSERT, DELETE ON ledger.outbox TO relay;
GRANT SELECT, DELETE ON ledger.batches TO relay;
GRANT SELECT, INSERT ON ledger.reconciliations TO relay;
GRANT SELECT ON ledger.orders, ledger.funds TO relay;

GRANT SELECT ON ledger.homes, ledger.orders, ledger.trades, ledger.funds, ledger.entries, ledger.deposits TO reader;

REVOKE EXECUTE ON FUNCTION ledger.deposit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.deposit TO payments;
