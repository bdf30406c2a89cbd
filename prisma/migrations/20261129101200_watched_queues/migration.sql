-- In a Redis Cluster one primary can lose its queues without the others, so each queue has a record
-- of its own. `queue_watch.redis_run_id` is 'cluster' then.
CREATE TABLE watched_queues (
  -- As BullMQ has it, e.g. submission-default.
  queue         text PRIMARY KEY,
  -- Of the primary that had the queue when it was last filled.
  redis_run_id  text NOT NULL
);
