-- Everything that Quittance stores. Queues can be emptied at any moment; what these tables hold can
-- always be turned back into work. The processes write times by their own clock, never by defaults,
-- so that a row and its event agree to the millisecond.
--
-- 1 merchants, API keys, terminals   4 refunds             7 encryption keys
-- 2 payments                         5 outbox and Redis    8 rules about payments and refunds
-- 3 attempts, callbacks, inquiries   6 operators, audit    9 the horizon of the event list

-- 1. Merchants, their API keys, and their terminals at the gateway

CREATE TABLE merchants (
  id          text PRIMARY KEY,
  name        text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  created_at  timestamptz(3) NOT NULL
);

-- Keys are random 256-bit secrets, so a plain SHA-256 is enough to store them: there is nothing to
-- guess.
CREATE TABLE api_keys (
  id                   text PRIMARY KEY,
  -- Null for an operator's key, which has a holder instead
  -- (docs/adr/0028-ops-keys-belong-to-no-merchant.md).
  merchant_id          text REFERENCES merchants (id),
  secret_sha256        bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
  scopes               text[] NOT NULL CHECK (cardinality(scopes) > 0),
  created_at           timestamptz(3) NOT NULL,
  expires_at           timestamptz(3),
  revoked_at           timestamptz(3),
  last_used_at         timestamptz(3),
  -- Requests must be signed with the private half (RFC 9421). Only the public half is stored.
  signing_public_key   bytea CHECK (length(signing_public_key) = 32),
  -- Instead of KEY_REQUESTS_PER_SECOND.
  requests_per_second  integer CHECK (requests_per_second > 0),
  -- The name, in the audit log, of the person or machine that has an operator's key.
  holder               text CHECK (length(holder) BETWEEN 1 AND 100),
  CONSTRAINT key_has_one_owner CHECK (num_nonnulls(merchant_id, holder) = 1),
  -- The queue board shows every merchant's jobs, so its scopes are the operator's. A revoked key
  -- grants nothing and stays as it was.
  CONSTRAINT ops_scopes_are_the_operators CHECK (
    revoked_at IS NOT NULL
    OR CASE WHEN merchant_id IS NULL THEN scopes <@ '{ops:read,ops:write}' ELSE NOT scopes && '{ops:read,ops:write}' END)
);

-- Nonces of accepted signed requests, for as long as the signature is valid. Only digests: a caller
-- may put anything into a nonce, including what may not be stored.
CREATE TABLE signature_nonces (
  -- SHA-256 of the API key's id and the nonce.
  digest      bytea          PRIMARY KEY CHECK (octet_length(digest) = 32),
  -- By Postgres' clock, and only to delete the row.
  expires_at  timestamptz(3) NOT NULL
);
CREATE INDEX signature_nonces_expires_at ON signature_nonces (expires_at);

CREATE TYPE terminal_protocol AS ENUM ('encrypted', 'plain');
CREATE TYPE callback_encryption AS ENUM ('aes256', 'none');
CREATE TYPE terminal_mode AS ENUM ('test', 'live');
CREATE TYPE inquiry_strategy AS ENUM ('trans_id', 'reference', 'probe');

CREATE TABLE terminals (
  id                   text PRIMARY KEY,
  merchant_id          text NOT NULL REFERENCES merchants (id),
  name                 text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  base_url             text NOT NULL CHECK (base_url ~ '^https?://'),
  number               integer NOT NULL CHECK (number > 0),
  public_key           text NOT NULL,
  sealed_private_key   text NOT NULL,
  protocol             terminal_protocol NOT NULL,
  callback_encryption  callback_encryption NOT NULL,
  mode                 terminal_mode NOT NULL,
  lane                 text NOT NULL CHECK (lane ~ '^[a-z0-9-]{1,40}$'),
  inquiry              inquiry_strategy NOT NULL,
  paused_at            timestamptz(3),
  paused_reason        text,
  created_at           timestamptz(3) NOT NULL,
  -- The time after which "not found" is an answer. Only the existence probe can prove an absence
  -- (gateway protocol §11).
  absent_after_ms      bigint,
  UNIQUE (merchant_id, name),
  UNIQUE (id, merchant_id),
  CHECK ((paused_at IS NULL) = (paused_reason IS NULL)),
  CONSTRAINT absence_needs_patience CHECK (absent_after_ms >= 60000),
  CONSTRAINT absence_needs_proof CHECK (absent_after_ms IS NULL OR inquiry = 'probe')
);

