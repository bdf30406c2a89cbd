-- The state of each worker's lanes, which every worker writes every two seconds. Unlogged: after a
-- crash of Postgres the workers write it again.
CREATE UNLOGGED TABLE worker_lanes (
  worker_id      uuid NOT NULL,
  lane           text NOT NULL,
  in_flight      integer NOT NULL,
  concurrency    integer NOT NULL,
  -- The terminals to whose gateways this worker submits nothing at present.
  open_breakers  text[] NOT NULL,
  -- While in the future, the rate of the lane is used up.
  limited_until  timestamptz(3),
  seen_at        timestamptz(3) NOT NULL,
  PRIMARY KEY (worker_id, lane)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
