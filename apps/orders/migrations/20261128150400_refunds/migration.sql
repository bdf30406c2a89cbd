-- The refunds of orders, one row per refund.
CREATE TABLE order_refunds (
  refund_id          text PRIMARY KEY,
  payment_intent_id  text NOT NULL,
  reference          text NOT NULL,
  -- In major units, as the event names it.
  amount             numeric NOT NULL,
  currency           text NOT NULL,
  status             text NOT NULL,
  -- The sequence of the newest event of the refund. A late, older event changes nothing.
  sequence           integer NOT NULL CHECK (sequence > 0),
  updated_at         timestamptz(3) NOT NULL
);
CREATE INDEX order_refunds_by_payment ON order_refunds (payment_intent_id, refund_id);
