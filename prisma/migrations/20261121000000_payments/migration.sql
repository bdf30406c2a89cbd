-- The truth about every payment. Queues can be emptied at any moment; what these tables say can always be
-- turned back into work. Times are written by the processes' clock, never by defaults, so that a row and the
-- event told about it agree to the millisecond.

CREATE TYPE payment_status AS ENUM (
  'queued', 'submitting', 'requires_action', 'processing', 'in_doubt', 'succeeded', 'declined', 'blocked',
  'failed', 'expired', 'cancelled', 'refund_pending', 'refunded', 'partially_refunded', 'reversed',
  'charged_back', 'disputed'
);
CREATE TYPE payment_method AS ENUM ('CC', 'DC', 'NB', 'WALLET', 'UPICOLLECT', 'QRINTENT');
CREATE TYPE move_cause AS ENUM ('request', 'reply', 'callback', 'inquiry', 'operator', 'sweeper');
CREATE TYPE terminal_protocol AS ENUM ('encrypted', 'plain');
CREATE TYPE callback_encryption AS ENUM ('aes256', 'none');
CREATE TYPE terminal_mode AS ENUM ('test', 'live');
CREATE TYPE inquiry_strategy AS ENUM ('trans_id', 'reference', 'probe');
CREATE TYPE callback_verdict AS ENUM ('applied', 'ignored', 'awaiting_inquiry', 'parked');

CREATE TABLE merchants (
  id          text PRIMARY KEY,
  name        text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  created_at  timestamptz(3) NOT NULL
);

-- Keys are random 256-bit secrets, so a plain SHA-256 is enough to store them: there is nothing to guess.
CREATE TABLE api_keys (
  id             text PRIMARY KEY,
  merchant_id    text NOT NULL REFERENCES merchants (id),
  secret_sha256  bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
  scopes         text[] NOT NULL CHECK (cardinality(scopes) > 0),
  created_at     timestamptz(3) NOT NULL,
  expires_at     timestamptz(3),
  revoked_at     timestamptz(3),
  last_used_at   timestamptz(3)
);

CREATE TABLE terminals (
  id                    text PRIMARY KEY,
  merchant_id           text NOT NULL REFERENCES merchants (id),
  name                  text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  base_url              text NOT NULL CHECK (base_url ~ '^https?://'),
  number                integer NOT NULL CHECK (number > 0),
  public_key            text NOT NULL,
  sealed_private_key    text NOT NULL,
  protocol              terminal_protocol NOT NULL,
  callback_encryption   callback_encryption NOT NULL,
  mode                  terminal_mode NOT NULL,
  lane                  text NOT NULL CHECK (lane ~ '^[a-z0-9-]{1,40}$'),
  inquiry               inquiry_strategy NOT NULL,
  confirm_plain_success boolean NOT NULL,
  paused_at             timestamptz(3),
  paused_reason         text,
  created_at            timestamptz(3) NOT NULL,
  UNIQUE (merchant_id, name),
  UNIQUE (id, merchant_id),
  CHECK ((paused_at IS NULL) = (paused_reason IS NULL))
);

