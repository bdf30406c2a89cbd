-- Below this transaction id no row of this database can appear any more: the horizon of GET /v1/events (docs/adr/0020).
--
-- pg_snapshot_xmin() would be the horizon of the whole cluster, where one idle transaction in any database holds every list back.
-- The owner of the function needs pg_read_all_stats to see other roles' transactions; without it the cluster's horizon is used.
CREATE FUNCTION events_horizon() RETURNS xid8
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  next_tx  numeric;
  oldest   numeric;
BEGIN
  IF NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN
    RETURN pg_snapshot_xmin(pg_current_snapshot());
  END IF;
  -- In this order: a transaction of this database below next_tx either has ended when the backends are read, and is then seen by
  -- every later snapshot, or it is among them.
  next_tx := pg_snapshot_xmax(pg_current_snapshot())::text::numeric;
  PERFORM pg_stat_clear_snapshot();
  SELECT min(next_tx - distance) INTO oldest
  FROM (
    SELECT backend_xid AS xid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL
    UNION ALL
    SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
  ) running
  -- Of the 64 bits these views show the lower 32. Ids that run are within 2^31 of the next one; those beyond it are newer.
  CROSS JOIN LATERAL (SELECT mod(mod(next_tx - xid::text::numeric, 4294967296) + 4294967296, 4294967296) AS distance) behind
  WHERE distance < 2147483648;
  RETURN least(next_tx, coalesce(oldest, next_tx))::text::xid8;
END $$;

-- An open transaction of this database holds the list back until it ends. The processes bound theirs; this bounds those of people.
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = %L', current_database(), '60s');
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'not the owner of this database: set idle_in_transaction_session_timeout on it by hand';
END $$;
