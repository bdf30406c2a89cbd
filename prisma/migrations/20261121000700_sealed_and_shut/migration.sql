-- What must be found among all payments without reading them all: the cards that are still stored, oldest deadline first, and
-- the payments that a callback under an older key may still be about.

-- Every stored card is here, because a card is stored while its payment is queued and never longer.
CREATE INDEX payment_intents_queued ON payment_intents (submit_before, id) WHERE status = 'queued';

-- Which key the token in the callback address of the last attempt was made with; null before the first attempt, and for
-- attempts of the version before, which did not say.
ALTER TABLE payment_intents ADD COLUMN callback_kid text CHECK (callback_kid ~ '^[A-Za-z0-9_.-]{1,64}$');
CREATE INDEX payment_intents_awaiting_callback ON payment_intents (callback_kid)
  WHERE status IN ('submitting', 'requires_action', 'processing', 'in_doubt');
