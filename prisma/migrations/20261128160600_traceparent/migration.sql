-- The trace of a payment (W3C Trace Context §3.2), which the processes after the intake continue, and
-- the events carry to the order domain; null when neither the caller nor this system traces.
ALTER TABLE payment_intents
  ADD COLUMN traceparent text CONSTRAINT traceparent_is_one
    CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');

-- Copied from the payment, so that the relay need not read its row.
ALTER TABLE outbox ADD COLUMN traceparent text;
