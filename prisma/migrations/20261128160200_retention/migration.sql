-- The end of what finished payments leave behind (docs/adr/0052-what-ends-and-what-stays.md). No
-- process may delete history or rewrite an event: the workers call functions that do it with their
-- owner's rights, and only to payments that are at rest.

-- When the personal data of the payment, and its history, ended. Null until then.
ALTER TABLE payment_intents
  ADD COLUMN personal_data_erased_at timestamptz(3),
  ADD COLUMN history_ended_at timestamptz(3);
-- Not valid: old rows have neither, and need not be read to know it.
ALTER TABLE payment_intents ADD CONSTRAINT erased_data_is_gone CHECK (
  personal_data_erased_at IS NULL
  OR product_name = '' AND return_url = '' AND customer::text = '{}' AND metadata::text = '{}'
    AND num_nonnulls(source_url, return_page, card_first6, card_last4) = 0) NOT VALID;

-- True when nothing more is due or expected: the payment has a final status, its watch is over, and
-- its refunds have ended. A dispute is still open, and so is a refund that the gateway has accepted.
CREATE FUNCTION at_rest(p payment_intents) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p.status NOT IN ('queued', 'submitting', 'requires_action', 'processing', 'in_doubt', 'disputed', 'refund_pending')
    AND p.next_step_at IS NULL AND p.forward_at IS NULL AND COALESCE(p.asks, 0) <= COALESCE(p.asks_answered, 0)
    AND NOT EXISTS (
      SELECT FROM refunds r
      WHERE r.payment_id = p.id AND (r.status NOT IN ('succeeded', 'failed') OR r.next_step_at IS NOT NULL))
$$;

CREATE FUNCTION refuse_ending_what_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.personal_data_erased_at IS NOT NULL AND OLD.personal_data_erased_at IS DISTINCT FROM NEW.personal_data_erased_at
    OR OLD.history_ended_at IS NOT NULL AND OLD.history_ended_at IS DISTINCT FROM NEW.history_ended_at
    OR NOT at_rest(NEW) THEN
    RAISE EXCEPTION 'payment %: what belongs to it ends once, and when it is at rest', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'only_what_rests_ends';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_ending_what_is_open BEFORE UPDATE ON payment_intents FOR EACH ROW
  WHEN (OLD.personal_data_erased_at IS DISTINCT FROM NEW.personal_data_erased_at
    OR OLD.history_ended_at IS DISTINCT FROM NEW.history_ended_at)
  EXECUTE FUNCTION refuse_ending_what_is_open();

-- The snapshot of a payment or a refund without what may describe a person.
CREATE FUNCTION without_personal_data(snapshot json) RETURNS json LANGUAGE sql IMMUTABLE AS $$
  SELECT COALESCE(json_object_agg(key, CASE
    WHEN key IN ('card', 'next_action', 'reason') THEN 'null'::json
    WHEN key = 'metadata' THEN '{}'::json
    ELSE value END), '{}') FROM json_each(snapshot)
$$;

-- An event is never rewritten, except that personal data leaves its snapshot with that of its
-- payment.
CREATE OR REPLACE FUNCTION refuse_rewritten_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.snapshot::text = without_personal_data(OLD.snapshot)::text
    AND to_jsonb(NEW) - 'snapshot' = to_jsonb(OLD) - 'snapshot'
    AND (SELECT personal_data_erased_at FROM payment_intents WHERE id = OLD.payment_id) IS NOT NULL THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'payment %: an event is never rewritten', OLD.payment_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'event_is_never_rewritten';
END $$;
CREATE OR REPLACE FUNCTION refuse_rewritten_refund_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.snapshot::text = without_personal_data(OLD.snapshot)::text
    AND to_jsonb(NEW) - 'snapshot' = to_jsonb(OLD) - 'snapshot'
    AND (SELECT p.personal_data_erased_at FROM refunds r JOIN payment_intents p ON p.id = r.payment_id
      WHERE r.id = OLD.refund_id) IS NOT NULL THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'refund %: an event is never rewritten', OLD.refund_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_event_is_never_rewritten';
END $$;

-- Each of the following functions returns the payments of which it ended something. It passes over
-- those that another transaction is changing, and locks in the order of the ids. Each statement of
-- plpgsql has a snapshot of its own, so the rows are judged as they are once they are locked.

