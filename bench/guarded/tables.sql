-- What the guarded version keeps: the payment with its version and fence, its history, its attempts, what the gateway told, and
-- the messages that are committed but not yet in Redis; for the order domain what it has seen and what came of it. No triggers:
-- the code is trusted to write event and status together, as most people would trust it.
CREATE TABLE payments (
  id                text PRIMARY KEY,
  merchant_id       text NOT NULL,
  reference         text NOT NULL,
  status            text NOT NULL,
  version           integer NOT NULL CHECK (version > 0),
  epoch             integer NOT NULL CHECK (epoch >= 0),
  sealed_card       text,
  amount            numeric(12, 2) NOT NULL CHECK (amount > 0),
  currency          text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  method            text NOT NULL,
  product_name      text NOT NULL,
  customer          json NOT NULL,
  return_url        text NOT NULL,
  card_last4        text NOT NULL CHECK (length(card_last4) = 4),
  trans_id          text CHECK (trans_id ~ '^[0-9]{1,19}$'),
  order_status      text,
  gateway_response  text,
  auth_url          text,
  doubt_reason      text,
  created_at        timestamptz(3) NOT NULL,
  updated_at        timestamptz(3) NOT NULL,
  UNIQUE (merchant_id, reference),
  CONSTRAINT card_is_gone_once_fenced CHECK (sealed_card IS NULL OR status = 'queued'),
  CONSTRAINT doubt_is_explained CHECK ((status = 'in_doubt') = (doubt_reason IS NOT NULL))
);

CREATE TABLE payment_events (
  payment_id       text NOT NULL REFERENCES payments (id),
  sequence         integer NOT NULL CHECK (sequence > 0),
  status           text NOT NULL,
  previous_status  text,
  cause            text NOT NULL,
  snapshot         json NOT NULL,
  created_at       timestamptz(3) NOT NULL,
  PRIMARY KEY (payment_id, sequence),
  CHECK ((sequence = 1) = (previous_status IS NULL))
);

-- The events that are committed and not published.
CREATE TABLE outbox (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id  text NOT NULL,
  sequence    integer NOT NULL
);

CREATE TABLE attempts (
  payment_id   text NOT NULL REFERENCES payments (id),
  number       integer NOT NULL CHECK (number > 0),
  opened_at    timestamptz(3) NOT NULL,
  deadline_at  timestamptz(3) NOT NULL,
  closed_at    timestamptz(3),
  outcome      text,
  http_status  integer,
  PRIMARY KEY (payment_id, number),
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX one_open_attempt_per_payment ON attempts (payment_id) WHERE closed_at IS NULL;

CREATE TABLE callbacks (
  payment_id      text NOT NULL REFERENCES payments (id),
  content_sha256  bytea NOT NULL CHECK (length(content_sha256) = 32),
  fields          json NOT NULL,
  received_at     timestamptz(3) NOT NULL,
  PRIMARY KEY (payment_id, content_sha256)
);

CREATE TABLE event_inbox (
  subject      text NOT NULL,
  sequence     integer NOT NULL,
  received_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (subject, sequence)
);

CREATE TABLE orders (
  payment_id   text PRIMARY KEY,
  reference    text NOT NULL,
  status       text NOT NULL,
  sequence     integer NOT NULL,
  received_at  timestamptz(3) NOT NULL
);
