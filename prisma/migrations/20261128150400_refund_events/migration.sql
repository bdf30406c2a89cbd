-- Events of refunds (docs/adr/0044-refunds-number-their-own-events.md). A refund's history becomes
-- the body of its published events, as a payment's is.

-- Null in rows from before this migration, which were never published. Every new row has them.
ALTER TABLE refund_events
  ADD COLUMN merchant_id      text,
  ADD COLUMN payment_id       text,
  -- The payment's version at the transition: with the id, the event whose snapshot shows the
  -- payment.
  ADD COLUMN payment_version  integer,
  -- The refund as its public JSON, right after the transition.
  ADD COLUMN snapshot         json,
  ADD COLUMN tx               xid8;
-- Not in the statement above: old rows have no place in the list of events.
ALTER TABLE refund_events ALTER COLUMN tx SET DEFAULT pg_current_xact_id();
ALTER TABLE refund_events
  ADD CONSTRAINT refund_event_is_publishable
    CHECK (num_nonnulls(merchant_id, payment_id, payment_version, snapshot, tx) = 5) NOT VALID,
  -- Deferred: a transaction that moves both writes the refund's event first.
  ADD CONSTRAINT refund_event_shows_the_payment
    FOREIGN KEY (payment_id, payment_version) REFERENCES payment_events (payment_id, sequence)
    DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX refund_events_in_commit_order ON refund_events (merchant_id, tx, refund_id, sequence);
CREATE INDEX refund_events_by_time ON refund_events USING brin (created_at);

-- For the list of a merchant's refunds, newest first, and for those since an instant.
CREATE INDEX refunds_by_merchant ON refunds (merchant_id, id DESC);
CREATE INDEX refunds_by_time ON refunds (merchant_id, created_at);
