-- Refunds. What a refund takes is reserved on the payment before anything else happens, so that refunds that race each other
-- can never exceed it.

-- `accepted`: the gateway took it, completing it is a manual step there.
CREATE TYPE refund_status AS ENUM ('queued', 'submitting', 'in_doubt', 'accepted', 'succeeded', 'failed');

-- Null as long as no refund has asked for anything: processes of the version before do not know the column.
ALTER TABLE payment_intents
  ADD COLUMN refund_reserved_minor bigint CHECK (refund_reserved_minor > 0),
  ADD CONSTRAINT never_reserved_beyond_amount CHECK (refund_reserved_minor <= amount_minor),
  ADD CONSTRAINT refunded_was_reserved CHECK (refunded_minor <= COALESCE(refund_reserved_minor, 0));

CREATE TABLE refunds (
  id               text PRIMARY KEY,
  merchant_id      text NOT NULL,
  payment_id       text NOT NULL REFERENCES payment_intents (id),
  reference        text NOT NULL CHECK (reference ~ '^[A-Za-z0-9._-]{1,64}$'),
  amount_minor     bigint NOT NULL CHECK (amount_minor > 0),
  currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  reason           text,
  status           refund_status NOT NULL,
  version          integer NOT NULL CHECK (version > 0),
  epoch            integer NOT NULL CHECK (epoch >= 0),
  inquiries        integer NOT NULL CHECK (inquiries >= 0),
  failure_code     text,
  failure_message  text,
  doubt_reason     text,
  submit_before    timestamptz(3) NOT NULL,
  next_step_at     timestamptz(3),
  created_at       timestamptz(3) NOT NULL,
  updated_at       timestamptz(3) NOT NULL,
  UNIQUE (merchant_id, reference),
  CONSTRAINT refund_failure_is_explained CHECK ((status = 'failed') = (failure_code IS NOT NULL)),
  CONSTRAINT refund_doubt_is_explained CHECK ((status = 'in_doubt') = (doubt_reason IS NOT NULL))
);
-- The gateway takes one refund of a payment, whole or in part (protocol §8).
CREATE UNIQUE INDEX one_refund_per_payment ON refunds (payment_id) WHERE status <> 'failed';
CREATE INDEX refunds_by_payment ON refunds (payment_id);
CREATE INDEX refunds_due ON refunds (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX refunds_in_doubt ON refunds (id) WHERE status = 'in_doubt';

-- The same table of moves as libs/payments/src/refund/refund-status.ts; a test compares the two.
CREATE TABLE refund_status_moves (
  from_status  refund_status NOT NULL,
  to_status    refund_status NOT NULL,
  PRIMARY KEY (from_status, to_status)
);

INSERT INTO refund_status_moves (from_status, to_status) VALUES
  ('queued', 'submitting'),
  ('queued', 'failed'),
  ('submitting', 'queued'),
  ('submitting', 'accepted'),
  ('submitting', 'in_doubt'),
  ('submitting', 'failed'),
  ('in_doubt', 'accepted'),
  ('in_doubt', 'succeeded'),
  ('in_doubt', 'failed'),
  ('accepted', 'succeeded');

CREATE FUNCTION refuse_illegal_refund_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'refund %: a move from % to % must raise the version by one', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM refund_status_moves WHERE from_status = OLD.status AND to_status = NEW.status) THEN
    RAISE EXCEPTION 'refund %: no move leads from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_illegal_refund_move BEFORE UPDATE ON refunds
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refuse_illegal_refund_move();

-- What was asked for does not change: the reservation on the payment stands for it.
CREATE FUNCTION refuse_other_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'refund %: its payment, amount and currency do not change', OLD.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER refuse_other_refund BEFORE UPDATE ON refunds FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.amount_minor, OLD.currency) IS DISTINCT FROM (NEW.payment_id, NEW.amount_minor, NEW.currency))
  EXECUTE FUNCTION refuse_other_refund();

-- One row a move: the refund's history. The order domain is told by the payment's moves.
CREATE TABLE refund_events (
  refund_id        text NOT NULL REFERENCES refunds (id),
  sequence         integer NOT NULL CHECK (sequence > 0),
  status           refund_status NOT NULL,
  previous_status  refund_status,
  cause            move_cause NOT NULL,
  attempt          integer,
  gateway_code     text,
  note             text,
  created_at       timestamptz(3) NOT NULL,
  PRIMARY KEY (refund_id, sequence),
  CHECK ((sequence = 1) = (previous_status IS NULL))
);

-- The refund says what its last event says, checked once per statement, when both sides are written.
CREATE FUNCTION require_told_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  untold text;
BEGIN
  SELECT r.id INTO untold FROM written r
  LEFT JOIN LATERAL (
    SELECT e.sequence, e.status FROM refund_events e WHERE e.refund_id = r.id ORDER BY e.sequence DESC LIMIT 1
  ) last ON true
  WHERE (last.sequence, last.status) IS DISTINCT FROM (r.version, r.status)
  LIMIT 1;
  IF untold IS NOT NULL THEN
    RAISE EXCEPTION 'refund %: status and version are not what its last event tells', untold
      USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_is_as_told';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER require_told_refunds_of_insert AFTER INSERT ON refunds
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_refunds();
CREATE TRIGGER require_told_refunds_of_update AFTER UPDATE ON refunds
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_refunds();

-- What was told stays told.
CREATE FUNCTION refuse_rewritten_refund_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'refund %: an event is never rewritten', OLD.refund_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_event_is_never_rewritten';
END $$;
CREATE TRIGGER refuse_rewritten_refund_history BEFORE UPDATE ON refund_events
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_refund_history();

-- One row a try to hand the refund over. A second open try for one refund cannot exist.
CREATE TABLE refund_attempts (
  refund_id    text NOT NULL REFERENCES refunds (id),
  number       integer NOT NULL CHECK (number > 0),
  opened_at    timestamptz(3) NOT NULL,
  deadline_at  timestamptz(3) NOT NULL,
  closed_at    timestamptz(3),
  outcome      text,
  http_status  integer,
  reason       text,
  duration_ms  integer,
  PRIMARY KEY (refund_id, number),
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX one_open_attempt_per_refund ON refund_attempts (refund_id) WHERE closed_at IS NULL;

-- With a refund's id the message is the order to hand that refund over; `sequence` is the refund's version then.
ALTER TABLE outbox ADD COLUMN refund_id text;
