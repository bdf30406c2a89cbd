-- Operators retry and discard failed jobs. Add to the list instead of replacing it, because other
-- migrations add to it too.
DO $$
DECLARE
  actions text := pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'operator_actions_action_check';
BEGIN
  ALTER TABLE operator_actions DROP CONSTRAINT operator_actions_action_check;
  EXECUTE 'ALTER TABLE operator_actions ADD CONSTRAINT operator_actions_action_check '
    || replace(actions, 'ARRAY[', 'ARRAY[''queues retry''::text, ''queues discard''::text, ');
END $$;
