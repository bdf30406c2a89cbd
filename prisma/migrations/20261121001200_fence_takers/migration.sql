-- Who opened an attempt: an id made up for the one taking of its fence. When the answer to that commit is lost, it tells the process
-- that wrote it, and no other, that it may send. Null for attempts that were opened before this column was there.
ALTER TABLE submission_attempts ADD COLUMN opened_by uuid;
ALTER TABLE refund_attempts ADD COLUMN opened_by uuid;
