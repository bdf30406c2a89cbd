-- Everything a person changes is one row of one log, in the commit of the change. The rows are a chain: each holds the digest of
-- the one before it, so that a row that was changed, taken away, slipped in or moved is found by `quittance audit verify`
-- (PCI DSS 10.2.1.2, 10.3.2, 10.3.4; docs/adr/0018-audit-chain.md).

-- Who may act. Only the digest of a key is kept. While the table is empty, the operating system says who acts.
CREATE TABLE operators (
  id          text PRIMARY KEY,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  key_sha256  bytea NOT NULL UNIQUE CHECK (length(key_sha256) = 32),
  created_at  timestamptz(3) NOT NULL,
  revoked_at  timestamptz(3)
);
CREATE UNIQUE INDEX operators_active_name ON operators (name) WHERE revoked_at IS NULL;

CREATE FUNCTION refuse_rewritten_operators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NULL
    AND (NEW.id, NEW.name, NEW.key_sha256, NEW.created_at) = (OLD.id, OLD.name, OLD.key_sha256, OLD.created_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'operator %: can be revoked once, and nothing else', OLD.name
    USING ERRCODE = 'check_violation', CONSTRAINT = 'operator_is_only_revoked';
END $$;
CREATE TRIGGER refuse_rewritten_operators BEFORE UPDATE OR DELETE ON operators
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_operators();

-- What one person wants and a second has to approve. It is decided once, and never changed.
CREATE TABLE operator_proposals (
  id            text PRIMARY KEY,
  action        text NOT NULL CHECK (action IN ('resolve', 'refunds resolve', 'events replay', 'operators add')),
  subject_kind  text NOT NULL,
  subject_id    text NOT NULL,
  arguments     json NOT NULL,
  why           text CHECK (length(btrim(why)) BETWEEN 1 AND 1000),
  proposed_by   text NOT NULL CHECK (length(proposed_by) BETWEEN 1 AND 100),
  proposed_at   timestamptz(3) NOT NULL,
  expires_at    timestamptz(3) NOT NULL CHECK (expires_at > proposed_at),
  decision      text CHECK (decision IN ('approved', 'withdrawn')),
  decided_by    text CHECK (length(decided_by) BETWEEN 1 AND 100),
  decided_at    timestamptz(3),
  CONSTRAINT decision_is_whole CHECK (num_nonnulls(decision, decided_by, decided_at) IN (0, 3)),
  CONSTRAINT nobody_approves_their_own CHECK (decision <> 'approved' OR decided_by <> proposed_by),
  CONSTRAINT nothing_expired_is_approved CHECK (decision <> 'approved' OR decided_at < expires_at)
);
CREATE INDEX operator_proposals_open ON operator_proposals (id) WHERE decision IS NULL;

CREATE FUNCTION refuse_rewritten_proposals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.decision IS NULL
    AND (NEW.id, NEW.action, NEW.subject_kind, NEW.subject_id, NEW.arguments::text, NEW.proposed_by, NEW.proposed_at, NEW.expires_at)
      = (OLD.id, OLD.action, OLD.subject_kind, OLD.subject_id, OLD.arguments::text, OLD.proposed_by, OLD.proposed_at, OLD.expires_at)
    AND NEW.why IS NOT DISTINCT FROM OLD.why THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'proposal %: is decided once, and never changed', OLD.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_is_decided_once';
END $$;
CREATE TRIGGER refuse_rewritten_proposals BEFORE UPDATE OR DELETE ON operator_proposals
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_proposals();

-- The end of the chain. Its row is the lock under which numbers and hashes are given, so that the order of the chain is the order
-- of the numbers and of the commits, and a number is never left out.
CREATE TABLE audit_head (
  only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  number    bigint NOT NULL CHECK (number >= 0),
  hash      bytea NOT NULL CHECK (length(hash) = 32)
);
INSERT INTO audit_head (number, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- The log as it was is entered into the chain below, in its order.
CREATE TEMPORARY TABLE unchained_actions ON COMMIT DROP AS
  SELECT id, at, operator, action, payment_id, sequence, evidence, before, after FROM operator_actions;
DROP TABLE operator_actions;
DROP FUNCTION refuse_rewritten_actions();

CREATE TABLE operator_actions (
  number         bigint PRIMARY KEY,
  at             timestamptz(3) NOT NULL CHECK (isfinite(at)),
  operator       text NOT NULL CHECK (length(operator) BETWEEN 1 AND 100),
  action         text NOT NULL CHECK (action IN (
    'resolve', 'refunds resolve', 'events replay', 'merchants add', 'keys create', 'keys revoke', 'terminals add',
    'terminals set', 'terminals pause', 'terminals resume', 'operators add', 'operators renew', 'operators revoke',
    'propose', 'approve', 'withdraw', 'queue board')),
  subject_kind   text NOT NULL CHECK (subject_kind IN (
    'payment', 'refund', 'events', 'merchant', 'api_key', 'terminal', 'operator', 'proposal', 'queue')),
  subject_id     text NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 200),
  -- Of the move it caused, where it caused one.
  sequence       integer,
  why            text CHECK (length(btrim(why)) BETWEEN 1 AND 1000),
  before         json,
  after          json,
  proposal_id    text REFERENCES operator_proposals (id),
  proposed_by    text CHECK (length(proposed_by) BETWEEN 1 AND 100),
  previous_hash  bytea NOT NULL,
  hash           bytea NOT NULL UNIQUE,
  -- Made of the subject, so that they cannot say anything else.
  payment_id     text GENERATED ALWAYS AS (CASE WHEN subject_kind = 'payment' THEN subject_id END) STORED,
  refund_id      text GENERATED ALWAYS AS (CASE WHEN subject_kind = 'refund' THEN subject_id END) STORED,
  CONSTRAINT four_eyes_are_of_two CHECK (num_nonnulls(proposal_id, proposed_by) IN (0, 2) AND proposed_by <> operator),
  CONSTRAINT a_word_about_money_has_a_reason CHECK (
    action NOT IN ('resolve', 'refunds resolve') OR num_nonnulls(sequence, why, before, after) = 4),
  CONSTRAINT resolve_names_a_payment CHECK (action <> 'resolve' OR subject_kind = 'payment'),
  CONSTRAINT refunds_resolve_names_a_refund CHECK (action <> 'refunds resolve' OR subject_kind = 'refund'),
  UNIQUE (payment_id, sequence),
  UNIQUE (refund_id, sequence),
  FOREIGN KEY (payment_id, sequence) REFERENCES payment_events (payment_id, sequence),
  FOREIGN KEY (refund_id, sequence) REFERENCES refund_events (refund_id, sequence)
);
CREATE INDEX operator_actions_by_subject ON operator_actions (subject_id, number);

-- A value with its length in bytes before it, so that no two lists of values read the same; `~` for none.
CREATE FUNCTION audit_part(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NULL THEN '~' ELSE octet_length(convert_to(value, 'UTF8'))::text || ':' || value END
$$;

-- Gives a row its number and its hash. With its owner's rights, because who may write actions need not be able to write the head.
-- The same form is recomputed in libs/persistence/src/audit/audit-chain.ts.
CREATE FUNCTION chain_operator_action() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  head audit_head;
BEGIN
  SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
  NEW.number := head.number + 1;
  NEW.previous_hash := head.hash;
  NEW.hash := sha256(convert_to(
    audit_part('quittance-audit-1') || audit_part(NEW.number::text)
    || audit_part(to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    || audit_part(NEW.operator) || audit_part(NEW.action) || audit_part(NEW.subject_kind) || audit_part(NEW.subject_id)
    || audit_part(NEW.sequence::text) || audit_part(NEW.why) || audit_part(NEW.before::text) || audit_part(NEW.after::text)
    || audit_part(NEW.proposal_id) || audit_part(NEW.proposed_by) || audit_part(encode(NEW.previous_hash, 'hex')),
    'UTF8'));
  UPDATE audit_head SET number = NEW.number, hash = NEW.hash;
  RETURN NEW;
END $$;
CREATE TRIGGER chain_operator_action BEFORE INSERT ON operator_actions
  FOR EACH ROW EXECUTE FUNCTION chain_operator_action();

CREATE FUNCTION refuse_rewritten_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what an operator did is never changed nor taken back'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'operator_action_is_never_rewritten';
END $$;
CREATE TRIGGER refuse_rewritten_audit BEFORE UPDATE OR DELETE ON operator_actions
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_audit();
CREATE TRIGGER refuse_emptied_audit BEFORE TRUNCATE ON operator_actions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewritten_audit();
-- Only the trigger above moves the head.
CREATE TRIGGER refuse_moved_head BEFORE INSERT OR UPDATE OR DELETE ON audit_head
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_rewritten_audit();
CREATE TRIGGER refuse_emptied_head BEFORE TRUNCATE ON audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewritten_audit();

INSERT INTO operator_actions (at, operator, action, subject_kind, subject_id, sequence, why, before, after)
SELECT at, operator, action, 'payment', payment_id, sequence, evidence, before, after FROM unchained_actions ORDER BY id;
