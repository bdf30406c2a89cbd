-- The settings of submission lanes. A lane is named by its terminals; one without a row has no
-- settings. They are here and not in Redis, which may be emptied at any time.
CREATE TABLE lanes (
  name             text PRIMARY KEY CHECK (name ~ '^[a-z0-9-]{1,40}$'),
  -- Most submissions in flight, of all workers together; null: the workers' own limits.
  concurrency      integer CHECK (concurrency BETWEEN 1 AND 10000),
  -- Most submissions that start in a second, of all workers together; null: unlimited.
  rate_per_second  integer CHECK (rate_per_second BETWEEN 1 AND 10000),
  paused_at        timestamptz(3) CHECK (isfinite(paused_at)),
  paused_reason    text CHECK (length(btrim(paused_reason)) BETWEEN 1 AND 1000),
  paused_by        text CHECK (length(paused_by) BETWEEN 1 AND 100),
  updated_at       timestamptz(3) NOT NULL CHECK (isfinite(updated_at)),
  CONSTRAINT lane_pause_is_explained CHECK (num_nonnulls(paused_at, paused_reason, paused_by) IN (0, 3))
);

-- Add to the lists instead of replacing them, because other migrations add to them too.
DO $$
DECLARE
  actions text := pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'operator_actions_action_check';
  subjects text := pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'operator_actions_subject_kind_check';
BEGIN
  ALTER TABLE operator_actions
    DROP CONSTRAINT operator_actions_action_check, DROP CONSTRAINT operator_actions_subject_kind_check;
  EXECUTE 'ALTER TABLE operator_actions ADD CONSTRAINT operator_actions_action_check '
    || replace(actions, 'ARRAY[', 'ARRAY[''lanes set''::text, ''lanes pause''::text, ''lanes resume''::text, ');
  EXECUTE 'ALTER TABLE operator_actions ADD CONSTRAINT operator_actions_subject_kind_check '
    || replace(subjects, 'ARRAY[', 'ARRAY[''lane''::text, ');
END $$;
