-- A status without its event, an event without its status, an illegal move, a rewritten history: none can be committed, not
-- even by hand. Both sides are checked once per statement, when all its parts are done, because the statement that moves
-- payments writes both sides of many at once.

DROP TRIGGER refuse_illegal_move ON payment_intents;
DROP FUNCTION refuse_illegal_move();

-- The payment says what its last event says. Every other rule about moves then follows from the rules about events.
CREATE FUNCTION require_told_payments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  untold text;
BEGIN
  SELECT p.id INTO untold FROM written p
  LEFT JOIN LATERAL (
    SELECT e.sequence, e.status FROM payment_events e WHERE e.payment_id = p.id ORDER BY e.sequence DESC LIMIT 1
  ) last ON true
  WHERE (last.sequence, last.status) IS DISTINCT FROM (p.version, p.status)
  LIMIT 1;
  IF untold IS NOT NULL THEN
    RAISE EXCEPTION 'payment %: status and version are not what its last event tells', untold
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_as_told';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER require_told_payments_of_insert AFTER INSERT ON payment_intents
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_payments();
CREATE TRIGGER require_told_payments_of_update AFTER UPDATE ON payment_intents
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_payments();

-- An event follows from the one before it by a move of the table, and tells what its payment is now. Scalar subqueries, not
-- EXISTS: one look at an index per event, where the planner would otherwise join tables it thinks are small.
CREATE FUNCTION require_following_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong record;
BEGIN
  SELECT t.payment_id, t.sequence, t.previous_status, t.status INTO wrong FROM told t
  WHERE (SELECT p.version = t.sequence AND p.status = t.status FROM payment_intents p WHERE p.id = t.payment_id)
      IS NOT TRUE
    OR t.sequence > 1 AND (
      (SELECT e.status = t.previous_status FROM payment_events e
        WHERE e.payment_id = t.payment_id AND e.sequence = t.sequence - 1) IS NOT TRUE
      OR (SELECT true FROM payment_status_moves m
        WHERE m.from_status = t.previous_status AND m.to_status = t.status) IS NOT TRUE)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'payment %: event % (% to %) is not a move that the payment has just made',
      wrong.payment_id, wrong.sequence, wrong.previous_status, wrong.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'event_is_a_move';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER require_following_events AFTER INSERT ON payment_events
  REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION require_following_events();

-- What was told stays told.
CREATE FUNCTION refuse_rewritten_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'payment %: an event is never rewritten', OLD.payment_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'event_is_never_rewritten';
END $$;
CREATE TRIGGER refuse_rewritten_history BEFORE UPDATE ON payment_events
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_history();
