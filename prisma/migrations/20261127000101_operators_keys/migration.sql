-- The queue board shows every merchant's jobs, so its scopes belong to the operator: a key belongs to a merchant, or to a person
-- or machine of the operator and to no merchant (docs/adr/0028-ops-keys-belong-to-no-merchant.md).

-- Merchants' keys lose the scopes of the operator. Nothing is left of one that had no others: it ends.
UPDATE api_keys SET scopes = array_remove(array_remove(scopes, 'ops:read'), 'ops:write')
  WHERE revoked_at IS NULL AND scopes && '{ops:read,ops:write}' AND NOT scopes <@ '{ops:read,ops:write}';
UPDATE api_keys SET revoked_at = now() WHERE revoked_at IS NULL AND scopes && '{ops:read,ops:write}';

ALTER TABLE api_keys
  ALTER COLUMN merchant_id DROP NOT NULL,
  -- The name in the audit of whoever has a key of the operator.
  ADD COLUMN holder text CHECK (length(holder) BETWEEN 1 AND 100),
  ADD CONSTRAINT key_has_one_owner CHECK (num_nonnulls(merchant_id, holder) = 1),
  -- A revoked key lets nobody in; it stays what it was.
  ADD CONSTRAINT ops_scopes_are_the_operators CHECK (
    revoked_at IS NOT NULL
    OR CASE WHEN merchant_id IS NULL THEN scopes <@ '{ops:read,ops:write}' ELSE NOT scopes && '{ops:read,ops:write}' END);
