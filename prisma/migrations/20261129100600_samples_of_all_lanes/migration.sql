-- Charts read the counts of all lanes together: rows of the lane '', which seconds have beside
-- those by lane, and minutes and hours alone. Among a hundred busy lanes, a quarter of an hour was
-- a million rows to read and a month seventy million to store.
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT step_seconds, at, '', metric, sum(value)
FROM samples
WHERE metric NOT IN ('queued', 'oldest_queued_seconds', 'in_doubt', 'in_doubt_oldest_seconds')
GROUP BY step_seconds, at, metric;

DELETE FROM samples
WHERE step_seconds > 1 AND lane <> '' AND metric NOT IN ('queued', 'oldest_queued_seconds');

-- The seconds that charts show, among 17 counts by lane for each.
CREATE INDEX samples_shown_seconds ON samples (at)
  WHERE step_seconds = 1 AND (lane = '' OR metric IN ('queued', 'oldest_queued_seconds'));
