-- A transaction of a gateway belongs to one payment. A transID is unique at its gateway only, so that a payment keeps the name of
-- the gateway that gave it its transID, however the terminal's address is changed afterwards.

-- The gateway behind a terminal's address: its host in lower case, and the port unless it is the scheme's own. Neither scheme nor
-- path tells two gateways apart: test and live terminals, and two paths, lead to the same books.
CREATE FUNCTION gateway_of(base_url text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  part text[] := regexp_match(base_url, '^(https?)://(?:[^/?#@\\]*@)?(\[[^\]]*\]|[^/?#:\\]*)(?::0*(\d*))?', 'i');
  host text := rtrim(lower(part[2]), '.');
  is_default boolean := COALESCE(part[3], '') = '' OR (lower(part[1]), part[3]) IN (('http', '80'), ('https', '443'));
BEGIN
  RETURN CASE WHEN is_default THEN host ELSE host || ':' || part[3] END;
END $$;

ALTER TABLE payment_intents ADD COLUMN gateway text;

-- Whoever writes a transID, by whichever statement, writes the gateway with it.
CREATE FUNCTION name_gateway() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.gateway := CASE WHEN NEW.trans_id IS NOT NULL THEN
    (SELECT gateway_of(base_url) FROM terminals WHERE id = NEW.terminal_id) END;
  RETURN NEW;
END $$;

-- What is stored already may hold pairs. Both payments stay as they are, for a person: the older one has the transaction, the
-- other one has a transID without a gateway. The periodic check reports both, and neither can be refunded.
WITH named AS (
  SELECT p.id, gateway_of(t.base_url) AS gateway,
    row_number() OVER (PARTITION BY gateway_of(t.base_url), p.trans_id ORDER BY p.id) AS place
  FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id
  WHERE p.trans_id IS NOT NULL
)
UPDATE payment_intents p SET gateway = n.gateway FROM named n WHERE p.id = n.id AND n.place = 1;

DO $$
DECLARE
  pairs bigint := (SELECT count(*) FROM payment_intents WHERE trans_id IS NOT NULL AND gateway IS NULL);
BEGIN
  IF pairs > 0 THEN
    RAISE WARNING '% payments have a transID that an older payment of the same gateway has. They are left as they are; see docs/operations.md, "Two payments with one transaction".', pairs
      USING HINT = 'SELECT id, reference, trans_id FROM payment_intents WHERE trans_id IS NOT NULL AND gateway IS NULL';
  END IF;
END $$;

CREATE TRIGGER name_gateway_of_insert BEFORE INSERT ON payment_intents
  FOR EACH ROW WHEN (NEW.trans_id IS NOT NULL OR NEW.gateway IS NOT NULL) EXECUTE FUNCTION name_gateway();
CREATE TRIGGER name_gateway_of_update BEFORE UPDATE ON payment_intents
  FOR EACH ROW WHEN (NEW.trans_id IS DISTINCT FROM OLD.trans_id) EXECUTE FUNCTION name_gateway();

-- The transID comes first: whoever looks for others that have it does not need to know the gateway.
CREATE UNIQUE INDEX one_payment_per_transaction ON payment_intents (trans_id, gateway) WHERE trans_id IS NOT NULL;

-- Payments whose own request the gateway answered with a transaction that another payment has. One of the two is wrong, and
-- nobody here can tell which: the transaction is not refunded until a person has deleted the row.
CREATE TABLE transaction_claims (
  payment_id  text NOT NULL REFERENCES payment_intents (id),
  gateway     text NOT NULL,
  trans_id    text NOT NULL,
  claimed_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (payment_id, gateway, trans_id)
);
CREATE INDEX transaction_claims_by_transaction ON transaction_claims (trans_id, gateway);

-- Whether the payment's transaction may be another payment's as well, so that no money may be moved by its transID.
CREATE FUNCTION shares_transaction(p payment_intents) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p.gateway IS NULL AND p.trans_id IS NOT NULL
    OR EXISTS (
      SELECT FROM payment_intents o JOIN terminals t ON t.id = o.terminal_id
      WHERE o.trans_id = p.trans_id AND o.id <> p.id AND COALESCE(o.gateway, gateway_of(t.base_url)) = p.gateway)
    OR EXISTS (
      SELECT FROM transaction_claims c
      WHERE c.trans_id = p.trans_id AND c.gateway = p.gateway AND c.payment_id <> p.id)
$$;
