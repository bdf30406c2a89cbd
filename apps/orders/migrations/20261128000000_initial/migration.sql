-- The order domain's own truth: what the shop knows about each order, and which events told it so.

-- Which events were handled. Written in the transaction of their effect, so an event that comes again is dropped.
-- (subject, sequence) names an event as well as its id does, and serves the look for missing ones as well.
CREATE TABLE event_inbox (
  subject      text NOT NULL,
  sequence     integer NOT NULL CHECK (sequence > 0),
  event_id     text NOT NULL,
  type         text NOT NULL,
  received_at  timestamptz(3) NOT NULL,
  -- Handled before its predecessor, which is missing as long as this is true.
  is_ahead     boolean NOT NULL,
  PRIMARY KEY (subject, sequence)
);
CREATE INDEX event_inbox_gaps ON event_inbox (received_at) WHERE is_ahead;

-- One row a payment intent. Two merchants may use the same reference, so it does not identify an order here.
CREATE TABLE orders (
  payment_intent_id  text PRIMARY KEY,
  reference          text NOT NULL,
  payment_status     text NOT NULL,
  -- Of the newest event that reached us; an older one that comes late changes nothing.
  sequence           integer NOT NULL CHECK (sequence > 0),
  fulfilment         text NOT NULL CHECK (fulfilment IN ('waiting', 'paid', 'released', 'recalled')),
  updated_at         timestamptz(3) NOT NULL,
  -- References are unique per merchant only. An event may name no merchant.
  merchant           text
);
CREATE INDEX orders_by_reference ON orders (reference, payment_intent_id DESC);
