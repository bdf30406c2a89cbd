-- Lists, events and charts from a read replica (docs/adr/0064-a-read-replica.md).

-- One row, written about once a second while an api reads from a replica. A replica that shows one
-- of the last beats replicates this database, and has everything committed before `at`.
CREATE TABLE replica_beats (
  only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Random, the newest first. Several, so that a process which writes none recognizes them.
  beats     uuid[] NOT NULL CHECK (cardinality(beats) > 0),
  -- Before the commit of the newest one, by this server's clock.
  at        timestamptz(3) NOT NULL
);

-- The same as before on a primary. A standby has no sessions of the transactions that it replays,
-- so there the snapshot decides: its xmin is the oldest transaction without an end in the replayed
-- log, and a row at or above it is held back.
CREATE OR REPLACE FUNCTION events_horizon() RETURNS xid8
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  next_tx  numeric;
  oldest   numeric;
BEGIN
  IF pg_is_in_recovery() OR NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN
    RETURN pg_snapshot_xmin(pg_current_snapshot());
  END IF;
  -- In this order: a transaction of this database below next_tx either has ended when the backends
  -- are read, and is then visible to every later snapshot, or it is among them.
  next_tx := pg_snapshot_xmax(pg_current_snapshot())::text::numeric;
  PERFORM pg_stat_clear_snapshot();
  SELECT min(next_tx - distance) INTO oldest
  FROM (
    SELECT backend_xid AS xid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL
    UNION ALL
    SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
  ) running
  -- These views show the lower 32 of the 64 bits. Running ids are within 2^31 of the next one;
  -- those beyond it are newer.
  CROSS JOIN LATERAL (SELECT mod(mod(next_tx - xid::text::numeric, 4294967296) + 4294967296, 4294967296) AS distance) behind
  WHERE distance < 2147483648;
  RETURN least(next_tx, coalesce(oldest, next_tx))::text::xid8;
END $$;
