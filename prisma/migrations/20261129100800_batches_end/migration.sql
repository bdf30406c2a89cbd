-- The end of batches (docs/adr/0052-what-ends-and-what-stays.md). A batch's row says how far its
-- calls came and nothing about money: references refuse a second charge without it.

-- Deletes batches by their names, `<merchant>/<batch>`. A running call changes its batch with every
-- outcome, and waits for a line for minutes at most: one that changed within a day stays, whatever
-- the configured age. LIMIT makes each name a look-up in the key by any plan: as a join, Postgres
-- 18 read 20,000 batches to find 200.
CREATE FUNCTION end_batches(ids text[], at timestamptz) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM payment_batches WHERE ctid = ANY (ARRAY(
    SELECT found.ctid FROM unnest(ids) AS named (key) CROSS JOIN LATERAL (
      SELECT b.ctid FROM payment_batches b
      WHERE b.merchant_id = split_part(key, '/', 1) AND b.id = split_part(key, '/', 2)
        AND b.updated_at < at - interval '1 day' LIMIT 1 FOR UPDATE SKIP LOCKED) found))
  RETURNING merchant_id || '/' || id
$$;
REVOKE EXECUTE ON FUNCTION end_batches(text[], timestamptz) FROM PUBLIC;

ALTER TABLE retention DROP CONSTRAINT retention_kind_check;
ALTER TABLE retention ADD CONSTRAINT retention_kind_check
  CHECK (kind IN ('personal_data', 'history', 'payments', 'batches'));
