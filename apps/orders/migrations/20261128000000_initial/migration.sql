-- The tables of the order domain: its orders, and the events that it has handled.

-- The handled events. Written in the transaction of their effect, so a repeated event is dropped.
-- (subject, sequence) identifies an event like its id does, and also serves the search for gaps.
CREATE TABLE event_inbox (
  subject      text NOT NULL,
  sequence     integer NOT NULL CHECK (sequence > 0),
  event_id     text NOT NULL,
  type         text NOT NULL,
  received_at  timestamptz(3) NOT NULL,
  -- True while the predecessor of the event has not been handled.
  is_ahead     boolean NOT NULL,
  PRIMARY KEY (subject, sequence)
);
CREATE INDEX event_inbox_gaps ON event_inbox (received_at) WHERE is_ahead;

-- One row per payment intent. Two merchants may use the same reference, so a reference does not
-- identify an order here.
CREATE TABLE orders (
  payment_intent_id  text PRIMARY KEY,
  reference          text NOT NULL,
  payment_status     text NOT NULL,
  -- The sequence of the newest event received. A late, older event changes nothing.
  sequence           integer NOT NULL CHECK (sequence > 0),
  fulfilment         text NOT NULL CHECK (fulfilment IN ('waiting', 'paid', 'released', 'recalled')),
  updated_at         timestamptz(3) NOT NULL,
  -- References are unique per merchant only. An event may name no merchant.
  merchant           text
);
CREATE INDEX orders_by_reference ON orders (reference, payment_intent_id DESC);
