-- The end of finished payments (docs/adr/0052-what-ends-and-what-stays.md). What stays is narrow, for
-- ever, and enough to refuse a second charge: the reference, the idempotency key, and the transaction.

CREATE TABLE payment_tombstones (
  merchant_id      text NOT NULL,
  reference        text NOT NULL,
  idempotency_key  text,
  -- The gateway that has, or may have, a transaction of the payment; null if nothing was sent.
  gateway          text,
  -- Null if it is not known.
  trans_id         text,
  ended_at         timestamptz(3) NOT NULL,
  PRIMARY KEY (merchant_id, reference),
  CONSTRAINT transaction_has_a_gateway CHECK (trans_id IS NULL OR gateway IS NOT NULL)
);
CREATE UNIQUE INDEX one_tombstone_per_idempotency_key ON payment_tombstones (merchant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX one_tombstone_per_transaction ON payment_tombstones (trans_id, gateway) WHERE trans_id IS NOT NULL;
-- Found by the reference alone: the gateway's look-up searches the payments of all merchants.
CREATE INDEX payment_tombstones_without_transaction ON payment_tombstones (reference, gateway)
  WHERE trans_id IS NULL AND gateway IS NOT NULL;

CREATE TABLE refund_tombstones (
  merchant_id  text NOT NULL,
  reference    text NOT NULL,
  PRIMARY KEY (merchant_id, reference)
);

-- The statements of the processes refuse what has a tombstone. These triggers run after the indexes
-- were asked, and see what was committed until then: a row that waited for the deletion of a payment
-- with the same reference or transaction finds its tombstone. Scalar subqueries: one index look-up
-- per row.
CREATE FUNCTION refuse_used_references() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  used text;
BEGIN
  SELECT w.id INTO used FROM written w
  WHERE (SELECT true FROM payment_tombstones t WHERE t.merchant_id = w.merchant_id AND t.reference = w.reference)
    OR w.idempotency_key IS NOT NULL AND (
      SELECT true FROM payment_tombstones t WHERE t.merchant_id = w.merchant_id AND t.idempotency_key = w.idempotency_key)
  LIMIT 1;
  IF used IS NOT NULL THEN
    RAISE EXCEPTION 'payment %: a deleted payment used its reference or key', used
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'reference_is_used_once';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_used_references AFTER INSERT ON payment_intents
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_used_references();

CREATE FUNCTION refuse_used_refund_references() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  used text;
BEGIN
  SELECT w.id INTO used FROM written w
  WHERE (SELECT true FROM refund_tombstones t WHERE t.merchant_id = w.merchant_id AND t.reference = w.reference)
  LIMIT 1;
  IF used IS NOT NULL THEN
    RAISE EXCEPTION 'refund %: a deleted refund used its reference', used
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'refund_reference_is_used_once';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_used_refund_references AFTER INSERT ON refunds
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_used_refund_references();

-- Raised under the name of the index that the owner's row no longer has an entry in.
CREATE FUNCTION refuse_transaction_of_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT true FROM payment_tombstones t WHERE t.trans_id = NEW.trans_id AND t.gateway = NEW.gateway) THEN
    RAISE EXCEPTION 'payment %: a deleted payment had its transaction', NEW.id
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'one_payment_per_transaction';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_transaction_of_deleted_on_insert AFTER INSERT ON payment_intents
  FOR EACH ROW WHEN (NEW.trans_id IS NOT NULL) EXECUTE FUNCTION refuse_transaction_of_deleted();
CREATE TRIGGER refuse_transaction_of_deleted_on_update AFTER UPDATE ON payment_intents
  FOR EACH ROW WHEN (NEW.trans_id IS NOT NULL
    AND (NEW.trans_id IS DISTINCT FROM OLD.trans_id OR NEW.gateway IS DISTINCT FROM OLD.gateway))
  EXECUTE FUNCTION refuse_transaction_of_deleted();

-- Replaces payments by their tombstones. Some stay: one that an operator acted on, because the audit
-- names its event and is never deleted, and one whose transaction is claimed by two payments, because
-- that is not decided yet.
CREATE FUNCTION end_payments(ids text[], at timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  taken text[];
  ended text[];
  their_refunds text[];
BEGIN
  SELECT array_agg(id) INTO taken FROM (
    SELECT id FROM payment_intents WHERE id = ANY (ids) ORDER BY id FOR UPDATE SKIP LOCKED) locked;
  SELECT array_agg(p.id) INTO ended FROM payment_intents p
  WHERE p.id = ANY (taken) AND at_rest(p) AND (p.trans_id IS NULL OR p.gateway IS NOT NULL)
    AND NOT EXISTS (SELECT FROM operator_actions o WHERE o.payment_id = p.id AND o.sequence IS NOT NULL)
    AND NOT EXISTS (
      SELECT FROM refunds r JOIN operator_actions o ON o.refund_id = r.id WHERE r.payment_id = p.id AND o.sequence IS NOT NULL)
    AND NOT EXISTS (SELECT FROM transaction_claims c WHERE c.payment_id = p.id)
    AND NOT EXISTS (SELECT FROM transaction_claims c WHERE c.trans_id = p.trans_id AND c.gateway = p.gateway);
  INSERT INTO payment_tombstones
  SELECT p.merchant_id, p.reference, p.idempotency_key,
    CASE WHEN p.trans_id IS NOT NULL THEN p.gateway WHEN p.epoch > 0 THEN gateway_of(t.base_url) END, p.trans_id, at
  FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id WHERE p.id = ANY (ended) ORDER BY p.merchant_id, p.reference;
  SELECT array_agg(id) INTO their_refunds FROM refunds WHERE payment_id = ANY (ended);
  INSERT INTO refund_tombstones
  SELECT merchant_id, reference FROM refunds WHERE id = ANY (their_refunds) ORDER BY merchant_id, reference;
  DELETE FROM refund_attempts WHERE refund_id = ANY (their_refunds);
  DELETE FROM refund_events WHERE refund_id = ANY (their_refunds);
  DELETE FROM refunds WHERE id = ANY (their_refunds);
  DELETE FROM submission_attempts WHERE payment_id = ANY (ended);
  DELETE FROM callbacks WHERE payment_id = ANY (ended);
  DELETE FROM doubt_inquiries WHERE payment_id = ANY (ended);
  DELETE FROM payment_events WHERE payment_id = ANY (ended);
  DELETE FROM payment_intents WHERE id = ANY (ended);
  RETURN QUERY SELECT unnest(ended);
END $$;
REVOKE EXECUTE ON FUNCTION end_payments(text[], timestamptz) FROM PUBLIC;

ALTER TABLE retention DROP CONSTRAINT retention_kind_check;
ALTER TABLE retention ADD CONSTRAINT retention_kind_check CHECK (kind IN ('personal_data', 'history', 'payments'));

-- As before, and also of a deleted payment.
CREATE OR REPLACE FUNCTION shares_transaction(p payment_intents) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p.gateway IS NULL AND p.trans_id IS NOT NULL
    OR EXISTS (
      SELECT FROM payment_intents o JOIN terminals t ON t.id = o.terminal_id
      WHERE o.trans_id = p.trans_id AND o.id <> p.id AND COALESCE(o.gateway, gateway_of(t.base_url)) = p.gateway)
    OR EXISTS (
      SELECT FROM transaction_claims c
      WHERE c.trans_id = p.trans_id AND c.gateway = p.gateway AND c.payment_id <> p.id)
    OR EXISTS (SELECT FROM payment_tombstones d WHERE d.trans_id = p.trans_id AND d.gateway = p.gateway)
$$;
