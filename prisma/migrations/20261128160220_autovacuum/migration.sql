-- By default autovacuum waits until a fifth of a table is dead: of ten million payments, two million
-- versions, which every list and every claim passes. A fiftieth is vacuumed in little time, because
-- only changed pages are read. A lower fillfactor would not help: each update of a payment changes a
-- column of an index or of its predicate, so none can be heap-only.
ALTER TABLE payment_intents SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE submission_attempts SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
-- Rows are only added, until retention deletes them in bulk. Vacuum after insertions lets later
-- ones, and the freezing of old rows, skip pages.
ALTER TABLE payment_events SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE callbacks SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
-- A table of a few rows through which everything passes: a share of its size says nothing.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
