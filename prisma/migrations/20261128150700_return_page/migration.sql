-- The base URL of the return page through which the payer comes back; null when the gateway sends the
-- payer straight to return_url. Stored, because the gateway knows the page for as long as the payment
-- is open, whatever the settings say by then.
ALTER TABLE payment_intents
  ADD COLUMN return_page text CONSTRAINT return_page_is_a_web_address
    CHECK (return_page ~ '^https?://[^?#]+$' AND length(return_page) <= 2000);

-- The tokens that a returning payer carries to the shop have a key of their own.
ALTER TABLE key_uses DROP CONSTRAINT key_uses_purpose_check;
ALTER TABLE key_uses ADD CONSTRAINT key_uses_purpose_check
  CHECK (purpose IN ('cards', 'terminalSecrets', 'dropInSecrets', 'callbackTokens', 'returnTokens'));
