-- Requests from outside the schedule to take the next step at once: of a callback, of a person, of a check. They are counted, so
-- that one that arrives while the gateway is being asked is still there when the answer is written, and has a job of its own.

-- Null counts as 0: processes of the version before do not know the columns.
ALTER TABLE payment_intents
  ADD COLUMN asks          integer CHECK (asks >= 0),
  -- The newest request that an answer of the gateway has come after.
  ADD COLUMN asks_answered integer CHECK (asks_answered >= 0);

-- A refund's own steps have no schedule to protect: the number only tells its jobs apart.
ALTER TABLE refunds ADD COLUMN asks integer CHECK (asks >= 0);
