-- A doubt can be ended: by a person with evidence, and by absence where a terminal has opted in. Both are assumptions that the
-- gateway's own word outranks, so ends that were final have to be left where they were only assumed.

INSERT INTO payment_status_moves (from_status, to_status) VALUES
  ('declined', 'succeeded'),
  ('declined', 'blocked'),
  ('declined', 'failed'),
  ('declined', 'expired'),
  ('declined', 'cancelled'),
  ('declined', 'refund_pending'),
  ('declined', 'reversed'),
  ('declined', 'charged_back'),
  ('declined', 'disputed'),
  ('blocked', 'succeeded'),
  ('blocked', 'declined'),
  ('blocked', 'failed'),
  ('blocked', 'expired'),
  ('blocked', 'cancelled'),
  ('blocked', 'refund_pending'),
  ('blocked', 'reversed'),
  ('blocked', 'charged_back'),
  ('blocked', 'disputed'),
  ('failed', 'declined'),
  ('failed', 'blocked'),
  ('failed', 'expired'),
  ('failed', 'cancelled'),
  ('expired', 'blocked'),
  ('expired', 'failed'),
  ('expired', 'cancelled'),
  ('cancelled', 'blocked'),
  ('cancelled', 'failed'),
  ('cancelled', 'expired'),
  ('disputed', 'succeeded'),
  ('disputed', 'refund_pending'),
  ('disputed', 'refunded'),
  ('disputed', 'partially_refunded'),
  ('disputed', 'reversed');

-- The table of moves cannot say whose word a status stands on: a decline, a block or a failure that the gateway itself spoke
-- stays what it is, except that a charge is believed even after a failure.
CREATE FUNCTION refuse_leaving_the_gateways_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.failure_code IN ('resolved_by_operator', 'never_arrived') THEN RETURN NEW; END IF;
  IF OLD.status = 'failed' AND NEW.status IN ('succeeded', 'refund_pending', 'reversed', 'charged_back', 'disputed') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'payment %: the gateway itself said %; it does not become %', OLD.id, OLD.status, NEW.status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'gateways_word_stands';
END $$;
CREATE TRIGGER refuse_leaving_the_gateways_word BEFORE UPDATE ON payment_intents
  FOR EACH ROW WHEN (OLD.status IN ('declined', 'blocked', 'failed') AND OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION refuse_leaving_the_gateways_word();

-- What people did to payments, in the order they did it. Written in the commit of the move it caused, which the foreign key
-- demands, and never changed.
CREATE TABLE operator_actions (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz(3) NOT NULL,
  operator    text NOT NULL CHECK (length(operator) BETWEEN 1 AND 100),
  action      text NOT NULL CHECK (action IN ('resolve')),
  payment_id  text NOT NULL,
  sequence    integer NOT NULL,
  evidence    text NOT NULL CHECK (length(btrim(evidence)) BETWEEN 1 AND 1000),
  before      json NOT NULL,
  after       json NOT NULL,
  UNIQUE (payment_id, sequence),
  FOREIGN KEY (payment_id, sequence) REFERENCES payment_events (payment_id, sequence)
);

CREATE FUNCTION refuse_rewritten_actions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'action % of an operator is never changed nor taken back', OLD.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'operator_action_is_never_rewritten';
END $$;
CREATE TRIGGER refuse_rewritten_actions BEFORE UPDATE OR DELETE ON operator_actions
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_actions();

-- What the gateway was asked about a payment in doubt, and what it answered. Absence is judged by it, and people read it.
CREATE TYPE inquiry_answer AS ENUM (
  'reported', 'not_found', 'absent', 'exists_without_details', 'unanswered', 'no_way_to_ask'
);
CREATE TABLE doubt_inquiries (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id  text NOT NULL REFERENCES payment_intents (id),
  asked_at    timestamptz(3) NOT NULL,
  strategy    inquiry_strategy NOT NULL,
  answer      inquiry_answer NOT NULL,
  detail      text
);
CREATE INDEX doubt_inquiries_by_payment ON doubt_inquiries (payment_id, id);

-- From when on "not found" is an answer. Only the existence probe can prove an absence (gateway protocol §11).
ALTER TABLE terminals ADD COLUMN absent_after_ms bigint;
ALTER TABLE terminals ADD CONSTRAINT absence_needs_patience CHECK (absent_after_ms >= 60000);
ALTER TABLE terminals ADD CONSTRAINT absence_needs_proof CHECK (absent_after_ms IS NULL OR inquiry = 'probe');
