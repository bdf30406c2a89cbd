-- True for the event that is left of a subject whose old events were deleted: every event up to it
-- was handled, so an earlier one is a repeat.
ALTER TABLE event_inbox ADD COLUMN stands_for_earlier boolean NOT NULL DEFAULT false;
