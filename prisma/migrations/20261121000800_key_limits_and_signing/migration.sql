-- What a key demands and may take, beyond its scopes. Both are optional; a process of the version before ignores them.

ALTER TABLE api_keys
  -- Requests must be signed with the private half (RFC 9421). The public half is all that is ever here.
  ADD COLUMN signing_public_key  bytea CHECK (length(signing_public_key) = 32),
  -- Instead of KEY_REQUESTS_PER_SECOND.
  ADD COLUMN requests_per_second integer CHECK (requests_per_second > 0);
