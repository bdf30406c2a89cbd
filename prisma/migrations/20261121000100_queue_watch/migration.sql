-- What is remembered of Redis, so that a Redis that lost its queues is noticed and they are filled again.
CREATE TABLE queue_watch (
  only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Redis's own name for this start of its process; another one means that jobs may be missing.
  redis_run_id      text NOT NULL,
  -- Every event committed before this instant has been handled by every subscriber.
  delivered_before  timestamptz(3) NOT NULL
);
-- Events are inserted in time order, so a block range index finds the recent ones at almost no cost.
CREATE INDEX payment_events_by_time ON payment_events USING brin (created_at);
