-- Requests in the gateway's own form (docs/adr/0045).

-- The terminals that accept them. The gateway's form names a terminal by its public key alone.
CREATE TABLE drop_ins (
  terminal_id         text PRIMARY KEY REFERENCES terminals (id),
  -- A copy of the terminal's. The length is fixed, because an encrypted request ends in the key
  -- without a separator (gateway protocol §2.2).
  public_key          text NOT NULL UNIQUE CHECK (length(public_key) IN (43, 44)),
  -- The networks that may call, in CIDR notation. Nothing else authenticates a caller.
  caller_networks     text[] NOT NULL CHECK (cardinality(caller_networks) > 0),
  -- The origins to which callbacks are forwarded.
  callback_origins    text[] NOT NULL,
  accepts_plain       boolean NOT NULL,
  -- The terminal's private key, encrypted for the api; null if encrypted requests are not accepted.
  sealed_private_key  text,
  created_at          timestamptz(3) NOT NULL,
  CONSTRAINT drop_in_accepts_something CHECK (accepts_plain OR sealed_private_key IS NOT NULL)
);

-- Null for a payment whose merchant gave no address for callbacks. A callback is due at
-- forward_at; forwarded_version is the sequence of the last event that was forwarded.
ALTER TABLE payment_intents
  ADD COLUMN webhook_url         text,
  ADD COLUMN webhook_encryption  callback_encryption,
  ADD COLUMN forward_at          timestamptz(3),
  ADD COLUMN forwarded_version   integer CHECK (forwarded_version > 0),
  ADD COLUMN forward_failures    integer CHECK (forward_failures > 0),
  ADD CONSTRAINT webhook_is_whole CHECK ((webhook_url IS NULL) = (webhook_encryption IS NULL)),
  ADD CONSTRAINT callbacks_go_to_a_webhook CHECK (webhook_url IS NOT NULL OR num_nonnulls(forward_at, forwarded_version, forward_failures) = 0);
CREATE INDEX payment_intents_forward_due ON payment_intents (forward_at) WHERE forward_at IS NOT NULL;

-- The api's copies of private keys have a key of their own.
ALTER TABLE key_uses DROP CONSTRAINT key_uses_purpose_check;
ALTER TABLE key_uses ADD CONSTRAINT key_uses_purpose_check
  CHECK (purpose IN ('cards', 'terminalSecrets', 'dropInSecrets', 'callbackTokens'));