-- Removes the personal data from payments, their refunds, callbacks and events. What is left says
-- what was charged, when, and with which end.
CREATE FUNCTION erase_personal_data(ids text[], at timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  taken text[];
  ended text[];
BEGIN
  SELECT array_agg(id) INTO taken FROM (
    SELECT id FROM payment_intents WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) locked;
  WITH erased AS (
    UPDATE payment_intents p SET
      personal_data_erased_at = at, product_name = '', return_url = '', customer = '{}', metadata = '{}', source_url = NULL,
      return_page = NULL, auth_url = NULL, card_first6 = NULL, card_last4 = NULL
    WHERE p.id = ANY (taken) AND p.personal_data_erased_at IS NULL AND at_rest(p)
    RETURNING p.id)
  SELECT array_agg(id) INTO ended FROM erased;
  UPDATE refunds SET reason = NULL WHERE payment_id = ANY (ended) AND reason IS NOT NULL;
  UPDATE refund_events e SET snapshot = without_personal_data(e.snapshot) FROM refunds r
  WHERE r.payment_id = ANY (ended) AND e.refund_id = r.id AND e.snapshot IS NOT NULL;
  UPDATE payment_events SET snapshot = without_personal_data(snapshot) WHERE payment_id = ANY (ended);
  UPDATE callbacks SET fields = '{}' WHERE payment_id = ANY (ended);
  RETURN QUERY SELECT unnest(ended);
END $$;

-- Deletes attempts, callbacks, inquiries and events of payments and their refunds. What stays is
-- the last event of each, which proves its status, and the events that an audited action or an
-- event of a refund refers to.
CREATE FUNCTION end_history(ids text[], at timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  taken text[];
  ended text[];
BEGIN
  SELECT array_agg(id) INTO taken FROM (
    SELECT id FROM payment_intents WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) locked;
  WITH marked AS (
    UPDATE payment_intents p SET history_ended_at = at
    WHERE p.id = ANY (taken) AND p.history_ended_at IS NULL AND at_rest(p)
    RETURNING p.id)
  SELECT array_agg(id) INTO ended FROM marked;
  DELETE FROM submission_attempts WHERE payment_id = ANY (ended);
  DELETE FROM callbacks WHERE payment_id = ANY (ended);
  DELETE FROM doubt_inquiries WHERE payment_id = ANY (ended);
  DELETE FROM refund_attempts a USING refunds r WHERE r.payment_id = ANY (ended) AND a.refund_id = r.id;
  DELETE FROM refund_events e USING refunds r
  WHERE r.payment_id = ANY (ended) AND e.refund_id = r.id AND e.sequence < r.version
    AND NOT EXISTS (SELECT FROM operator_actions o WHERE o.refund_id = e.refund_id AND o.sequence = e.sequence);
  DELETE FROM payment_events e USING payment_intents p
  WHERE p.id = ANY (ended) AND e.payment_id = p.id AND e.sequence < p.version
    AND NOT EXISTS (SELECT FROM operator_actions o WHERE o.payment_id = e.payment_id AND o.sequence = e.sequence)
    AND NOT EXISTS (SELECT FROM refund_events r WHERE r.payment_id = e.payment_id AND r.payment_version = e.sequence);
  RETURN QUERY SELECT unnest(ended);
END $$;

REVOKE EXECUTE ON FUNCTION erase_personal_data(text[], timestamptz), end_history(text[], timestamptz) FROM PUBLIC;

-- Without it, deleting an event would read all events of refunds to see that none refers to it.
CREATE INDEX refund_events_by_payment ON refund_events (payment_id, payment_version);

-- The walks of the workers through the payments, one row a kind of data. A batch and its row commit
-- together, and the row is the lock of the walk.
CREATE TABLE retention (
  kind         text           PRIMARY KEY CHECK (kind IN ('personal_data', 'history')),
  -- The configured age, as the worker last read it; null for ever.
  keep_days    integer        CHECK (keep_days > 0),
  -- The walk continues with the first payment whose id is not below this text.
  reached      text           NOT NULL,
  -- The first payment that was old enough during this walk, but not at rest: the next walk begins
  -- there.
  left_behind  text,
  -- Payments of which the data ended so far.
  ended        bigint         NOT NULL CHECK (ended >= 0),
  -- When the walk was due, or the next one is.
  due_at       timestamptz(3) NOT NULL,
  updated_at   timestamptz(3) NOT NULL
);
