-- Nonces of signed requests that were taken, as long as the signature could be taken again. Only digests: a caller may put
-- anything into a nonce, also what may not be stored.
CREATE TABLE signature_nonces (
  -- SHA-256 of the API key's id and the nonce.
  digest     bytea          PRIMARY KEY CHECK (octet_length(digest) = 32),
  -- Postgres' clock judges it, and only to throw the row away.
  expires_at timestamptz(3) NOT NULL
);

CREATE INDEX signature_nonces_expires_at ON signature_nonces (expires_at);
