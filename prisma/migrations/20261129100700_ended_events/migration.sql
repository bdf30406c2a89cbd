-- Deleted events, as the readers of GET /v1/events must know of them
-- (docs/adr/0058-a-cursor-whose-events-ended.md).

CREATE TABLE ended_events (
  merchant_id  text    PRIMARY KEY REFERENCES merchants (id),
  -- The greatest position in the merchant's list at which an event was deleted.
  tx           xid8    NOT NULL,
  subject      text    NOT NULL,
  sequence     integer NOT NULL,
  -- The number of statements that deleted events. A cursor names it: its reader has accepted what
  -- was deleted until then.
  endings      bigint  NOT NULL CHECK (endings > 0)
);

-- A trigger, so that no deletion is forgotten, whichever function deletes. Its argument is the
-- column of the subject. Events from before the list of events have no place in it.
CREATE FUNCTION remember_ended_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM deleted WHERE tx IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  -- Two walks of retention may delete at a time, several times each and of several merchants: rows
  -- locked one by one could wait for each other. Readers wait for neither.
  LOCK TABLE ended_events IN SHARE ROW EXCLUSIVE MODE;
  EXECUTE format($statement$
    INSERT INTO ended_events AS m (merchant_id, tx, subject, sequence, endings)
    SELECT DISTINCT ON (merchant_id) merchant_id, tx, %1$I, sequence, 1 FROM deleted WHERE tx IS NOT NULL
    ORDER BY merchant_id, tx DESC, %1$I DESC, sequence DESC
    ON CONFLICT (merchant_id) DO UPDATE SET endings = m.endings + 1, (tx, subject, sequence) = (
      SELECT p.tx, p.subject, p.sequence
      FROM (VALUES (m.tx, m.subject, m.sequence), (EXCLUDED.tx, EXCLUDED.subject, EXCLUDED.sequence)) p (tx, subject, sequence)
      ORDER BY p.tx DESC, p.subject DESC, p.sequence DESC LIMIT 1)
  $statement$, TG_ARGV[0]);
  RETURN NULL;
END $$;
CREATE TRIGGER remember_ended_events AFTER DELETE ON payment_events
  REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION remember_ended_events('payment_id');
CREATE TRIGGER remember_ended_events AFTER DELETE ON refund_events
  REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION remember_ended_events('refund_id');
