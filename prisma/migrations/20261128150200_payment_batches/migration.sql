-- Batches of payment intents: how far each one is settled, so that a broken call can continue. The
-- payments themselves do not name their batch: a line that is sent again is recognized by its
-- reference (docs/adr/0042-batches-are-streams.md).
CREATE TABLE payment_batches (
  merchant_id  text           NOT NULL REFERENCES merchants (id),
  -- The merchant's own name of the batch, or one that was made for it.
  id           text           NOT NULL CHECK (id ~ '^[A-Za-z0-9._-]{1,64}$'),
  -- Raised by each call that continues the batch. Only the newest call counts lines.
  run          integer        NOT NULL CHECK (run > 0),
  -- Every line up to this number is settled: accepted, replayed, refused, or blank.
  settled      integer        NOT NULL,
  accepted     integer        NOT NULL CHECK (accepted >= 0),
  replayed     integer        NOT NULL CHECK (replayed >= 0),
  refused      integer        NOT NULL CHECK (refused >= 0),
  created_at   timestamptz(3) NOT NULL,
  updated_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (merchant_id, id),
  CONSTRAINT a_line_is_counted_once CHECK (accepted + replayed + refused <= settled)
);
