-- What the processes counted, by lane, in steps of a second for an hour and of a minute for a month:
-- charts read them, and never count payments. A row exists only where something was counted.
CREATE TABLE samples (
  step_seconds integer NOT NULL,
  at           timestamptz(3) NOT NULL,
  lane         text NOT NULL,
  metric       text NOT NULL,
  value        bigint NOT NULL,
  PRIMARY KEY (step_seconds, at, lane, metric)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
