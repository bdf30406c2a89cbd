-- Queued payments by lane, oldest deadline first within each: the oldest of every lane is read once
-- a second, however many are queued. The same index lists every stored card, because a card is
-- stored only while its payment is queued.
CREATE INDEX payment_intents_queued_by_lane ON payment_intents (lane, submit_before, id) WHERE status = 'queued';
DROP INDEX payment_intents_queued;
