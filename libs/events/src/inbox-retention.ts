// Ends the record of handled events once it is old. The newest event of each subject stays and
// stands for all before it, so that a repeat is dropped and a successor is not ahead for ever.
import { setTimeout as pause } from 'node:timers/promises';
import type { EventDatabase } from './event-inbox.js';

/** Events that one statement reads. */
const BATCH = 1_000;
/** The pause after a batch, in durations of it. */
const PAUSES = 4;

/**
 * $1 and $2 are the position, $3 the number of events to read, $4 the age in days. A subject with a
 * gap is left alone. One process at a time does it: two would delete the same rows in two orders.
 */
const END = `
WITH turn AS MATERIALIZED (
  SELECT pg_try_advisory_xact_lock(hashtextextended('event_inbox', 0)) AS is_ours
), slice AS MATERIALIZED (
  SELECT i.subject, i.sequence FROM event_inbox i
  WHERE (SELECT is_ours FROM turn) AND (i.subject, i.sequence) > ($1, $2) ORDER BY i.subject, i.sequence LIMIT $3
), old AS MATERIALIZED (
  SELECT s.subject, newest.sequence FROM (SELECT DISTINCT subject FROM slice) s
  CROSS JOIN LATERAL (
    SELECT sequence, received_at FROM event_inbox i WHERE i.subject = s.subject ORDER BY sequence DESC LIMIT 1) newest
  WHERE newest.sequence > 1 AND newest.received_at < now() - $4::integer * interval '1 day'
    AND NOT EXISTS (SELECT FROM event_inbox a WHERE a.subject = s.subject AND a.is_ahead)
), marked AS (
  UPDATE event_inbox i SET stands_for_earlier = true FROM old
  WHERE i.subject = old.subject AND i.sequence = old.sequence AND NOT i.stands_for_earlier
), gone AS (
  DELETE FROM event_inbox i USING old WHERE i.subject = old.subject AND i.sequence < old.sequence RETURNING 1
)
SELECT subject, sequence, (SELECT count(*)::integer FROM slice) AS read, (SELECT count(*)::integer FROM gone) AS ended
FROM slice ORDER BY subject DESC, sequence DESC LIMIT 1`;

interface EndRow {
  readonly subject: string;
  readonly sequence: number;
  readonly read: number;
  readonly ended: number;
}

/** The settings of {@link InboxRetention}. */
export interface InboxRetentionOptions {
  readonly database: EventDatabase;
  /** The age, in days, from which events of a subject end that has had no event since. */
  readonly days: number;
  /** Called with the number of events that a batch ended. */
  readonly onEnded: (count: number) => void;
}

export class InboxRetention {
  constructor(private readonly options: InboxRetentionOptions) {}

  /** Walks through the inbox once, in small transactions, until `signal` aborts. */
  async walk(signal: AbortSignal): Promise<void> {
    const { database, days, onEnded } = this.options;
    let position: readonly [string, number] = ['', 0];
    while (!signal.aborted) {
      const began = performance.now();
      const { rows } = await database.query(END, [...position, BATCH, days]);
      const [last] = rows as readonly EndRow[];
      if (!last) return;
      onEnded(last.ended);
      if (last.read < BATCH) return;
      position = [last.subject, last.sequence];
      const ms = (performance.now() - began) * PAUSES;
      await pause(ms, undefined, { signal }).catch(() => undefined);
    }
  }
}