-- The gateway behind a terminal's address: its host in lower case, and the port unless it is the
-- scheme's default. Neither scheme nor path distinguishes two gateways: test and live terminals,
-- and two paths, lead to the same ledger.
CREATE FUNCTION gateway_of(base_url text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  part text[] := regexp_match(base_url, '^(https?)://(?:[^/?#@\\]*@)?(\[[^\]]*\]|[^/?#:\\]*)(?::0*(\d*))?', 'i');
  host text := rtrim(lower(part[2]), '.');
  is_default boolean := COALESCE(part[3], '') = '' OR (lower(part[1]), part[3]) IN (('http', '80'), ('https', '443'));
BEGIN
  RETURN CASE WHEN is_default THEN host ELSE host || ':' || part[3] END;
END $$;

-- 2. Payments

CREATE TYPE payment_status AS ENUM (
  'queued', 'submitting', 'requires_action', 'processing', 'in_doubt', 'succeeded', 'declined', 'blocked',
  'failed', 'expired', 'cancelled', 'refund_pending', 'refunded', 'partially_refunded', 'reversed',
  'charged_back', 'disputed'
);
CREATE TYPE payment_method AS ENUM ('CC', 'DC', 'NB', 'WALLET', 'UPICOLLECT', 'QRINTENT');
CREATE TYPE move_cause AS ENUM ('request', 'reply', 'callback', 'inquiry', 'operator', 'sweeper');

CREATE TABLE payment_intents (
  id                     text PRIMARY KEY,
  merchant_id            text NOT NULL,
  terminal_id            text NOT NULL,
  reference              text NOT NULL CHECK (reference ~ '^[A-Za-z0-9._-]{1,64}$' AND reference ~ '[A-Za-z]'),
  mode                   terminal_mode NOT NULL,
  lane                   text NOT NULL,
  amount_minor           bigint NOT NULL CHECK (amount_minor > 0),
  refunded_minor         bigint NOT NULL CHECK (refunded_minor >= 0),
  currency               text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  method                 payment_method NOT NULL,
  product_name           text NOT NULL,
  return_url             text NOT NULL,
  source_url             text,
  customer               json NOT NULL,
  metadata               json NOT NULL,
  card_brand             text,
  card_first6            text CHECK (card_first6 ~ '^[0-9]{6}$'),
  card_last4             text CHECK (card_last4 ~ '^[0-9]{4}$'),
  sealed_card            text,
  status                 payment_status NOT NULL,
  version                integer NOT NULL CHECK (version > 0),
  epoch                  integer NOT NULL CHECK (epoch >= 0),
  inquiries              integer NOT NULL CHECK (inquiries >= 0),
  trans_id               text CHECK (trans_id ~ '^[0-9]{1,19}$'),
  order_status           text,
  gateway_response       text,
  auth_url               text,
  failure_code           text,
  failure_message        text,
  doubt_reason           text,
  flags                  text[] NOT NULL,
  submit_before          timestamptz(3) NOT NULL,
  next_step_at           timestamptz(3),
  created_at             timestamptz(3) NOT NULL,
  updated_at             timestamptz(3) NOT NULL,
  -- Null while no refund has reserved anything.
  refund_reserved_minor  bigint CHECK (refund_reserved_minor > 0),
  -- The key that made the token in the callback address of the last attempt; null before the first
  -- attempt.
  callback_kid           text CHECK (callback_kid ~ '^[A-Za-z0-9_.-]{1,64}$'),
  -- When the newest inquiry that a callback caused is or was due: such inquiries are spaced.
  hinted_at              timestamptz(3),
  -- The gateway that returned the transID, however the terminal's address changes afterwards.
  gateway                text,
  -- Requests from outside the schedule to take the next step at once: of a callback, of a person,
  -- of a check. They are counted, so that a request during an inquiry is still there when the
  -- answer is written, and has a job of its own. Null counts as 0.
  asks                   integer CHECK (asks >= 0),
  -- The newest request that an answer of the gateway followed.
  asks_answered          integer CHECK (asks_answered >= 0),
  UNIQUE (merchant_id, reference),
  FOREIGN KEY (terminal_id, merchant_id) REFERENCES terminals (id, merchant_id),
  CONSTRAINT card_is_gone_once_fenced CHECK (sealed_card IS NULL OR status = 'queued'),
  CONSTRAINT never_refunded_beyond_amount CHECK (refunded_minor <= amount_minor),
  CONSTRAINT failure_is_explained CHECK (status NOT IN ('failed', 'declined', 'blocked') OR failure_code IS NOT NULL),
  CONSTRAINT doubt_is_explained CHECK ((status = 'in_doubt') = (doubt_reason IS NOT NULL)),
  CONSTRAINT never_reserved_beyond_amount CHECK (refund_reserved_minor <= amount_minor),
  CONSTRAINT refunded_was_reserved CHECK (refunded_minor <= COALESCE(refund_reserved_minor, 0))
);
CREATE INDEX payment_intents_by_merchant ON payment_intents (merchant_id, id DESC);
CREATE INDEX payment_intents_in_doubt ON payment_intents (id) WHERE status = 'in_doubt';
-- Due steps are claimed by kind: first those that a caller waits for, then the watch over payments
-- in a final status, of which any number may be due at once. The predicates are those of
-- libs/persistence/src/due-kinds.ts; a test proves that the claims use them.
CREATE INDEX payment_intents_due_first ON payment_intents (next_step_at)
  WHERE next_step_at IS NOT NULL AND (status IN ('queued', 'submitting', 'requires_action', 'processing', 'in_doubt')
    OR COALESCE(asks, 0) > COALESCE(asks_answered, 0));
CREATE INDEX payment_intents_due_watched ON payment_intents (next_step_at)
  WHERE next_step_at IS NOT NULL AND status NOT IN ('queued', 'submitting', 'requires_action', 'processing', 'in_doubt')
    AND COALESCE(asks, 0) <= COALESCE(asks_answered, 0);
-- Every stored card, oldest deadline first: a card is stored only while its payment is queued.
CREATE INDEX payment_intents_queued ON payment_intents (submit_before, id) WHERE status = 'queued';
-- The payments that a callback under an older key may still concern.
CREATE INDEX payment_intents_awaiting_callback ON payment_intents (callback_kid)
  WHERE status IN ('submitting', 'requires_action', 'processing', 'in_doubt');
-- A transaction of a gateway belongs to one payment. The transID comes first: a search for other
-- owners does not need the gateway.
CREATE UNIQUE INDEX one_payment_per_transaction ON payment_intents (trans_id, gateway) WHERE trans_id IS NOT NULL;

-- The transitions of libs/payments/src/status.ts; a test compares the two.
CREATE TABLE payment_status_moves (
  from_status  payment_status NOT NULL,
  to_status    payment_status NOT NULL,
  PRIMARY KEY (from_status, to_status)
);

INSERT INTO payment_status_moves (from_status, to_status) VALUES
  ('queued', 'submitting'),
  ('queued', 'failed'),
  ('queued', 'cancelled'),
  ('submitting', 'queued'),
  ('submitting', 'requires_action'),
  ('submitting', 'processing'),
  ('submitting', 'in_doubt'),
  ('submitting', 'succeeded'),
  ('submitting', 'declined'),
  ('submitting', 'blocked'),
  ('submitting', 'failed'),
  ('submitting', 'expired'),
  ('submitting', 'cancelled'),
  ('submitting', 'refund_pending'),
  ('submitting', 'reversed'),
  ('submitting', 'charged_back'),
  ('submitting', 'disputed'),
  ('requires_action', 'processing'),
  ('requires_action', 'succeeded'),
  ('requires_action', 'declined'),
  ('requires_action', 'blocked'),
  ('requires_action', 'failed'),
  ('requires_action', 'expired'),
  ('requires_action', 'cancelled'),
  ('requires_action', 'refund_pending'),
  ('requires_action', 'reversed'),
  ('requires_action', 'charged_back'),
  ('requires_action', 'disputed'),
  ('processing', 'requires_action'),
  ('processing', 'succeeded'),
  ('processing', 'declined'),
  ('processing', 'blocked'),
  ('processing', 'failed'),
  ('processing', 'expired'),
  ('processing', 'cancelled'),
  ('processing', 'refund_pending'),
  ('processing', 'reversed'),
  ('processing', 'charged_back'),
  ('processing', 'disputed'),
  ('in_doubt', 'requires_action'),
  ('in_doubt', 'processing'),
  ('in_doubt', 'succeeded'),
  ('in_doubt', 'declined'),
  ('in_doubt', 'blocked'),
  ('in_doubt', 'failed'),
  ('in_doubt', 'expired'),
  ('in_doubt', 'cancelled'),
  ('in_doubt', 'refund_pending'),
  ('in_doubt', 'reversed'),
  ('in_doubt', 'charged_back'),
  ('in_doubt', 'disputed'),
  ('succeeded', 'refund_pending'),
  ('succeeded', 'refunded'),
  ('succeeded', 'partially_refunded'),
  ('succeeded', 'reversed'),
  ('succeeded', 'charged_back'),
  ('succeeded', 'disputed'),
  ('declined', 'succeeded'),
  ('declined', 'blocked'),
  ('declined', 'failed'),
  ('declined', 'expired'),
  ('declined', 'cancelled'),
  ('declined', 'refund_pending'),
  ('declined', 'reversed'),
  ('declined', 'charged_back'),
  ('declined', 'disputed'),
  ('blocked', 'succeeded'),
  ('blocked', 'declined'),
  ('blocked', 'failed'),
  ('blocked', 'expired'),
  ('blocked', 'cancelled'),
  ('blocked', 'refund_pending'),
  ('blocked', 'reversed'),
  ('blocked', 'charged_back'),
  ('blocked', 'disputed'),
  ('failed', 'succeeded'),
  ('failed', 'declined'),
  ('failed', 'blocked'),
  ('failed', 'expired'),
  ('failed', 'cancelled'),
  ('failed', 'refund_pending'),
  ('failed', 'reversed'),
  ('failed', 'charged_back'),
  ('failed', 'disputed'),
  ('expired', 'succeeded'),
  ('expired', 'declined'),
  ('expired', 'blocked'),
  ('expired', 'failed'),
  ('expired', 'cancelled'),
  ('expired', 'refund_pending'),
  ('expired', 'reversed'),
  ('expired', 'charged_back'),
  ('expired', 'disputed'),
  ('cancelled', 'succeeded'),
  ('cancelled', 'declined'),
  ('cancelled', 'blocked'),
  ('cancelled', 'failed'),
  ('cancelled', 'expired'),
  ('cancelled', 'refund_pending'),
  ('cancelled', 'reversed'),
  ('cancelled', 'charged_back'),
  ('cancelled', 'disputed'),
  ('refund_pending', 'refunded'),
  ('refund_pending', 'partially_refunded'),
  ('refund_pending', 'reversed'),
  ('refund_pending', 'charged_back'),
  ('refund_pending', 'disputed'),
  ('refunded', 'charged_back'),
  ('refunded', 'disputed'),
  ('partially_refunded', 'charged_back'),
  ('partially_refunded', 'disputed'),
  ('reversed', 'charged_back'),
  ('reversed', 'disputed'),
  ('disputed', 'succeeded'),
  ('disputed', 'refund_pending'),
  ('disputed', 'refunded'),
  ('disputed', 'partially_refunded'),
  ('disputed', 'reversed'),
  ('disputed', 'charged_back');

-- One row per transition: the payment's history and the body of the published event. tx orders
-- readers of /v1/events: a sequence alone could skip a row that commits late.
CREATE TABLE payment_events (
  payment_id       text NOT NULL REFERENCES payment_intents (id),
  sequence         integer NOT NULL CHECK (sequence > 0),
  merchant_id      text NOT NULL,
  status           payment_status NOT NULL,
  previous_status  payment_status,
  cause            move_cause NOT NULL,
  attempt          integer,
  gateway_code     text,
  note             text,
  snapshot         json NOT NULL,
  created_at       timestamptz(3) NOT NULL,
  tx               xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (payment_id, sequence),
  CHECK ((sequence = 1) = (previous_status IS NULL))
);
CREATE INDEX payment_events_in_commit_order ON payment_events (merchant_id, tx, payment_id, sequence);
-- Events are inserted in time order, so a block range index finds the recent ones at almost no
-- cost.
CREATE INDEX payment_events_by_time ON payment_events USING brin (created_at);

-- Payments whose own request the gateway answered with a transaction that another payment has. One
-- of the two is wrong, and the data cannot show which: the transaction is not refunded until an
-- operator has deleted the row.
CREATE TABLE transaction_claims (
  payment_id  text NOT NULL REFERENCES payment_intents (id),
  gateway     text NOT NULL,
  trans_id    text NOT NULL,
  claimed_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (payment_id, gateway, trans_id)
);
CREATE INDEX transaction_claims_by_transaction ON transaction_claims (trans_id, gateway);

-- 3. Attempts, callbacks and inquiries

-- One row per attempt to submit the payment. A payment cannot have a second open attempt.
CREATE TABLE submission_attempts (
  payment_id    text NOT NULL REFERENCES payment_intents (id),
  number        integer NOT NULL CHECK (number > 0),
  opened_at     timestamptz(3) NOT NULL,
  deadline_at   timestamptz(3) NOT NULL,
  closed_at     timestamptz(3),
  outcome       text,
  http_status   integer,
  error_number  text,
  reason        text,
  duration_ms   integer,
  -- A UUID unique to this opening. If the response to that commit is lost, it lets the process that
  -- wrote it, and no other, know that it may send.
  opened_by     uuid,
  PRIMARY KEY (payment_id, number),
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX one_open_attempt_per_payment ON submission_attempts (payment_id) WHERE closed_at IS NULL;

-- The gateway's callbacks. Only allow-listed fields: the raw body can contain the merchant's
-- private key.
CREATE TYPE callback_verdict AS ENUM ('applied', 'ignored', 'awaiting_inquiry', 'parked');
CREATE TABLE callbacks (
  payment_id      text NOT NULL REFERENCES payment_intents (id),
  content_sha256  bytea NOT NULL CHECK (length(content_sha256) = 32),
  encrypted       boolean NOT NULL,
  verdict         callback_verdict NOT NULL,
  reason          text,
  fields          json NOT NULL,
  received_at     timestamptz(3) NOT NULL,
  PRIMARY KEY (payment_id, content_sha256)
);
CREATE INDEX callbacks_parked ON callbacks (received_at) WHERE verdict = 'parked';

-- Inquiries about a payment in doubt, and their answers. They decide if an absence counts, and
-- operators read them.
CREATE TYPE inquiry_answer AS ENUM (
  'reported', 'not_found', 'absent', 'exists_without_details', 'unanswered', 'no_way_to_ask'
);
CREATE TABLE doubt_inquiries (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id  text NOT NULL REFERENCES payment_intents (id),
  asked_at    timestamptz(3) NOT NULL,
  strategy    inquiry_strategy NOT NULL,
  answer      inquiry_answer NOT NULL,
  detail      text
);
CREATE INDEX doubt_inquiries_by_payment ON doubt_inquiries (payment_id, id);

-- 4. Refunds. Their amount is reserved on the payment before anything else happens, so that
-- concurrent refunds can never exceed it.

-- `accepted`: the gateway accepted it; completing it is a manual step there.
CREATE TYPE refund_status AS ENUM ('queued', 'submitting', 'in_doubt', 'accepted', 'succeeded', 'failed');

CREATE TABLE refunds (
  id               text PRIMARY KEY,
  merchant_id      text NOT NULL,
  payment_id       text NOT NULL REFERENCES payment_intents (id),
  reference        text NOT NULL CHECK (reference ~ '^[A-Za-z0-9._-]{1,64}$'),
  amount_minor     bigint NOT NULL CHECK (amount_minor > 0),
  currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  reason           text,
  status           refund_status NOT NULL,
  version          integer NOT NULL CHECK (version > 0),
  epoch            integer NOT NULL CHECK (epoch >= 0),
  inquiries        integer NOT NULL CHECK (inquiries >= 0),
  failure_code     text,
  failure_message  text,
  doubt_reason     text,
  submit_before    timestamptz(3) NOT NULL,
  next_step_at     timestamptz(3),
  created_at       timestamptz(3) NOT NULL,
  updated_at       timestamptz(3) NOT NULL,
  -- A refund's own steps have no schedule to protect: the count only distinguishes its jobs.
  asks             integer CHECK (asks >= 0),
  UNIQUE (merchant_id, reference),
  CONSTRAINT refund_failure_is_explained CHECK ((status = 'failed') = (failure_code IS NOT NULL)),
  CONSTRAINT refund_doubt_is_explained CHECK ((status = 'in_doubt') = (doubt_reason IS NOT NULL))
);
-- The gateway accepts one refund of a payment, whole or in part (gateway protocol §8).
CREATE UNIQUE INDEX one_refund_per_payment ON refunds (payment_id) WHERE status <> 'failed';
CREATE INDEX refunds_by_payment ON refunds (payment_id);
CREATE INDEX refunds_due ON refunds (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX refunds_in_doubt ON refunds (id) WHERE status = 'in_doubt';

-- The transitions of libs/payments/src/refund/refund.ts; a test compares the two.
CREATE TABLE refund_status_moves (
  from_status  refund_status NOT NULL,
  to_status    refund_status NOT NULL,
  PRIMARY KEY (from_status, to_status)
);

INSERT INTO refund_status_moves (from_status, to_status) VALUES
  ('queued', 'submitting'),
  ('queued', 'failed'),
  ('submitting', 'queued'),
  ('submitting', 'accepted'),
  ('submitting', 'in_doubt'),
  ('submitting', 'failed'),
  ('in_doubt', 'accepted'),
  ('in_doubt', 'succeeded'),
  ('in_doubt', 'failed'),
  ('accepted', 'succeeded');

-- One row per transition: the refund's history. The order domain learns of it by the payment's
-- transitions.
CREATE TABLE refund_events (
  refund_id        text NOT NULL REFERENCES refunds (id),
  sequence         integer NOT NULL CHECK (sequence > 0),
  status           refund_status NOT NULL,
  previous_status  refund_status,
  cause            move_cause NOT NULL,
  attempt          integer,
  gateway_code     text,
  note             text,
  created_at       timestamptz(3) NOT NULL,
  PRIMARY KEY (refund_id, sequence),
  CHECK ((sequence = 1) = (previous_status IS NULL))
);

-- One row per attempt to submit the refund. A refund cannot have a second open attempt.
CREATE TABLE refund_attempts (
  refund_id    text NOT NULL REFERENCES refunds (id),
  number       integer NOT NULL CHECK (number > 0),
  opened_at    timestamptz(3) NOT NULL,
  deadline_at  timestamptz(3) NOT NULL,
  closed_at    timestamptz(3),
  outcome      text,
  http_status  integer,
  reason       text,
  duration_ms  integer,
  -- As in submission_attempts.
  opened_by    uuid,
  PRIMARY KEY (refund_id, number),
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX one_open_attempt_per_refund ON refund_attempts (refund_id) WHERE closed_at IS NULL;

-- 5. The relay to the queues

-- Messages that are committed but not yet in Redis. The relay deletes a batch and publishes it in
-- one short transaction, so a process that dies in between leaves the rows as they were.
CREATE TABLE outbox (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id   text NOT NULL,
  sequence     integer NOT NULL,
  lane         text,
  created_at   timestamptz(3) NOT NULL,
  -- With a refund's id the message is the order to submit that refund; `sequence` is the refund's
  -- version then.
  refund_id    text
);

-- The record of Redis, which reveals that Redis lost its queues, so that they are refilled.
CREATE TABLE queue_watch (
  only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Redis's own name for this run of its process; another one means that jobs may be missing.
  redis_run_id      text NOT NULL,
  -- Every event committed before this instant has been handled by every subscriber.
  delivered_before  timestamptz(3) NOT NULL
);

-- 6. Operators and the audit log. Every change by an operator is one row of one log, in the commit
-- of the change. The rows are a chain: each contains the digest of the previous one, so that
-- `quittance audit verify` finds a row that was changed, removed, inserted or moved (PCI DSS
-- 10.2.1.2, 10.3.2, 10.3.4; docs/adr/0018-audit-chain.md).

-- The people who may act. Only the digest of a key is stored. While the table is empty, the name is
-- that of the operating system's user.
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

-- An action that one operator wants and a second one has to approve. It is decided once, and never
-- changed.
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

-- The end of the chain. Its row is the lock under which numbers and hashes are assigned, so that
-- the order of the chain is the order of the numbers and of the commits, and no number is skipped.
CREATE TABLE audit_head (
  only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  number    bigint NOT NULL CHECK (number >= 0),
  hash      bytea NOT NULL CHECK (length(hash) = 32)
);
INSERT INTO audit_head (number, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE TABLE operator_actions (
  number         bigint PRIMARY KEY,
  at             timestamptz(3) NOT NULL CHECK (isfinite(at)),
  operator       text NOT NULL CHECK (length(operator) BETWEEN 1 AND 100),
  action         text NOT NULL CHECK (action IN (
    'resolve', 'refunds resolve', 'events replay', 'merchants add', 'keys create', 'keys revoke', 'keys rotate', 'keys destroy',
    'terminals add', 'terminals set', 'terminals pause', 'terminals resume', 'operators add', 'operators renew', 'operators revoke',
    'propose', 'approve', 'withdraw', 'queue board')),
  subject_kind   text NOT NULL CHECK (subject_kind IN (
    'payment', 'refund', 'events', 'merchant', 'api_key', 'vault_key', 'terminal', 'operator', 'proposal', 'queue')),
  subject_id     text NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 200),
  -- The sequence of the transition that it caused, if any.
  sequence       integer,
  why            text CHECK (length(btrim(why)) BETWEEN 1 AND 1000),
  before         json,
  after          json,
  proposal_id    text REFERENCES operator_proposals (id),
  proposed_by    text CHECK (length(proposed_by) BETWEEN 1 AND 100),
  previous_hash  bytea NOT NULL,
  hash           bytea NOT NULL UNIQUE,
  -- Generated from the subject, so that they cannot differ from it.
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

-- A value preceded by its length in bytes, so that no two lists of values have the same form; `~`
-- for none.
CREATE FUNCTION audit_part(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NULL THEN '~' ELSE octet_length(convert_to(value, 'UTF8'))::text || ':' || value END
$$;

-- Assigns a row its number and its hash. With its owner's rights, because the roles that may write
-- actions need not be able to write the head. libs/persistence/src/audit/audit-chain.ts recomputes
-- the same form.
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
  RAISE EXCEPTION 'the action of an operator is never changed or deleted'
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

-- 7. The encryption keys of the running processes, so that nothing is encrypted to a key that its
-- reader does not have, and no key is destroyed while a process still uses it. Kids only; never a
-- key.

-- The announcement of each process while it runs. The first kid of each list is that of the active
-- key.
CREATE TABLE key_holders (
  process_id  text PRIMARY KEY,
  app         text NOT NULL CHECK (app IN ('api', 'worker', 'webhook')),
  host        text NOT NULL CHECK (length(host) BETWEEN 1 AND 255),
  pid         integer NOT NULL,
  keys        json NOT NULL,
  seen_at     timestamptz(3) NOT NULL
);

-- When a key was last active in any process: data encrypted with it then may still be on its way to
-- the database.
CREATE TABLE key_uses (
  purpose         text NOT NULL CHECK (purpose IN ('cards', 'terminalSecrets', 'callbackTokens')),
  kid             text NOT NULL CHECK (kid ~ '^[A-Za-z0-9_.-]{1,64}$'),
  last_active_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (purpose, kid)
);

-- 8. Rules about payments and refunds. A status without its event, an event without its status, an
-- illegal transition or a rewritten history cannot be committed, not even by hand. Both sides are
-- checked once per statement, when all its parts are done, because the statement that moves
-- payments writes both sides of many at once.

-- The payment's status and version are those of its last event. Every other rule about transitions
-- then follows from the rules about events.
CREATE FUNCTION require_told_payments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  differing text;
BEGIN
  SELECT p.id INTO differing FROM written p
  LEFT JOIN LATERAL (
    SELECT e.sequence, e.status FROM payment_events e WHERE e.payment_id = p.id ORDER BY e.sequence DESC LIMIT 1
  ) last ON true
  WHERE (last.sequence, last.status) IS DISTINCT FROM (p.version, p.status)
  LIMIT 1;
  IF differing IS NOT NULL THEN
    RAISE EXCEPTION 'payment %: status and version differ from its last event', differing
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_as_told';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER require_told_payments_of_insert AFTER INSERT ON payment_intents
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_payments();
CREATE TRIGGER require_told_payments_of_update AFTER UPDATE ON payment_intents
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_payments();

-- An event follows the previous one by a transition of the table, and agrees with the payment.
-- Scalar subqueries, not EXISTS: one index look-up per event, where the planner would otherwise
-- join tables it thinks are small.
CREATE FUNCTION require_following_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong record;
BEGIN
  SELECT t.payment_id, t.sequence, t.previous_status, t.status INTO wrong FROM written t
  WHERE (SELECT p.version = t.sequence AND p.status = t.status FROM payment_intents p WHERE p.id = t.payment_id)
      IS NOT TRUE
    OR t.sequence > 1 AND (
      (SELECT e.status = t.previous_status FROM payment_events e
        WHERE e.payment_id = t.payment_id AND e.sequence = t.sequence - 1) IS NOT TRUE
      OR (SELECT true FROM payment_status_moves m
        WHERE m.from_status = t.previous_status AND m.to_status = t.status) IS NOT TRUE)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'payment %: event % (% to %) is not a transition that the payment has just made',
      wrong.payment_id, wrong.sequence, wrong.previous_status, wrong.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'event_is_a_move';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER require_following_events AFTER INSERT ON payment_events
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_following_events();

CREATE FUNCTION refuse_rewritten_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'payment %: an event is never rewritten', OLD.payment_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'event_is_never_rewritten';
END $$;
CREATE TRIGGER refuse_rewritten_history BEFORE UPDATE ON payment_events
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_history();

-- An operator with evidence can end a doubt, and so can an absence if the terminal has opted in.
-- Both are assumptions that the gateway's own report outranks, so an assumed end can be left
-- although the status is final. The table of transitions cannot express the source of a status: a
-- decline, a block or a failure that the gateway itself reported stays, except that a charge is
-- believed even after a failure.
CREATE FUNCTION refuse_leaving_the_gateways_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.failure_code IN ('resolved_by_operator', 'never_arrived') THEN RETURN NEW; END IF;
  IF OLD.status = 'failed' AND NEW.status IN ('succeeded', 'refund_pending', 'reversed', 'charged_back', 'disputed') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'payment %: the gateway itself reported %; it does not become %', OLD.id, OLD.status, NEW.status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'gateways_word_stands';
END $$;
CREATE TRIGGER refuse_leaving_the_gateways_word BEFORE UPDATE ON payment_intents
  FOR EACH ROW WHEN (OLD.status IN ('declined', 'blocked', 'failed') AND OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION refuse_leaving_the_gateways_word();

-- Any statement that writes a transID writes the gateway with it.
CREATE FUNCTION name_gateway() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.gateway := CASE WHEN NEW.trans_id IS NOT NULL THEN
    (SELECT gateway_of(base_url) FROM terminals WHERE id = NEW.terminal_id) END;
  RETURN NEW;
END $$;
CREATE TRIGGER name_gateway_of_insert BEFORE INSERT ON payment_intents
  FOR EACH ROW WHEN (NEW.trans_id IS NOT NULL OR NEW.gateway IS NOT NULL) EXECUTE FUNCTION name_gateway();
CREATE TRIGGER name_gateway_of_update BEFORE UPDATE ON payment_intents
  FOR EACH ROW WHEN (NEW.trans_id IS DISTINCT FROM OLD.trans_id) EXECUTE FUNCTION name_gateway();

-- True when the payment's transaction may be another payment's as well, so that no money may be
-- moved by its transID.
CREATE FUNCTION shares_transaction(p payment_intents) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p.gateway IS NULL AND p.trans_id IS NOT NULL
    OR EXISTS (
      SELECT FROM payment_intents o JOIN terminals t ON t.id = o.terminal_id
      WHERE o.trans_id = p.trans_id AND o.id <> p.id AND COALESCE(o.gateway, gateway_of(t.base_url)) = p.gateway)
    OR EXISTS (
      SELECT FROM transaction_claims c
      WHERE c.trans_id = p.trans_id AND c.gateway = p.gateway AND c.payment_id <> p.id)
$$;

CREATE FUNCTION refuse_illegal_refund_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'refund %: a transition from % to % must raise the version by one', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM refund_status_moves WHERE from_status = OLD.status AND to_status = NEW.status) THEN
    RAISE EXCEPTION 'refund %: no transition leads from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_illegal_refund_move BEFORE UPDATE ON refunds
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refuse_illegal_refund_move();

-- A refund's request does not change: the reservation on the payment stands for it.
CREATE FUNCTION refuse_other_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'refund %: its payment, amount and currency do not change', OLD.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER refuse_other_refund BEFORE UPDATE ON refunds FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.amount_minor, OLD.currency) IS DISTINCT FROM (NEW.payment_id, NEW.amount_minor, NEW.currency))
  EXECUTE FUNCTION refuse_other_refund();

-- The refund's status and version are those of its last event.
CREATE FUNCTION require_told_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  differing text;
BEGIN
  SELECT r.id INTO differing FROM written r
  LEFT JOIN LATERAL (
    SELECT e.sequence, e.status FROM refund_events e WHERE e.refund_id = r.id ORDER BY e.sequence DESC LIMIT 1
  ) last ON true
  WHERE (last.sequence, last.status) IS DISTINCT FROM (r.version, r.status)
  LIMIT 1;
  IF differing IS NOT NULL THEN
    RAISE EXCEPTION 'refund %: status and version differ from its last event', differing
      USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_is_as_told';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER require_told_refunds_of_insert AFTER INSERT ON refunds
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_refunds();
CREATE TRIGGER require_told_refunds_of_update AFTER UPDATE ON refunds
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION require_told_refunds();

CREATE FUNCTION refuse_rewritten_refund_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'refund %: an event is never rewritten', OLD.refund_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_event_is_never_rewritten';
END $$;
CREATE TRIGGER refuse_rewritten_refund_history BEFORE UPDATE ON refund_events
  FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_refund_history();

-- 9. Below this transaction id no row of this database can appear any more: the horizon of GET
-- /v1/events (docs/adr/0020).
--
-- pg_snapshot_xmin() would be the horizon of the whole cluster, where one idle transaction in any
-- database holds every list back. The owner of the function needs pg_read_all_stats to see other
-- roles' transactions; without it the cluster's horizon is used.
CREATE FUNCTION events_horizon() RETURNS xid8
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  next_tx  numeric;
  oldest   numeric;
BEGIN
  IF NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN
    RETURN pg_snapshot_xmin(pg_current_snapshot());
  END IF;
  -- In this order: a transaction of this database below next_tx either has ended when the backends
  -- are read, and is then visible to every later snapshot, or it is among them.
  next_tx := pg_snapshot_xmax(pg_current_snapshot())::text::numeric;
  PERFORM pg_stat_clear_snapshot();
  SELECT min(next_tx - distance) INTO oldest
  FROM (
    SELECT backend_xid AS xid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL
    UNION ALL
    SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
  ) running
  -- These views show the lower 32 of the 64 bits. Running ids are within 2^31 of the next one;
  -- those beyond it are newer.
  CROSS JOIN LATERAL (SELECT mod(mod(next_tx - xid::text::numeric, 4294967296) + 4294967296, 4294967296) AS distance) behind
  WHERE distance < 2147483648;
  RETURN least(next_tx, coalesce(oldest, next_tx))::text::xid8;
END $$;

-- An open transaction of this database holds the list back until it ends. The processes limit
-- theirs; this limits those of people.
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = %L', current_database(), '60s');
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'not the owner of this database: set idle_in_transaction_session_timeout on it by hand';
END $$;
