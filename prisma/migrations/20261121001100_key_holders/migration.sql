-- Which running process has which keys, so that nothing is sealed to a key that its opener does not have, and no key is destroyed
-- while somebody makes something with it. Kids only; never a key.

-- What each process says of itself, again and again while it runs. Of each list the first kid is that of the active key.
CREATE TABLE key_holders (
  process_id  text PRIMARY KEY,
  app         text NOT NULL CHECK (app IN ('api', 'worker', 'webhook')),
  host        text NOT NULL CHECK (length(host) BETWEEN 1 AND 255),
  pid         integer NOT NULL,
  keys        json NOT NULL,
  seen_at     timestamptz(3) NOT NULL
);

-- When a key was last active in any process: what was begun with it then may still be on its way to the database.
CREATE TABLE key_uses (
  purpose         text NOT NULL CHECK (purpose IN ('cards', 'terminalSecrets', 'callbackTokens')),
  kid             text NOT NULL CHECK (kid ~ '^[A-Za-z0-9_.-]{1,64}$'),
  last_active_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (purpose, kid)
);

-- What people do with these keys goes into the audit.
ALTER TABLE operator_actions DROP CONSTRAINT operator_actions_action_check;
ALTER TABLE operator_actions ADD CONSTRAINT operator_actions_action_check CHECK (action IN (
  'resolve', 'refunds resolve', 'events replay', 'merchants add', 'keys create', 'keys revoke', 'keys rotate', 'keys destroy',
  'terminals add', 'terminals set', 'terminals pause', 'terminals resume', 'operators add', 'operators renew', 'operators revoke',
  'propose', 'approve', 'withdraw', 'queue board'));
ALTER TABLE operator_actions DROP CONSTRAINT operator_actions_subject_kind_check;
ALTER TABLE operator_actions ADD CONSTRAINT operator_actions_subject_kind_check CHECK (subject_kind IN (
  'payment', 'refund', 'events', 'merchant', 'api_key', 'vault_key', 'terminal', 'operator', 'proposal', 'queue'));