CREATE TABLE payment_intents (
  id                text PRIMARY KEY,
  merchant_id       text NOT NULL,
  terminal_id       text NOT NULL,
  reference         text NOT NULL CHECK (reference ~ '^[A-Za-z0-9._-]{1,64}$' AND reference ~ '[A-Za-z]'),
  mode              terminal_mode NOT NULL,
  lane              text NOT NULL,
  amount_minor      bigint NOT NULL CHECK (amount_minor > 0),
  refunded_minor    bigint NOT NULL CHECK (refunded_minor >= 0),
  currency          text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  method            payment_method NOT NULL,
  product_name      text NOT NULL,
  return_url        text NOT NULL,
  source_url        text,
  customer          json NOT NULL,
  metadata          json NOT NULL,
  card_brand        text,
  card_first6       text CHECK (card_first6 ~ '^[0-9]{6}$'),
  card_last4        text CHECK (card_last4 ~ '^[0-9]{4}$'),
  sealed_card       text,
  status            payment_status NOT NULL,
  version           integer NOT NULL CHECK (version > 0),
  epoch             integer NOT NULL CHECK (epoch >= 0),
  inquiries         integer NOT NULL CHECK (inquiries >= 0),
  trans_id          text CHECK (trans_id ~ '^[0-9]{1,19}$'),
  order_status      text,
  gateway_response  text,
  auth_url          text,
  failure_code      text,
  failure_message   text,
  doubt_reason      text,
  flags             text[] NOT NULL,
  submit_before     timestamptz(3) NOT NULL,
  next_step_at      timestamptz(3),
  created_at        timestamptz(3) NOT NULL,
  updated_at        timestamptz(3) NOT NULL,
  UNIQUE (merchant_id, reference),
  FOREIGN KEY (terminal_id, merchant_id) REFERENCES terminals (id, merchant_id),
  CONSTRAINT card_is_gone_once_fenced CHECK (sealed_card IS NULL OR status = 'queued'),
  CONSTRAINT never_refunded_beyond_amount CHECK (refunded_minor <= amount_minor),
  CONSTRAINT failure_is_explained CHECK (status NOT IN ('failed', 'declined', 'blocked') OR failure_code IS NOT NULL),
  CONSTRAINT doubt_is_explained CHECK ((status = 'in_doubt') = (doubt_reason IS NOT NULL))
);
CREATE INDEX payment_intents_by_merchant ON payment_intents (merchant_id, id DESC);
CREATE INDEX payment_intents_due ON payment_intents (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX payment_intents_in_doubt ON payment_intents (id) WHERE status = 'in_doubt';

-- The same table of moves as libs/payments/src/status.ts; a test compares the two.
CREATE TABLE payment_status_moves (
  from_status  payment_status NOT NULL,
  to_status    payment_status NOT NULL,
  PRIMARY KEY (from_status, to_status)
);

INSERT INTO payment_status_moves (from_status, to_status) VALUES
  ('queued', 'submitting'),
  ('queued', 'cancelled'),
  ('queued', 'failed'),
  ('submitting', 'queued'),
  ('submitting', 'requires_action'),
  ('submitting', 'processing'),
  ('submitting', 'in_doubt'),
  ('submitting', 'succeeded'),
  ('submitting', 'declined'),
  ('submitting', 'blocked'),
  ('submitting', 'failed'),
  ('submitting', 'expired'),
  ('submitting', 'cancelled'),
  ('submitting', 'refund_pending'),
  ('submitting', 'reversed'),
  ('submitting', 'charged_back'),
  ('submitting', 'disputed'),
  ('requires_action', 'processing'),
  ('requires_action', 'succeeded'),
  ('requires_action', 'declined'),
  ('requires_action', 'blocked'),
  ('requires_action', 'failed'),
  ('requires_action', 'expired'),
  ('requires_action', 'cancelled'),
  ('requires_action', 'refund_pending'),
  ('requires_action', 'reversed'),
  ('requires_action', 'charged_back'),
  ('requires_action', 'disputed'),
  ('processing', 'requires_action'),
  ('processing', 'succeeded'),
  ('processing', 'declined'),
  ('processing', 'blocked'),
  ('processing', 'failed'),
  ('processing', 'expired'),
  ('processing', 'cancelled'),
  ('processing', 'refund_pending'),
  ('processing', 'reversed'),
  ('processing', 'charged_back'),
  ('processing', 'disputed'),
  ('in_doubt', 'requires_action'),
  ('in_doubt', 'processing'),
  ('in_doubt', 'succeeded'),
  ('in_doubt', 'declined'),
  ('in_doubt', 'blocked'),
  ('in_doubt', 'failed'),
  ('in_doubt', 'expired'),
  ('in_doubt', 'cancelled'),
  ('in_doubt', 'refund_pending'),
  ('in_doubt', 'reversed'),
  ('in_doubt', 'charged_back'),
  ('in_doubt', 'disputed'),
  ('succeeded', 'refunded'),
  ('succeeded', 'partially_refunded'),
  ('succeeded', 'refund_pending'),
  ('succeeded', 'reversed'),
  ('succeeded', 'charged_back'),
  ('succeeded', 'disputed'),
  ('failed', 'succeeded'),
  ('failed', 'refund_pending'),
  ('failed', 'reversed'),
  ('failed', 'charged_back'),
  ('failed', 'disputed'),
  ('expired', 'succeeded'),
  ('expired', 'declined'),
  ('expired', 'refund_pending'),
  ('expired', 'reversed'),
  ('expired', 'charged_back'),
  ('expired', 'disputed'),
  ('cancelled', 'succeeded'),
  ('cancelled', 'declined'),
  ('cancelled', 'refund_pending'),
  ('cancelled', 'reversed'),
  ('cancelled', 'charged_back'),
  ('cancelled', 'disputed'),
  ('refund_pending', 'refunded'),
  ('refund_pending', 'partially_refunded'),
  ('refund_pending', 'reversed'),
  ('refund_pending', 'charged_back'),
  ('refund_pending', 'disputed'),
  ('refunded', 'charged_back'),
  ('refunded', 'disputed'),
  ('partially_refunded', 'charged_back'),
  ('partially_refunded', 'disputed'),
  ('reversed', 'charged_back'),
  ('reversed', 'disputed'),
  ('disputed', 'charged_back');

CREATE FUNCTION refuse_illegal_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'payment %: a move from % to % must raise the version by one', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM payment_status_moves WHERE from_status = OLD.status AND to_status = NEW.status) THEN
    RAISE EXCEPTION 'payment %: no move leads from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_illegal_move BEFORE UPDATE ON payment_intents
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refuse_illegal_move();

