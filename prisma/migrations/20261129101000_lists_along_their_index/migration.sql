-- Lists read along an index from a cursor, by a comparison of rows: (merchant_id, id) < ($1, $2).
-- No other index has their order then, whatever the statistics are. A comparison of rows needs
-- columns that are all sorted in the same direction.
CREATE INDEX payment_intents_of_merchant ON payment_intents (merchant_id, id);
DROP INDEX payment_intents_by_merchant;
ALTER INDEX payment_intents_of_merchant RENAME TO payment_intents_by_merchant;

CREATE INDEX payment_intents_of_order ON payment_intents (merchant_id, order_id, id) WHERE order_id IS NOT NULL;
DROP INDEX payment_intents_by_order;
ALTER INDEX payment_intents_of_order RENAME TO payment_intents_by_order;

CREATE INDEX refunds_of_merchant ON refunds (merchant_id, id);
DROP INDEX refunds_by_merchant;
ALTER INDEX refunds_of_merchant RENAME TO refunds_by_merchant;

CREATE INDEX refunds_of_payment ON refunds (payment_id, id);
DROP INDEX refunds_by_payment;
ALTER INDEX refunds_of_payment RENAME TO refunds_by_payment;

-- A time is a bound on the id, which begins with it.
DROP INDEX refunds_by_time;

-- Operators' actions since an instant.
CREATE INDEX operator_actions_by_time ON operator_actions (at);
