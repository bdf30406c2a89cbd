-- Replays of all events of a time that an operator asked for. The worker walks through them in
-- small batches and stores here how far it is, so that a replay survives every process.
CREATE TABLE event_replays (
  id                text PRIMARY KEY,
  -- NULL: every subscriber.
  subscriber        text CHECK (subscriber <> ''),
  -- Events from this instant on, and before the other one.
  from_at           timestamptz(3) NOT NULL,
  until_at          timestamptz(3) NOT NULL,
  -- The last event that is back on its queue; the events after it follow.
  reached_at        timestamptz(3) NOT NULL,
  reached_subject   text NOT NULL DEFAULT '',
  reached_sequence  integer NOT NULL DEFAULT 0,
  replayed          bigint NOT NULL DEFAULT 0 CHECK (replayed >= 0),
  requested_by      text NOT NULL,
  requested_at      timestamptz(3) NOT NULL,
  ended_at          timestamptz(3),
  CONSTRAINT event_replay_is_a_span CHECK (from_at < until_at)
);
CREATE INDEX event_replays_open ON event_replays (requested_at) WHERE ended_at IS NULL;