-- One row a move: the payment's history and the body of the event told to the order domain.
-- tx orders readers of /v1/events: a sequence alone could skip a row that commits late.
CREATE TABLE payment_events (
  payment_id       text NOT NULL REFERENCES payment_intents (id),
  sequence         integer NOT NULL CHECK (sequence > 0),
  merchant_id      text NOT NULL,
  status           payment_status NOT NULL,
  previous_status  payment_status,
  cause            move_cause NOT NULL,
  attempt          integer,
  gateway_code     text,
  note             text,
  snapshot         json NOT NULL,
  created_at       timestamptz(3) NOT NULL,
  tx               xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (payment_id, sequence),
  CHECK ((sequence = 1) = (previous_status IS NULL))
);
CREATE INDEX payment_events_in_commit_order ON payment_events (merchant_id, tx, payment_id, sequence);

-- One row a try to hand the payment over. A second open try for one payment cannot exist.
CREATE TABLE submission_attempts (
  payment_id    text NOT NULL REFERENCES payment_intents (id),
  number        integer NOT NULL CHECK (number > 0),
  opened_at     timestamptz(3) NOT NULL,
  deadline_at   timestamptz(3) NOT NULL,
  closed_at     timestamptz(3),
  outcome       text,
  http_status   integer,
  error_number  text,
  reason        text,
  duration_ms   integer,
  PRIMARY KEY (payment_id, number),
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX one_open_attempt_per_payment ON submission_attempts (payment_id) WHERE closed_at IS NULL;

-- What the gateway told us. Only allow-listed fields: the raw body can hold the merchant's private key.
CREATE TABLE callbacks (
  payment_id      text NOT NULL REFERENCES payment_intents (id),
  content_sha256  bytea NOT NULL CHECK (length(content_sha256) = 32),
  encrypted       boolean NOT NULL,
  verdict         callback_verdict NOT NULL,
  reason          text,
  fields          json NOT NULL,
  received_at     timestamptz(3) NOT NULL,
  PRIMARY KEY (payment_id, content_sha256)
);
CREATE INDEX callbacks_parked ON callbacks (received_at) WHERE verdict = 'parked';

-- Messages that are committed but not yet in Redis. The relay deletes a batch and publishes it in one short
-- transaction, so a process that dies in between leaves the rows where they were.
CREATE TABLE outbox (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id   text NOT NULL,
  sequence     integer NOT NULL,
  lane         text,
  created_at   timestamptz(3) NOT NULL
);
