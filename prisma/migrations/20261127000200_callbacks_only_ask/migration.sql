-- A callback changes no payment; it has the gateway asked. No terminal can believe more of it than another.
ALTER TABLE terminals DROP COLUMN confirm_plain_success;

-- When the newest question that a callback called for is or was due: such questions keep their distance.
ALTER TABLE payment_intents ADD COLUMN hinted_at timestamptz(3);
