// The guarded contestant, and the check that it does what it promises.
import type { Contestant, Setting } from '../contestant.js';
import { startProcesses } from '../processes.js';
import { type Counts, withCounts } from '../promises.js';

const COUNTS = `
  WITH published AS (SELECT payment_id, count(*) AS events, max(sequence) AS last FROM payment_events GROUP BY payment_id)
  SELECT
    count(*)::int AS payments,
    (SELECT count(*) FROM payment_events)::int AS events,
    count(*) FILTER (WHERE events = 4)::int AS in_four_events,
    count(*) FILTER (WHERE events = 3)::int AS in_three_events,
    (SELECT count(*) FROM attempts)::int AS attempts,
    (SELECT count(*) FROM callbacks)::int AS callbacks,
    (SELECT count(*) FROM event_inbox)::int AS inbox_rows,
    count(*) FILTER (WHERE p.status <> 'succeeded')::int AS not_succeeded,
    count(*) FILTER (WHERE events IS DISTINCT FROM version OR last IS DISTINCT FROM version)::int AS with_gaps,
    count(sealed_card)::int AS with_card,
    (SELECT count(*) FROM attempts WHERE closed_at IS NULL)::int AS open_attempts,
    (SELECT count(*) FROM outbox)::int AS unpublished,
    count(*) FILTER (WHERE (o.status, o.sequence) IS DISTINCT FROM (p.status, p.version))::int AS with_other_order
  FROM payments p LEFT JOIN published t ON t.payment_id = p.id LEFT JOIN orders o ON o.payment_id = p.id`;

/**
 * Every payment of the rounds succeeds, by one attempt and one callback, in four events, or in
 * three if the callback was faster than the reply.
 */
export function promised({ payments = 0, events = 0, in_four_events = 0 }: Counts): Counts {
  const in_three_events = payments - in_four_events;
  const ofEvents = { events, in_four_events, in_three_events, inbox_rows: events };
  return { payments, attempts: payments, callbacks: payments, ...ofEvents };
}

/** Starts it. */
export async function startGuarded(setting: Setting): Promise<Contestant> {
  const guarded = await startProcesses('guarded', setting);
  return withCounts(guarded, setting.databaseUrl('guarded'), { text: COUNTS, promised });
}
