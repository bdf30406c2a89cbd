-- What is due is claimed by kind: first what somebody waits for, then the watch over payments that have ended, of which any number may be
-- due at once. One index for each, so that neither has to be looked for among the other.

-- The predicates are those of libs/persistence/src/due-kinds.ts; a test shows that the claims find their index.
CREATE INDEX payment_intents_due_first ON payment_intents (next_step_at)
  WHERE next_step_at IS NOT NULL AND (status IN ('queued', 'submitting', 'requires_action', 'processing', 'in_doubt')
    OR COALESCE(asks, 0) > COALESCE(asks_answered, 0));
CREATE INDEX payment_intents_due_watched ON payment_intents (next_step_at)
  WHERE next_step_at IS NOT NULL AND status NOT IN ('queued', 'submitting', 'requires_action', 'processing', 'in_doubt')
    AND COALESCE(asks, 0) <= COALESCE(asks_answered, 0);
DROP INDEX payment_intents_due;
