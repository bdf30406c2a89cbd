-- The rights of operators, and their sessions at the operations page
-- (docs/adr/0053-the-operations-page.md).

-- Existing operators were registered to act.
ALTER TABLE operators
  ADD COLUMN rights text NOT NULL DEFAULT 'act' CONSTRAINT operators_rights_check CHECK (rights IN ('read', 'act'));

-- A right is fixed like a name: other rights are another registration.
CREATE OR REPLACE FUNCTION refuse_rewritten_operators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NULL
    AND (NEW.id, NEW.name, NEW.key_sha256, NEW.created_at, NEW.rights)
      = (OLD.id, OLD.name, OLD.key_sha256, OLD.created_at, OLD.rights) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'operator %: can be revoked once, and nothing else', OLD.name
    USING ERRCODE = 'check_violation', CONSTRAINT = 'operator_is_only_revoked';
END $$;

-- A browser that signed in with the key of an operator, or with an ops key. Only the digest of the
-- cookie is stored.
CREATE TABLE operator_sessions (
  token_sha256  bytea PRIMARY KEY CONSTRAINT operator_sessions_token_sha256_check CHECK (length(token_sha256) = 32),
  operator_id   text REFERENCES operators (id),
  api_key_id    text REFERENCES api_keys (id),
  created_at    timestamptz(3) NOT NULL,
  -- Moved on by use, at most once a minute.
  seen_at       timestamptz(3) NOT NULL,
  -- The end, however much it is used.
  expires_at    timestamptz(3) NOT NULL,
  CONSTRAINT operator_session_has_one_owner CHECK (num_nonnulls(operator_id, api_key_id) = 1),
  CONSTRAINT operator_session_ends CHECK (expires_at > created_at AND seen_at >= created_at)
);
CREATE INDEX operator_sessions_expires_at ON operator_sessions (expires_at);

-- Adds to the list instead of replacing it, because other migrations add to it too.
DO $$
DECLARE
  listed text := pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'operator_actions_action_check';
BEGIN
  ALTER TABLE operator_actions DROP CONSTRAINT operator_actions_action_check;
  EXECUTE 'ALTER TABLE operator_actions ADD CONSTRAINT operator_actions_action_check '
    || replace(listed, 'ARRAY[', 'ARRAY[''inquire''::text, ''sign in''::text, ');
END $$;
