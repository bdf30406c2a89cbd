-- The merchant's order, which several payments may be for: after a decline the payer tries another
-- card, under another reference.
ALTER TABLE payment_intents
  ADD COLUMN order_id text CHECK (order_id ~ '^[A-Za-z0-9._-]{1,64}$' AND order_id ~ '[A-Za-z]');

CREATE INDEX payment_intents_by_order ON payment_intents (merchant_id, order_id, id DESC)
  WHERE order_id IS NOT NULL;

-- The header Idempotency-Key of the request that made the payment. One key, one request.
ALTER TABLE payment_intents
  ADD COLUMN idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 255);

CREATE UNIQUE INDEX one_payment_per_idempotency_key ON payment_intents (merchant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
